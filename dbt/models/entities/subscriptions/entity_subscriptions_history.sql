{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[
        {'columns': ['subscription_id', 'valid_from']}
    ]
) }}

{%- set tracked = [
    'product_name', 'plan_tier', 'billing_interval', 'collection_method', 'currency',
    'quantity_locations', 'quantity_devices', 'quantity_seats', 'list_mrr_local',
    'discount_mrr_local', 'net_mrr_local', 'coupon_id', 'discount_pct',
    'subscription_status', 'cancel_at_period_end'
] %}

-- Every version of a subscription's tracked columns: SCD type 2 in valid time, with the
-- knowledge of the day beside it (bitemporal).
with

states as (

    select * from {{ ref('int_subscriptions__states') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

versions as (

    select
        subscription_id,
        account_id,
        product_name,
        plan_tier,
        billing_interval,
        collection_method,
        currency,
        quantity_locations,
        quantity_devices,
        quantity_seats,
        list_mrr_local,
        discount_mrr_local,
        mrr_local as net_mrr_local,
        coupon_id,
        discount_pct,
        subscription_status,
        is_cancel_at_period_end as cancel_at_period_end,
        subscription_status = 'canceled' as is_canceled,
        valid_from,
        valid_to,
        recorded_at,
        superseded_at,
        state_hash
    from states

),

{{ history_of_versions(
    'versions', 'subscription_key', 'subscription_id', tracked, gone='is_canceled'
) }}

select
    -- keys
    subscription_key,
    subscription_id,
    account_id,

    -- tracked columns
    product_name,
    plan_tier,
    billing_interval,
    collection_method,
    currency,
    quantity_locations,
    quantity_devices,
    quantity_seats,
    list_mrr_local,
    discount_mrr_local,
    net_mrr_local,
    coupon_id,
    discount_pct,
    subscription_status,
    cancel_at_period_end,

    -- when it was so
    valid_from,
    valid_to,
    is_current,
    version_no,
    change_type,
    changed_columns,
    prev_version_key,

    -- when we knew it so
    recorded_at,
    superseded_at,
    state_hash as row_hash
from history
