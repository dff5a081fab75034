{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__changes',
    indexes=[
        {'columns': ['account_id']}
    ]
) }}

-- The tracked attributes of an account at every moment of int_accounts__moments, from
-- what was known in that epoch.
with

moments as (

    select * from {{ ref('int_accounts__moments') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

plans as (

    select * from {{ ref('int_accounts__plans') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

locations as (

    select * from {{ ref('int_accounts__locations') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

owners as (

    select * from {{ ref('int_accounts__owners') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

subscription_states as (

    select * from {{ ref('int_subscriptions__states') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

plan_at as (

    {{ known_at_moments(
        'plans', 'account_id', ['trial_ends_at', 'plan_tier', 'is_deleted']
    ) }}

),

owner_at as (

    {{ known_at_moments(
        'owners', 'account_id', ['owner_name'], then_by=['owner_id']
    ) }}

),

location_at as (

    {{ known_at_moments(
        'locations', 'account_id', ['is_counted', 'is_open'], part='location_id'
    ) }}

),

location_counts as (

    select
        account_id,
        epoch_no,
        valid_from,
        sum(case when is_counted then 1 else 0 end)::integer as location_count,
        sum(case when is_open then 1 else 0 end)::integer as active_location_count
    from location_at
    where rank_newest = 1
    group by account_id, epoch_no, valid_from

),

subscription_at as (

    select
        moments.account_id,
        moments.epoch_no,
        moments.valid_from,
        states.subscription_id,
        states.subscription_status,
        states.is_alive,
        states.plan_tier,
        states.billing_interval,
        states.quantity_seats,
        states.mrr_local,
        states.valid_from as state_from,
        bool_or(states.is_alive) over (
            partition by moments.account_id, moments.epoch_no, moments.valid_from
        ) as has_ever_lived,
        row_number() over (
            partition by
                moments.account_id, moments.epoch_no, moments.valid_from,
                states.subscription_id
            order by states.valid_from desc, states.recorded_at desc
        ) as rank_newest
    from moments
    inner join subscription_states as states
        on
            moments.account_id = states.account_id
            and moments.valid_from >= states.valid_from
            and moments.known_until > states.recorded_at
            and moments.known_until <= states.superseded_at

),

-- the subscription that speaks for the account: alive first, then the one with most MRR
ranked_subscriptions as (

    select
        subscription_at.*,
        row_number() over (
            partition by account_id, epoch_no, valid_from
            order by
                is_alive desc,
                subscription_status = 'trialing' desc,
                mrr_local desc,
                state_from desc,
                subscription_id asc
        ) as rank_main
    from subscription_at
    where rank_newest = 1

),

subscription_summary as (

    select
        account_id,
        epoch_no,
        valid_from,
        bool_or(has_ever_lived) as has_ever_lived,
        bool_or(is_alive) as is_alive,
        bool_or(subscription_status = 'active') as has_active,
        bool_or(subscription_status = 'past_due') as has_past_due,
        bool_or(subscription_status = 'trialing') as has_trialing,
        coalesce(sum(quantity_seats) filter (where is_alive), 0)::integer
            as seats_purchased,
        max(plan_tier) filter (where rank_main = 1) as plan_tier,
        max(billing_interval) filter (where rank_main = 1) as billing_interval
    from ranked_subscriptions
    group by account_id, epoch_no, valid_from

)

select
    moments.account_id,
    moments.epoch_no,
    moments.known_from,
    moments.known_until,
    moments.valid_from,
    moments.arrived_at,
    case
        when subscription_summary.has_active then 'active'
        when subscription_summary.has_past_due then 'past_due'
        when subscription_summary.is_alive then 'paused'
        when subscription_summary.has_ever_lived then 'churned'
        when subscription_summary.has_trialing then 'trial'
        when plan_at.trial_ends_at <= moments.valid_from then 'expired_trial'
        else 'trial'
    end as customer_status,
    coalesce(subscription_summary.plan_tier, plan_at.plan_tier) as plan_tier,
    subscription_summary.billing_interval,
    coalesce(subscription_summary.seats_purchased, 0) as seats_purchased,
    coalesce(location_counts.location_count, 0) as location_count,
    coalesce(location_counts.active_location_count, 0) as active_location_count,
    {{ segment('coalesce(location_counts.location_count, 0)') }} as segment,
    owner_at.owner_name,
    coalesce(plan_at.is_deleted, false) as is_deleted
from moments
left join plan_at
    on
        moments.account_id = plan_at.account_id
        and moments.epoch_no = plan_at.epoch_no
        and moments.valid_from = plan_at.valid_from
        and plan_at.rank_newest = 1
left join owner_at
    on
        moments.account_id = owner_at.account_id
        and moments.epoch_no = owner_at.epoch_no
        and moments.valid_from = owner_at.valid_from
        and owner_at.rank_newest = 1
left join location_counts
    on
        moments.account_id = location_counts.account_id
        and moments.epoch_no = location_counts.epoch_no
        and moments.valid_from = location_counts.valid_from
left join subscription_summary
    on
        moments.account_id = subscription_summary.account_id
        and moments.epoch_no = subscription_summary.epoch_no
        and moments.valid_from = subscription_summary.valid_from
