{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='user_id',
    changes_from='int_users__changes',
    indexes=[
        {'columns': ['user_id'], 'unique': true},
        {'columns': ['account_id']}
    ]
) }}

-- One row a login of a customer as it stands now; users of test accounts are left out.
with

users as (

    select * from {{ ref('stg_app__users') }}
    where {{ only_changed('int_users__changes', 'user_id') }}

),

roles as (

    select * from {{ ref('stg_app__user_location_roles') }}
    where {{ only_changed('int_users__changes', 'user_id') }}

),

versions as (

    select * from {{ ref('stg_app__users_versions') }}
    where {{ only_changed('int_users__changes', 'user_id') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

locations as (

    select
        user_id,
        count(distinct location_id)::integer as location_count
    from roles
    where revoked_at is null
    group by user_id

),

-- the row of a user tells when it last changed, not since when the login is closed
closings as (

    select
        user_id,
        min(updated_at) as deactivated_at
    from versions
    where user_status = 'deactivated'
    group by user_id

)

select
    -- ids
    users.user_id,
    identity.account_id,
    users.account_id as raw_account_id,
    users.invited_by_user_id,

    -- text
    users.email_hash,
    users.email_domain,
    users.user_role,
    users.user_status,
    users.locale,
    users.timezone,
    accounts.account_name,
    accounts.country,

    -- numbers
    coalesce(locations.location_count, 0) as location_count,

    -- booleans
    users.is_deleted,
    users.is_erased,

    -- timestamps
    users.created_at,
    users.invited_at,
    users.activated_at,
    case when users.user_status = 'deactivated' then closings.deactivated_at end
        as deactivated_at,
    users.deleted_at,
    least(
        case when users.user_status = 'deactivated' then closings.deactivated_at end,
        users.deleted_at
    ) as left_at,

    -- days
    {{ utc_date('users.created_at') }} as signup_on
from users
inner join identity
    on users.account_id = identity.raw_account_id and not identity.is_test
inner join accounts on identity.account_id = accounts.account_id
left join locations on users.user_id = locations.user_id
left join closings on users.user_id = closings.user_id
