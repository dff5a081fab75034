{{ config(materialized='view') }}

-- Who is who in all systems: one row a person or company and system.
with

companies as (

    select * from {{ ref('int_identity__companies') }}

),

people as (

    select * from {{ ref('int_identity__people') }}

),

tests as (

    select distinct account_id
    from {{ ref('int_accounts__identity') }}
    where is_test

),

rows_of_all as (

    select
        'company' as kind,
        system,
        source_id,
        account_id,
        null::text as user_id,
        matched_by
    from companies
    union all
    select
        'person' as kind,
        system,
        source_id,
        account_id,
        user_id,
        matched_by
    from people

)

select
    rows_of_all.*,
    tests.account_id is not null as is_test
from rows_of_all
left join tests on rows_of_all.account_id = tests.account_id
