with

spend as (

    select
        campaign_id,
        sum(spend_usd) as spend_usd
    from ads_daily
    group by campaign_id

),

-- the MRR of a subscription on the first day it has any
first_spans as (

    select distinct on (subscription_id)
        subscription_id,
        account_id,
        valid_from,
        currency,
        mrr_local
    from mrr_spans
    where mrr_local > 0
    order by subscription_id asc, valid_from asc

),

won as (

    select
        goals.campaign_id,
        goals.account_id,
        sum(round(first_spans.mrr_local * fx.rate_to_usd, 6)) as mrr_usd
    from goals
    inner join first_spans
        on
            goals.account_id = first_spans.account_id
            and goals.goal_on = first_spans.valid_from
    inner join fx
        on first_spans.currency = fx.currency and first_spans.valid_from = fx.date
    where goals.goal = 'customer' and goals.goal_on <= as_of_date()
    group by goals.campaign_id, goals.account_id

),

by_campaign as (

    select
        campaign_id,
        count(*) as customers,
        sum(mrr_usd) as mrr_usd
    from won
    group by campaign_id

),

margins as (

    select margin
    from staging.stg_finance__gross_margin
    where month <= as_of_date()
    order by month desc
    limit 1

),

measured as (

    select
        by_campaign.campaign_id,
        campaigns.campaign_name,
        spend.spend_usd,
        by_campaign.customers,
        round(spend.spend_usd / (by_campaign.mrr_usd * margins.margin), 6)
            as payback_months
    from by_campaign
    inner join spend on by_campaign.campaign_id = spend.campaign_id
    inner join campaigns on by_campaign.campaign_id = campaigns.campaign_id
    cross join margins
    where spend.spend_usd > 0

)

select
    campaign_id,
    campaign_name,
    round(spend_usd, 2) as spend_usd,
    customers::int as new_customers,
    round(round(spend_usd / customers, 6), 2) as cac_usd,
    round(payback_months, 2) as payback_months
from measured
where payback_months > 12
order by measured.payback_months desc, campaign_id asc
