{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[{'columns': ['subscription_id'], 'unique': true}]
) }}

-- The billing period a subscription is in. From 2024-04-30 on it stands on the items
-- instead of the subscription; a subscription that never renewed since still has it in
-- what was delivered before.
with

items as (

    select * from {{ ref('stg_stripe__subscription_item') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

deliveries as (

    select * from {{ ref('stg_stripe__subscription_history_versions') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

delivered as (

    select
        subscription_id,
        current_period_start_at,
        current_period_end_at
    from items
    union all
    select
        subscription_id,
        current_period_start_at,
        current_period_end_at
    from deliveries

)

select
    subscription_id,
    max(current_period_start_at) as current_period_start_at,
    max(current_period_end_at) as current_period_end_at
from delivered
group by subscription_id
