{{ config(materialized='view') }}

-- Venue versions under their account as it is known today, test accounts left out.
with

versions as (

    select * from {{ ref('stg_app__locations_versions') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

customers_only as (

    select
        identity.account_id,
        versions.location_id,
        versions.location_status,
        versions.is_deleted,
        versions._arrived_at as arrived_at,
        case
            when
                row_number() over (
                    partition by versions.location_id
                    order by versions.updated_at, versions._arrived_at
                ) = 1
                then least(versions.created_at, versions.updated_at)
            else versions.updated_at
        end as valid_from
    from versions
    inner join identity on versions.account_id = identity.raw_account_id
    where not identity.is_test

)

select
    account_id,
    location_id,
    valid_from,
    arrived_at,
    location_status <> 'closed' and not is_deleted as is_counted,
    location_status = 'open' and not is_deleted as is_open
from customers_only
