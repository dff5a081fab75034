-- id: Q27
-- question: Is the churn score calibrated (score decile against the outcome 90 days
--     later)?
-- dashboard: Customer Success
-- difficulty: hard
-- tables: entity_customers_daily
-- key: decile
-- reading: The customers of 90 days ago in ten groups by the score of that day. Where
--     the share that left follows the mean score, the score may be read as a
--     probability; where it only rises, it may be used for ranking. In a small company
--     a decile is a handful of customers.
-- excludes: Trials. The row of the day holds the score as it was computed from that
--     day's facts, so nothing of the outcome is in it.

with

scored as (

    select
        account_id,
        churn_probability_90d,
        ntile(10) over (order by churn_probability_90d, account_id) as decile
    from entities.entity_customers_daily
    where date = as_of_date() - 90 and churn_probability_90d is not null

),

left_since as (

    select distinct account_id
    from entities.entity_customers_daily
    where date > as_of_date() - 90 and is_churned_logo

)

select
    scored.decile,
    count(*) as customers,
    round(avg(scored.churn_probability_90d), 4) as mean_score,
    count(left_since.account_id) as customers_left,
    round(1.0 * count(left_since.account_id) / count(*), 4) as share_left
from scored
left join left_since on scored.account_id = left_since.account_id
group by scored.decile
order by scored.decile
