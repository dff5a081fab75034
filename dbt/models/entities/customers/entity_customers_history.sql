{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__changes',
    indexes=[
        {'columns': ['account_id']}
    ]
) }}

{%- set tracked = [
    'customer_status', 'plan_tier', 'billing_interval', 'seats_purchased', 'segment',
    'location_count', 'active_location_count', 'is_deleted'
] -%}

with

versions as (

    select
        {{ hash_of(['account_id', 'valid_from', 'recorded_at']) }} as customer_key,
        *
    from {{ ref('int_accounts__versions') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

-- the version before, as it was known when this one was
earlier as (

    select
        versions.customer_key,
        previous.customer_key as prev_version_key,
        {% for column in tracked -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by versions.customer_key
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from versions
    inner join versions as previous
        on
            versions.account_id = previous.account_id
            and versions.valid_from > previous.valid_from
            and versions.superseded_at <= previous.superseded_at

),

compared as (

    select
        versions.*,
        earlier.prev_version_key,
        earlier.previous_is_deleted,
        row_number() over (
            partition by versions.account_id
            order by versions.valid_from, versions.recorded_at
        )::integer as version_no,
        {{ changed_columns(tracked, 'versions', 'earlier.previous_') }}
            as changed_list
    from versions
    left join earlier
        on versions.customer_key = earlier.customer_key and earlier.recency = 1

)

select
    customer_key,
    account_id,
    customer_status,
    plan_tier,
    billing_interval,
    seats_purchased,
    segment,
    location_count,
    active_location_count,
    is_deleted,
    valid_from,
    valid_to,
    valid_to = {{ far_future() }} and superseded_at = {{ far_future() }} as is_current,
    version_no,
    case
        when prev_version_key is null then 'insert'
        when is_deleted and not previous_is_deleted then 'delete'
        when previous_is_deleted and not is_deleted then 'restore'
        else 'update'
    end as change_type,
    {{ split_list(
        "case when prev_version_key is null then '' else changed_list end"
    ) }} as changed_columns,
    prev_version_key,
    case
        when prev_version_key is null or customer_status in ('trial', 'expired_trial')
            then 'app'
        when
            changed_list like '%customer_status%'
            or changed_list like '%plan_tier%'
            or changed_list like '%billing_interval%'
            or changed_list like '%seats_purchased%'
            then 'stripe'
        else 'app'
    end as source_system,
    recorded_at,
    superseded_at,
    state_hash as row_hash
from compared
