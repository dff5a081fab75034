{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__changes',
    indexes=[{'columns': ['account_id']}]
) }}

-- The segment of an account at the end of each day: a day D lies in the span with
-- valid_from <= D < valid_to.
with

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where
        superseded_at = {{ far_future() }}
        and {{ only_changed('int_accounts__changes', 'account_id') }}

),

day_ends as (

    {{ versions_at_day_ends('versions', 'account_id') }}

)

select
    account_id,
    segment,
    location_count,
    {{ day_span('account_id') }}
from day_ends
