with

starts as (

    select
        account_id,
        (month + interval '1 month')::date as month
    from month_end_mrr
    where (month + interval '2 months - 1 day')::date <= as_of_date()

),

compared as (

    select
        starts.month,
        ends.account_id is null as is_lost
    from starts
    left join month_end_mrr as ends
        on starts.account_id = ends.account_id and starts.month = ends.month

)

select
    month,
    count(*) as logos_at_start,
    count(*) filter (where is_lost) as logos_lost,
    round(1.0 * count(*) filter (where is_lost) / count(*), 4) as logo_churn
from compared
group by month
order by month
