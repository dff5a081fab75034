{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='location_id',
    changes_from='int_locations__changes',
    indexes=[
        {'columns': ['location_id', 'valid_from']}
    ]
) }}

{%- set tracked = ['location_status', 'is_deleted', 'tap_count', 'device_count'] %}

-- Every version of a venue's tracked columns: SCD type 2 in valid time, with the
-- knowledge of the day beside it (bitemporal).
with

states as (

    select * from {{ ref('int_locations__versions') }}
    where {{ only_changed('int_locations__changes', 'location_id') }}

),

venues as (

    select * from {{ ref('int_locations__attributes') }}

),

versions as (

    select
        {{ hash_of(['states.location_id', 'states.valid_from', 'states.recorded_at']) }}
            as location_key,
        states.*,
        venues.account_id
    from states
    inner join venues on states.location_id = venues.location_id

),

-- the version before, as it was known when this one was
earlier as (

    select
        versions.location_key,
        previous.location_key as prev_version_key,
        {% for column in tracked -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by versions.location_key
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from versions
    inner join versions as previous
        on
            versions.location_id = previous.location_id
            and versions.valid_from > previous.valid_from
            and versions.superseded_at <= previous.superseded_at

),

compared as (

    select
        versions.*,
        earlier.prev_version_key,
        earlier.previous_is_deleted,
        row_number() over (
            partition by versions.location_id
            order by versions.valid_from, versions.recorded_at
        ) as version_no,
        {{ changed_columns(tracked, 'versions', 'earlier.previous_') }}
            as changed_list
    from versions
    left join earlier
        on versions.location_key = earlier.location_key and earlier.recency = 1

),

final as (

    select
        -- keys
        location_key,
        location_id,
        account_id,

        -- tracked columns
        location_status,
        tap_count,
        device_count,
        is_deleted,

        -- when it was so
        valid_from,
        valid_to,
        valid_to = {{ far_future() }} and superseded_at = {{ far_future() }}
            as is_current,
        version_no::int as version_no,
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
            when prev_version_key is not null and changed_list = 'device_count'
                then 'iot'
            else 'app'
        end as source_system,

        -- when we knew it so
        recorded_at,
        superseded_at,
        state_hash as row_hash
    from compared

)

select * from final
