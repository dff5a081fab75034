{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='user_id',
    changes_from='int_users__changes',
    indexes=[
        {'columns': ['user_id']}
    ]
) }}

{%- set tracked = ['user_status', 'user_role', 'location_count', 'is_deleted'] -%}

with

versions as (

    select
        {{ hash_of(['user_id', 'valid_from', 'recorded_at']) }} as user_key,
        *
    from {{ ref('int_users__versions') }}
    where {{ only_changed('int_users__changes', 'user_id') }}

),

-- the version before, as it was known when this one was
earlier as (

    select
        versions.user_key,
        previous.user_key as prev_version_key,
        {% for column in tracked -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by versions.user_key
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from versions
    inner join versions as previous
        on
            versions.user_id = previous.user_id
            and versions.valid_from > previous.valid_from
            and versions.superseded_at <= previous.superseded_at

),

compared as (

    select
        versions.*,
        earlier.prev_version_key,
        earlier.previous_is_deleted,
        row_number() over (
            partition by versions.user_id
            order by versions.valid_from, versions.recorded_at
        )::integer as version_no,
        {{ changed_columns(tracked, 'versions', 'earlier.previous_') }}
            as changed_list
    from versions
    left join earlier
        on versions.user_key = earlier.user_key and earlier.recency = 1

)

select
    user_key,
    user_id,
    account_id,
    user_status,
    user_role as role,
    location_count,
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
        "case when prev_version_key is null then ''"
        ~ " else replace(changed_list, 'user_role', 'role') end"
    ) }} as changed_columns,
    prev_version_key,
    recorded_at,
    superseded_at,
    state_hash as row_hash
from compared
