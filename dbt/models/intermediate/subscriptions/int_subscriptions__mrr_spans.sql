{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[
        {'columns': ['subscription_id']},
        {'columns': ['account_id']}
    ]
) }}

-- Spans of UTC days over which a subscription ends each day in the same state, to the
-- best of today's knowledge. A movement happens on the first day of a span.
with

states as (

    select * from {{ ref('int_subscriptions__states') }}
    where
        superseded_at = {{ far_future() }}
        and {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

dated as (

    select
        states.subscription_id,
        states.account_id,
        {{ first_day_shown('states.valid_from') }} as valid_from,
        case
            when states.valid_to = {{ far_future() }} then '9999-12-31'::date
            else {{ first_day_shown('states.valid_to') }}
        end as valid_to,
        states.subscription_status,
        states.is_alive,
        states.is_cancel_at_period_end,
        states.collection_method,
        states.plan_tier,
        states.product_name,
        states.billing_interval,
        states.quantity_locations,
        states.quantity_devices,
        states.quantity_seats,
        states.currency,
        states.list_mrr_local,
        states.discount_mrr_local,
        states.mrr_local,
        states.discount_pct,
        states.coupon_id
    from states

),

-- a state that came and went within a day is never seen at a day's end
day_ends as (

    select
        dated.*,
        subscription_status in ('canceled', 'incomplete_expired') as is_over
    from dated
    where valid_from < valid_to

),

neighbours as (

    select
        day_ends.*,
        coalesce(lag(mrr_local) over earlier, 0)::numeric(18, 6) as opening_mrr_local,
        coalesce(lag(is_alive) over earlier, false) as was_alive,
        lag(subscription_status) over earlier as previous_status,
        coalesce(lag(is_cancel_at_period_end) over earlier, false)
            as was_to_be_cancelled,
        coalesce(
            max(mrr_local) over (
                partition by subscription_id
                order by valid_from
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) > 0 as has_paid_before,
        min(valid_from) over (partition by subscription_id) as first_day,
        min(case when mrr_local > 0 then valid_from end) over (
            partition by subscription_id
        ) as first_paid_on,
        max(case when not is_over then valid_to end) over (
            partition by subscription_id
        ) as over_since
    from day_ends
    window earlier as (partition by subscription_id order by valid_from)

),

moved as (

    select
        neighbours.*,
        (mrr_local - opening_mrr_local)::numeric(18, 6) as movement_mrr_local,
        case
            when mrr_local = opening_mrr_local then 'none'
            when not has_paid_before then 'new'
            when was_alive and is_alive and mrr_local > opening_mrr_local
                then 'expansion'
            when was_alive and is_alive then 'contraction'
            when was_alive then 'churn'
            else 'reactivation'
        end as movement_type,
        not was_alive and is_alive as is_life_start,
        was_alive and not is_alive as is_life_end
    from neighbours

),

final as (

    select
        -- ids
        subscription_id,
        account_id,

        -- days
        valid_from,
        valid_to,

        -- state at the end of each of these days
        subscription_status,
        is_alive,
        is_over,
        is_cancel_at_period_end,
        collection_method,
        plan_tier,
        product_name,
        billing_interval,
        quantity_locations,
        quantity_devices,
        quantity_seats,
        currency,
        list_mrr_local,
        discount_mrr_local,
        mrr_local,
        discount_pct,
        coupon_id,

        -- the movement of the first of these days
        opening_mrr_local,
        movement_mrr_local,
        movement_type,
        is_life_start,
        is_life_end,
        case
            when not is_life_end then null
            when
                subscription_status = 'unpaid'
                or (previous_status = 'past_due' and not was_to_be_cancelled)
                then 'involuntary'
            else 'voluntary'
        end as churn_type,

        -- when MRR last moved, before this span and up to it
        max(case when movement_type <> 'none' then valid_from end) over (
            partition by subscription_id
            order by valid_from
            rows between unbounded preceding and 1 preceding
        ) as previous_mrr_changed_on,
        max(case when movement_type <> 'none' then valid_from end) over (
            partition by subscription_id
            order by valid_from
        ) as mrr_changed_on,

        first_paid_on,

        -- the days a subscription has a row for: from its start to the day it is over
        first_day as rows_from,
        case
            when over_since is null then first_day + 1
            when over_since = '9999-12-31'::date then over_since
            else over_since + 1
        end as rows_to
    from moved

)

select * from final
