{{ config(materialized='view') }}

-- What the application knew of an account, version by version: trial end, plan,
-- deletion. An account's life begins with the first sign-up among the accounts merged
-- into it.
with

versions as (

    select * from {{ ref('stg_app__accounts_versions') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

signups as (

    select
        identity.account_id,
        min(versions.created_at) as signup_at
    from versions
    inner join identity on versions.account_id = identity.raw_account_id
    where not identity.is_test
    group by identity.account_id

)

select
    versions.account_id,
    signups.signup_at,
    versions._arrived_at as arrived_at,
    versions.trial_ends_at,
    versions.plan_tier,
    versions.is_deleted,
    case
        when
            row_number() over (
                partition by versions.account_id
                order by versions.updated_at, versions._arrived_at
            ) = 1
            then signups.signup_at
        else greatest(versions.updated_at, signups.signup_at)
    end as valid_from
from versions
inner join signups on versions.account_id = signups.account_id
