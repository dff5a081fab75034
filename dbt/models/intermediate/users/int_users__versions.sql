{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='user_id',
    changes_from='int_users__changes',
    indexes=[{'columns': ['user_id']}]
) }}

{%- set is_changed = only_changed('int_users__changes', 'user_id') %}
{%- set tracked = ['user_status', 'user_role', 'location_count', 'is_deleted'] %}

-- Bitemporal versions of what is tracked of a user: valid_from and valid_to say when it
-- was so, recorded_at and superseded_at when it was known to be so.
with

logins as (

    select * from {{ ref('stg_app__users_versions') }}
    where {{ is_changed }}

),

roles as (

    select * from {{ ref('stg_app__user_location_roles_versions') }}
    where {{ is_changed }}

),

attributes as (

    select * from {{ ref('int_users__attributes') }}
    where {{ is_changed }}

),

-- the state of the login, and one venue more or less to look after
events as (

    select
        logins.user_id,
        case
            when
                row_number() over (
                    partition by logins.user_id
                    order by logins.updated_at, logins._arrived_at
                ) = 1
                then logins.created_at
            else logins.updated_at
        end as valid_from,
        logins._arrived_at as arrived_at,
        logins._arrived_at as login_arrived_at,
        logins.user_status,
        logins.user_role,
        logins.is_deleted,
        0 as venues
    from logins
    union all
    select
        roles.user_id,
        greatest(roles.granted_at, attributes.created_at) as valid_from,
        min(roles._arrived_at) as arrived_at,
        null as login_arrived_at,
        null as user_status,
        null as user_role,
        null as is_deleted,
        1 as venues
    from roles
    inner join attributes on roles.user_id = attributes.user_id
    group by roles.user_id, roles.location_id, roles.granted_at, attributes.created_at
    union all
    select
        roles.user_id,
        greatest(roles.revoked_at, attributes.created_at) as valid_from,
        min(roles._arrived_at) as arrived_at,
        null as login_arrived_at,
        null as user_status,
        null as user_role,
        null as is_deleted,
        -1 as venues
    from roles
    inner join attributes on roles.user_id = attributes.user_id
    where roles.revoked_at is not null
    group by
        roles.user_id, roles.location_id, roles.granted_at, roles.revoked_at,
        attributes.created_at

),

{{ moments_of_events('events', 'user_id', {
    'venues': 'sum(events.venues)',
    'login_arrived_at': 'max(events.login_arrived_at)',
}) }},

counted as (

    select
        moments.*,
        (
            sum(venues) over (
                partition by user_id, epoch_no order by valid_from
            )
        )::integer as location_count,
        count(login_arrived_at) over (
            partition by user_id, epoch_no order by valid_from
        ) as login_no
    from moments

),

-- the newest version of the login at each of its own moments
login_moments as (

    select
        counted.user_id,
        counted.epoch_no,
        counted.login_no,
        events.user_status,
        events.user_role,
        events.is_deleted
    from counted
    inner join events
        on
            counted.user_id = events.user_id
            and counted.valid_from = events.valid_from
            and counted.login_arrived_at = events.login_arrived_at

),

states as (

    select
        counted.user_id,
        counted.epoch_no,
        counted.known_from,
        counted.known_until,
        counted.valid_from,
        counted.arrived_at,
        login_moments.user_status,
        login_moments.user_role,
        counted.location_count,
        login_moments.is_deleted
    from counted
    inner join login_moments
        on
            counted.user_id = login_moments.user_id
            and counted.epoch_no = login_moments.epoch_no
            and counted.login_no = login_moments.login_no

),

{{ versions_of_states('states', 'user_id', tracked) }}

select
    versions.user_id,
    attributes.account_id,
    versions.valid_from,
    versions.valid_to,
    versions.recorded_at,
    versions.superseded_at,
    {% for column in tracked -%}
    versions.{{ column }},
    {% endfor -%}
    versions.state_hash
from versions
inner join attributes on versions.user_id = attributes.user_id
