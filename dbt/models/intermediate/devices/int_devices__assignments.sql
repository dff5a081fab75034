{{ config(indexes=[
    {'columns': ['device_id', 'valid_from'], 'unique': true},
    {'columns': ['location_id']},
    {'columns': ['account_id']}
]) }}

-- Each time of a device in service at a venue of a customer, under the account the
-- venue belongs to by what is known now. Test accounts stop here.
with

assignments as (

    select * from {{ ref('stg_iot__device_assignment') }}

),

devices as (

    select * from {{ ref('stg_iot__device') }}

),

locations as (

    select * from {{ ref('stg_app__locations') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

placed as (

    select
        -- ids
        assignments.device_id,
        assignments.location_id,
        identity.account_id,

        -- text
        devices.device_type,
        devices.device_model,
        devices.production_batch,
        locations.timezone,
        locations.country,
        assignments.installer,

        -- timestamps
        assignments.installed_at as valid_from,
        coalesce(assignments.removed_at, {{ far_future() }}) as valid_to
    from assignments
    inner join devices on assignments.device_id = devices.device_id
    inner join locations on assignments.location_id = locations.location_id
    inner join identity on locations.account_id = identity.raw_account_id
    where not identity.is_test

)

select
    *,
    min(valid_from) over (partition by device_id) as first_installed_at,
    -- telemetry begins with the first whole business day and ends with the last begun
    -- one
    {{ first_business_date('valid_from', 'timezone') }} as first_day,
    case
        when valid_to = {{ far_future() }} then '9999-12-31'::date
        else {{ last_business_date('valid_to', 'timezone') }}
    end as last_day
from placed
