{{ config(materialized='table') }}

-- The steps of two funnels under one another, so that a chart can draw them.
with

campaigns_daily as (

    select * from {{ ref('entity_campaigns_daily') }}

),

by_month as (

    select
        channel,
        channel_group,
        date_trunc('month', date)::date as month,
        sum(new_visitors) as new_visitors,
        sum(sign_ups) as sign_ups,
        sum(trials) as trials,
        sum(new_customers_last_touch) as new_customers,
        sum(leads) as leads,
        sum(mqls) as mqls,
        sum(sqls) as sqls,
        sum(deals_won) as deals_won
    from campaigns_daily
    group by channel, channel_group, date_trunc('month', date)

)

select
    by_month.month,
    to_char(by_month.month, 'YYYY-MM') as period,
    by_month.channel,
    by_month.channel_group,
    step.funnel,
    step.step_no,
    step.step_name,
    case step.step_name
        when 'first visits' then by_month.new_visitors
        when 'sign-ups' then by_month.sign_ups
        when 'trials' then by_month.trials
        when 'first payments' then by_month.new_customers
        when 'form fills' then by_month.leads
        when 'marketing qualified' then by_month.mqls
        when 'sales qualified' then by_month.sqls
        when 'deals won' then by_month.deals_won
    end as step_count
from by_month
cross join
    (
        values
        ('self_service', 1, 'first visits'),
        ('self_service', 2, 'sign-ups'),
        ('self_service', 3, 'trials'),
        ('self_service', 4, 'first payments'),
        ('sales', 1, 'form fills'),
        ('sales', 2, 'marketing qualified'),
        ('sales', 3, 'sales qualified'),
        ('sales', 4, 'deals won')
    ) as step (funnel, step_no, step_name)
