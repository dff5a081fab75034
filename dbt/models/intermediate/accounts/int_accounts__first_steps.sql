{{ config(tags=['daily'], indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- How an account began with its devices. Telemetry is kept for 13 months: the first
-- pour of an account that had its devices before is not told, rather than told wrong.
with

assignments as (

    select * from {{ ref('int_devices__assignments') }}
    where valid_from < {{ as_of() }}

),

venue_days as (

    select * from {{ ref('int_accounts__venues_daily') }}
    where pours > 0

),

installed as (

    select
        account_id,
        min(valid_from) as first_device_installed_at
    from assignments
    group by account_id

)

select
    installed.account_id,
    installed.first_device_installed_at,
    poured.date as first_pour_on
from installed
left join lateral (
    select venue_days.date
    from venue_days
    where
        venue_days.account_id = installed.account_id
        and {{ utc_date('installed.first_device_installed_at') }}
        > {{ as_of_date_once() }} - 365
    order by venue_days.date
    limit 1
) as poured on true
