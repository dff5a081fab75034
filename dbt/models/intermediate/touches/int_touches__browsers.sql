{{ config(indexes=[{'columns': ['user_pseudo_id'], 'unique': true}]) }}

-- Whose browser it is. A sign-up and a form are written down by GA4 and by the system
-- that takes them in at the same second; a user who allowed it is recognised. The
-- surest of a browser's traces counts.
with

sessions as (

    select * from {{ ref('int_touches__sessions') }}
    where
        sign_up_at is not null
        or lead_at is not null
        or user_id is not null

),

accounts as (

    select
        accounts.account_id as raw_account_id,
        accounts.country,
        accounts.created_at,
        identity.account_id
    from {{ ref('stg_app__accounts') }} as accounts
    inner join {{ ref('int_accounts__identity') }} as identity
        on accounts.account_id = identity.raw_account_id
    where not identity.is_test

),

contacts as (

    select * from {{ ref('int_touches__contacts') }}
    where lead_at is not null

),

users as (

    select
        users.user_id,
        identity.account_id
    from {{ ref('stg_app__users') }} as users
    inner join {{ ref('int_accounts__identity') }} as identity
        on users.account_id = identity.raw_account_id
    where not identity.is_test

),

traces as (

    select
        sessions.user_pseudo_id,
        accounts.account_id,
        null::bigint as contact_id,
        accounts.account_id as person_id,
        'sign_up' as stitched_by,
        1 as rank_of_trace,
        sessions.sign_up_at as seen_at
    from sessions
    inner join accounts
        on
            sessions.sign_up_at = accounts.created_at
            and sessions.country_code = accounts.country
    union all
    select
        sessions.user_pseudo_id,
        users.account_id,
        null::bigint as contact_id,
        users.account_id as person_id,
        'user_id' as stitched_by,
        2 as rank_of_trace,
        sessions.started_at as seen_at
    from sessions
    inner join users on sessions.user_id = users.user_id
    union all
    select
        sessions.user_pseudo_id,
        contacts.account_id,
        contacts.contact_id,
        contacts.person_id,
        'form' as stitched_by,
        3 as rank_of_trace,
        sessions.lead_at as seen_at
    from sessions
    inner join contacts on sessions.lead_at = contacts.lead_at

),

ranked as (

    select
        traces.*,
        row_number() over (
            partition by user_pseudo_id
            order by rank_of_trace, seen_at, person_id, contact_id
        ) as trace_no
    from traces

)

select
    user_pseudo_id,
    account_id,
    contact_id,
    person_id,
    stitched_by
from ranked
where trace_no = 1
