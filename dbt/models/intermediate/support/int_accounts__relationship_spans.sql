{{ config(indexes=[{'columns': ['account_id', 'valid_from'], 'unique': true}]) }}

{%- set measures = [
    'touches_90d', 'nps_answers_180d', 'nps_sum_180d', 'active_owners'
] %}

-- How close an account is to us at the end of each day: a day D lies in the span with
-- valid_from <= D < valid_to. Before the first span there was nothing.
with

touches as (

    select * from {{ ref('int_accounts__csm_touches') }}
    where is_reached

),

people as (

    select * from {{ ref('int_identity__people') }}
    where system = 'survey.nps_response' and account_id is not null

),

responses as (

    select * from {{ ref('stg_survey__nps_response') }}
    where is_answered

),

users as (

    select * from {{ ref('stg_app__users_versions') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

-- the owner is the champion: from the first day at work to the day he or she left
owners as (

    select
        identity.account_id,
        users.user_id,
        {{ first_day_shown('min(users.activated_at)') }} as first_day,
        {{ first_day_shown('min(users.updated_at) filter (
            where users.user_status = \'deactivated\' or users.deleted_at is not null
        )') }} as left_on
    from users
    inner join identity on users.account_id = identity.raw_account_id
    where users.user_role = 'owner'
    group by identity.account_id, users.user_id
    having min(users.activated_at) is not null

),

windows as (

    select
        account_id,
        {{ utc_date('touched_at') }} as date,
        90 as days,
        1 as touches_90d,
        0 as nps_answers_180d,
        0 as nps_sum_180d
    from touches
    union all
    select
        people.account_id,
        {{ utc_date('responses.responded_at') }} as date,
        180 as days,
        0 as touches_90d,
        1 as nps_answers_180d,
        responses.score as nps_sum_180d
    from responses
    inner join people on responses.nps_response_id = people.source_id

),

events as (

    select
        account_id,
        date,
        touches_90d,
        nps_answers_180d,
        nps_sum_180d,
        0 as active_owners
    from windows
    union all
    select
        account_id,
        date + days as date,
        -touches_90d as touches_90d,
        -nps_answers_180d as nps_answers_180d,
        -nps_sum_180d as nps_sum_180d,
        0 as active_owners
    from windows
    union all
    select
        account_id,
        first_day as date,
        0 as touches_90d,
        0 as nps_answers_180d,
        0 as nps_sum_180d,
        1 as active_owners
    from owners
    where left_on is null or left_on > first_day
    union all
    select
        account_id,
        left_on as date,
        0 as touches_90d,
        0 as nps_answers_180d,
        0 as nps_sum_180d,
        -1 as active_owners
    from owners
    where left_on > first_day

),

{{ running_spans('events', measures) }}
