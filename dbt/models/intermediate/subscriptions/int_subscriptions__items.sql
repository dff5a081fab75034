{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[
        {'columns': ['subscription_id']}
    ]
) }}

-- One row a version of a licensed item of a subscription, with its list price a month.
-- Metered items and one-time prices never enter MRR and are left out.
with

deliveries as (

    select * from {{ ref('stg_stripe__subscription_history_versions') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

items as (

    select * from {{ ref('stg_stripe__subscription_item_versions') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

prices as (

    select * from {{ ref('stg_stripe__price') }}

),

products as (

    select * from {{ ref('stg_stripe__product') }}

),

-- Stripe keeps no history of items. One run of the connector delivers an item together
-- with the version of the subscription that changed it, so the item changed when that
-- one began.
timeline as (

    select
        subscription_id,
        synced_at,
        version_started_at,
        null as subscription_item_id
    from deliveries
    union all
    select
        subscription_id,
        synced_at,
        null as version_started_at,
        subscription_item_id
    from items

),

latest_versions as (

    select
        subscription_id,
        subscription_item_id,
        synced_at,
        max(version_started_at) over (
            partition by subscription_id
            order by synced_at
        ) as valid_from
    from timeline

),

dated as (

    select
        items.subscription_item_id,
        items.subscription_id,
        items.price_id,
        items.quantity,
        coalesce(latest_versions.valid_from, items.created_at) as valid_from,
        items._arrived_at as known_at,
        prices.component,
        prices.plan_tier,
        prices.generation as plan_generation,
        products.product_name,
        prices.currency,
        prices.billing_interval,
        prices.unit_amount,
        prices.interval_months,
        greatest(items._batch_seq, prices._batch_seq) as batch_seq,
        lag(items.price_id) over (
            partition by items.subscription_item_id
            order by items.synced_at, items._arrived_at
        ) as previous_price_id,
        lag(items.quantity) over (
            partition by items.subscription_item_id
            order by items.synced_at, items._arrived_at
        ) as previous_quantity
    from items
    inner join latest_versions
        on
            items.subscription_id = latest_versions.subscription_id
            and items.subscription_item_id = latest_versions.subscription_item_id
            and items.synced_at = latest_versions.synced_at
    inner join prices on items.price_id = prices.price_id
    left join products on prices.product_id = products.product_id
    where
        prices.usage_type = 'licensed'
        and prices.recurring_interval is not null

),

final as (

    select
        subscription_item_id,
        subscription_id,
        price_id,
        component,
        plan_tier,
        plan_generation,
        product_name,
        currency,
        billing_interval,
        interval_months,
        quantity,
        unit_amount,
        (quantity * unit_amount / interval_months)::numeric(18, 6) as list_mrr_local,
        valid_from,
        known_at,
        {{ is_known_late('valid_from', 'known_at') }} as is_late,
        batch_seq
    from dated
    where
        previous_price_id is null
        or previous_price_id <> price_id
        or previous_quantity <> quantity

)

select * from final
