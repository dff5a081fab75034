{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='location_id',
    changes_from='int_locations__changes',
    indexes=[
        {'columns': ['location_id'], 'unique': true},
        {'columns': ['till_code']},
        {'columns': ['account_id']}
    ]
) }}

-- One row a venue of a customer as it stands now, deleted venues included.
with

venues as (

    select * from {{ ref('stg_app__locations') }}
    where {{ only_changed('int_locations__changes', 'location_id') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

final as (

    select
        -- ids
        venues.location_id,
        identity.account_id,
        -- the tills know only the end of the id; the city before it adds nothing
        upper(right(venues.location_id, 8)) as till_code,

        -- text
        venues.location_name,
        venues.venue_type,
        venues.address_line1,
        venues.city as address_city,
        venues.region as address_region,
        venues.postal_code,
        venues.country,
        venues.timezone,
        venues.currency,
        venues.location_status,
        venues.opening_hours,

        -- numbers
        venues.seating_capacity,
        venues.tap_count,
        venues.latitude,
        venues.longitude,

        -- booleans
        venues.is_deleted,

        -- dates and timestamps
        venues.opened_on,
        venues.closed_on,
        venues.created_at,
        venues.deleted_at,

        -- business days that entity_locations_daily has rows for, both included: from
        -- the first that begins after the venue was added to the one in which it closed
        greatest(
            {{ business_date('venues.created_at', 'venues.timezone') }} + 1,
            {{ course_start() }}
        ) as rows_from,
        least(
            venues.closed_on,
            {{ business_date('venues.deleted_at', 'venues.timezone') }}
        ) as rows_to
    from venues
    inner join identity on venues.account_id = identity.raw_account_id
    where not identity.is_test

)

select * from final
