{{ config(materialized='table') }}

-- All that the measures of growth and retention are made of, by month and kind of
-- customer, so that a rate of any group is the quotient of two sums.
with

mrr_daily as (

    select * from {{ ref('executive_mrr_daily') }}

),

-- the last day of each month; of the running one its last complete day
month_ends as (

    select distinct
        month,
        date
    from mrr_daily
    where is_month_end

),

customers_at_ends as (

    select
        month_ends.month,
        customers_daily.account_id,
        customers_daily.segment,
        customers_daily.country,
        customers_daily.plan_tier,
        customers_daily.is_customer,
        customers_daily.mrr_constant_fx_usd,
        customers_daily.mrr_constant_fx_12m_ago_usd,
        customers_daily.mrr_retained_gross_12m_usd,
        customers_daily.mrr_usd * customers_daily.churn_probability_90d
            as mrr_at_risk_usd,
        (month_ends.month + interval '1 month')::date as next_month
    from month_ends
    inner join {{ ref('entity_customers_daily') }} as customers_daily
        on month_ends.date = customers_daily.date

),

by_group as (

    select
        month,
        segment,
        country,
        plan_tier,
        sum(mrr_usd) filter (where is_month_end) as mrr_usd,
        sum(mrr_constant_fx_usd) filter (where is_month_end) as mrr_constant_fx_usd,
        sum(customers) filter (where is_month_end) as customers,
        sum(paying_customers) filter (where is_month_end) as paying_customers,
        sum(opening_mrr_usd) filter (where date = month) as opening_mrr_usd,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(mrr_expansion_usd) as mrr_expansion_usd,
        sum(mrr_reactivation_usd) as mrr_reactivation_usd,
        sum(mrr_contraction_usd) as mrr_contraction_usd,
        sum(mrr_churn_usd) as mrr_churn_usd,
        sum(mrr_fx_usd) as mrr_fx_usd,
        sum(new_logos) as new_logos,
        sum(churned_logos) as churned_logos
    from mrr_daily
    group by month, segment, country, plan_tier

),

at_ends as (

    select
        month,
        segment,
        country,
        plan_tier,
        sum(mrr_at_risk_usd) filter (where is_customer) as mrr_at_risk_usd,
        sum(mrr_constant_fx_usd) filter (where mrr_constant_fx_12m_ago_usd > 0)
            as mrr_now_usd,
        sum(mrr_constant_fx_12m_ago_usd) as mrr_12m_ago_usd,
        sum(mrr_retained_gross_12m_usd) as mrr_retained_gross_usd
    from customers_at_ends
    group by month, segment, country, plan_tier

),

-- who lived at the end of the month before, in the group of that day
at_starts as (

    select
        this_end.month,
        last_end.segment,
        last_end.country,
        last_end.plan_tier,
        count(*) as customers_at_start,
        count(*) filter (where not this_end.is_customer) as customers_lost
    from customers_at_ends as last_end
    inner join customers_at_ends as this_end
        on
            last_end.account_id = this_end.account_id
            and last_end.next_month = this_end.month
    where last_end.is_customer
    group by this_end.month, last_end.segment, last_end.country, last_end.plan_tier

),

-- a group may have had customers at the start of a month and none in it
all_groups as (

    select
        month,
        segment,
        country,
        plan_tier
    from by_group
    union distinct
    select
        month,
        segment,
        country,
        plan_tier
    from at_starts

)

select
    all_groups.month,
    all_groups.segment,
    all_groups.country,
    all_groups.plan_tier,
    to_char(all_groups.month, 'YYYY-MM') as period,
    to_char(all_groups.month, 'YYYY-"Q"Q') as quarter_name,
    {{ as_of_date_once() }} - month_ends.date as days_ago,
    {{ as_of_date_once() }}
    >= (all_groups.month + interval '1 month')::date - 1 as is_complete,
    coalesce(by_group.mrr_usd, 0) as mrr_usd,
    12 * coalesce(by_group.mrr_usd, 0) as arr_usd,
    coalesce(by_group.mrr_constant_fx_usd, 0) as mrr_constant_fx_usd,
    coalesce(by_group.customers, 0) as customers,
    coalesce(by_group.paying_customers, 0) as paying_customers,
    coalesce(by_group.opening_mrr_usd, 0) as opening_mrr_usd,
    coalesce(by_group.mrr_new_usd, 0) as mrr_new_usd,
    coalesce(by_group.mrr_expansion_usd, 0) as mrr_expansion_usd,
    coalesce(by_group.mrr_reactivation_usd, 0) as mrr_reactivation_usd,
    coalesce(by_group.mrr_contraction_usd, 0) as mrr_contraction_usd,
    coalesce(by_group.mrr_churn_usd, 0) as mrr_churn_usd,
    coalesce(by_group.mrr_fx_usd, 0) as mrr_fx_usd,
    coalesce(by_group.new_logos, 0) as new_logos,
    coalesce(by_group.churned_logos, 0) as churned_logos,
    coalesce(at_starts.customers_at_start, 0) as customers_at_start,
    coalesce(at_starts.customers_lost, 0) as customers_lost,
    at_ends.mrr_now_usd,
    at_ends.mrr_12m_ago_usd,
    at_ends.mrr_retained_gross_usd,
    coalesce(at_ends.mrr_at_risk_usd, 0) as mrr_at_risk_usd
from all_groups
inner join month_ends on all_groups.month = month_ends.month
left join by_group
    on
        all_groups.month = by_group.month
        and all_groups.segment = by_group.segment
        and all_groups.country = by_group.country
        and all_groups.plan_tier = by_group.plan_tier
left join at_ends
    on
        all_groups.month = at_ends.month
        and all_groups.segment = at_ends.segment
        and all_groups.country = at_ends.country
        and all_groups.plan_tier = at_ends.plan_tier
left join at_starts
    on
        all_groups.month = at_starts.month
        and all_groups.segment = at_starts.segment
        and all_groups.country = at_starts.country
        and all_groups.plan_tier = at_starts.plan_tier
