{{ config(indexes=[{'columns': ['account_id']}]) }}

-- Who looked after an account from when on: the owner of its company in HubSpot, a
-- salesperson before the purchase and customer success after it.
with

companies as (

    select * from {{ ref('int_identity__companies') }}
    where system = 'hubspot.company' and account_id is not null

),

changes as (

    select * from {{ ref('stg_hubspot__company_property_history') }}
    where property_name = 'hubspot_owner_id' and property_value is not null

),

owners as (

    select * from {{ ref('stg_hubspot__owner') }}

),

tests as (

    select distinct account_id
    from {{ ref('int_accounts__identity') }}
    where is_test

)

select
    companies.account_id,
    changes.property_value::bigint as owner_id,
    owners.owner_name,
    owners.team,
    changes.changed_at as valid_from,
    changes._arrived_at as arrived_at
from changes
inner join companies on changes.company_id::text = companies.source_id
left join owners on changes.property_value::bigint = owners.owner_id
left join tests on companies.account_id = tests.account_id
where tests.account_id is null
