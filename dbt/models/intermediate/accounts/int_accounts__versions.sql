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
    'location_count', 'active_location_count', 'owner_name', 'is_deleted'
] %}

-- Bitemporal versions of the tracked attributes: valid_from and valid_to say when it
-- was so, recorded_at and superseded_at when it was known to be so.
with

states as (

    select * from {{ ref('int_accounts__states') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

{{ versions_of_states('states', 'account_id', tracked) }}

select * from versions
