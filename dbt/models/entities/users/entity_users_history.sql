{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='user_id',
    changes_from='int_users__changes',
    indexes=[
        {'columns': ['user_id']}
    ]
) }}

{%- set tracked = ['user_status', 'role', 'location_count', 'is_deleted'] -%}

with

versions as (

    select
        user_id,
        account_id,
        user_status,
        user_role as role,
        location_count,
        is_deleted,
        valid_from,
        valid_to,
        recorded_at,
        superseded_at,
        state_hash
    from {{ ref('int_users__versions') }}
    where {{ only_changed('int_users__changes', 'user_id') }}

),

{{ history_of_versions(
    'versions', 'user_key', 'user_id', tracked, gone='is_deleted'
) }}

select
    user_key,
    user_id,
    account_id,
    user_status,
    role,
    location_count,
    is_deleted,
    valid_from,
    valid_to,
    is_current,
    version_no,
    change_type,
    changed_columns,
    prev_version_key,
    recorded_at,
    superseded_at,
    state_hash as row_hash
from history
