-- At a month's end health, moves between bands and care count the same customers.
with

health as (

    select
        month,
        sum(customers) as customers,
        sum(mrr_usd) as mrr_usd
    from {{ ref('customer_success_health_daily') }}
    where is_month_end
    group by month

),

moves as (

    select
        month,
        sum(customers) as customers,
        sum(mrr_after_usd) as mrr_usd
    from {{ ref('customer_success_health_moves_monthly') }}
    where band_after <> 'none'
    group by month

),

care as (

    select
        month,
        sum(customers) as customers
    from {{ ref('customer_success_care_monthly') }}
    group by month

)

select
    health.month,
    'moves' as table_name
from health
inner join moves on health.month = moves.month
where health.customers <> moves.customers or health.mrr_usd <> moves.mrr_usd
union all
select
    health.month,
    'care' as table_name
from health
left join care on health.month = care.month
where health.customers is distinct from care.customers
