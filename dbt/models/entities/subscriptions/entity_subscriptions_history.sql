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
        {{ hash_of(['subscription_id', 'valid_from', 'recorded_at']) }}
            as subscription_key,
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
        valid_from,
        valid_to,
        recorded_at,
        superseded_at,
        state_hash
    from states

),

-- the version before, as it was known when this one was
pairs as (

    select
        versions.subscription_key,
        earlier.subscription_key as prev_version_key,
        row_number() over (
            partition by versions.subscription_key
            order by earlier.valid_from desc, earlier.superseded_at desc
        ) as recency
    from versions
    inner join versions as earlier
        on
            versions.subscription_id = earlier.subscription_id
            and versions.valid_from > earlier.valid_from
            and versions.superseded_at <= earlier.superseded_at

),

compared as (

    select
        versions.*,
        row_number() over (
            partition by versions.subscription_id
            order by versions.valid_from, versions.recorded_at
        ) as version_no,
        pairs.prev_version_key,
        earlier.subscription_status as previous_status,
        concat_ws(
            ','
            {%- for column in tracked %},
            case
                when versions.{{ column }} is distinct from earlier.{{ column }}
                    then '{{ column }}'
            end
            {%- endfor %}
        ) as changed_list
    from versions
    left join pairs
        on versions.subscription_key = pairs.subscription_key and pairs.recency = 1
    left join versions as earlier on pairs.prev_version_key = earlier.subscription_key

),

final as (

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
        valid_to = {{ far_future() }} and superseded_at = {{ far_future() }}
            as is_current,
        version_no::int as version_no,
        case
            when prev_version_key is null then 'insert'
            when subscription_status = 'canceled' and previous_status <> 'canceled'
                then 'delete'
            when previous_status = 'canceled' and subscription_status <> 'canceled'
                then 'restore'
            else 'update'
        end as change_type,
        {{ split_list(
            "case when prev_version_key is null then '' else changed_list end"
        ) }} as changed_columns,
        prev_version_key,

        -- when we knew it so
        recorded_at,
        superseded_at,
        state_hash as row_hash
    from compared

)

select * from final
