-- Licensed items with their list price a month. Stripe keeps no history of items: one
-- changed when the version began with which it was delivered.
with

timeline as (

    select
        subscription_id,
        synced_at,
        version_started_at,
        null as subscription_item_id
    from staging.stg_stripe__subscription_history_versions
    union all
    select
        subscription_id,
        synced_at,
        null as version_started_at,
        subscription_item_id
    from staging.stg_stripe__subscription_item_versions

),

latest_versions as (

    select
        subscription_id,
        subscription_item_id,
        synced_at,
        max(version_started_at) over (
            partition by subscription_id order by synced_at
        ) as valid_from
    from timeline

),

items as (

    select
        items.subscription_item_id,
        items.subscription_id,
        items.price_id,
        items.quantity,
        items._arrived_at as known_at,
        coalesce(latest_versions.valid_from, items.created_at) as valid_from,
        prices.component,
        prices.plan_tier,
        prices.currency,
        prices.interval_months,
        (items.quantity * prices.unit_amount / prices.interval_months)::numeric(18, 6)
            as list_mrr_local,
        lag(items.price_id) over in_order as previous_price_id,
        lag(items.quantity) over in_order as previous_quantity
    from staging.stg_stripe__subscription_item_versions as items
    inner join latest_versions
        on
            items.subscription_id = latest_versions.subscription_id
            and items.subscription_item_id = latest_versions.subscription_item_id
            and items.synced_at = latest_versions.synced_at
    inner join staging.stg_stripe__price as prices on items.price_id = prices.price_id
    where prices.usage_type = 'licensed' and prices.recurring_interval is not null
    window
        in_order as (
            partition by items.subscription_item_id
            order by items.synced_at, items._arrived_at
        )

)

select
    items.*,
    coalesce(
        lead(valid_from) over (
            partition by subscription_item_id order by valid_from, known_at
        ),
        '9999-12-31 00:00:00+00'::timestamptz
    ) as valid_to
from items
where
    previous_price_id is null
    or previous_price_id <> price_id
    or previous_quantity <> quantity
