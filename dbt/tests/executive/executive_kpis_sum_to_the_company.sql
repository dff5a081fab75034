-- The groups of a month sum to the company's bridge and retention.
with

kpis as (

    select
        month,
        sum(mrr_usd) as mrr_usd,
        sum(mrr_usd - opening_mrr_usd) as moved_usd,
        sum(new_logos) as new_logos,
        sum(churned_logos) as churned_logos,
        sum(customers) as customers,
        sum(customers_at_start) as customers_at_start,
        sum(customers_lost) as customers_lost,
        sum(mrr_now_usd) as mrr_now_usd,
        sum(mrr_12m_ago_usd) as mrr_12m_ago_usd,
        sum(mrr_retained_gross_usd) as mrr_retained_gross_usd
    from {{ ref('executive_kpis_monthly') }}
    group by month

),

moved as (

    select
        month,
        sum(mrr_moved_usd) as moved_usd
    from {{ ref('executive_mrr_movements_monthly') }}
    group by month

)

select
    kpis.month,
    'bridge' as table_name
from kpis
inner join {{ ref('executive_mrr_bridge_monthly') }} as bridge
    on kpis.month = bridge.month
inner join moved on kpis.month = moved.month
where
    kpis.mrr_usd is distinct from bridge.closing_mrr_usd
    or kpis.moved_usd is distinct from moved.moved_usd
    or kpis.new_logos is distinct from bridge.new_logos
    or kpis.churned_logos is distinct from bridge.churned_logos
union all
select
    kpis.month,
    'retention' as table_name
from kpis
inner join {{ ref('executive_retention_monthly') }} as retention
    on kpis.month = retention.month and retention.segment = 'all'
where
    kpis.customers is distinct from retention.customers_at_end
    or kpis.customers_at_start
    is distinct from coalesce(retention.customers_at_start, 0)
    or kpis.customers_lost is distinct from coalesce(retention.customers_lost, 0)
    or kpis.mrr_now_usd is distinct from retention.mrr_now_usd
    or kpis.mrr_12m_ago_usd is distinct from retention.mrr_12m_ago_usd
    or kpis.mrr_retained_gross_usd is distinct from retention.mrr_retained_gross_usd
