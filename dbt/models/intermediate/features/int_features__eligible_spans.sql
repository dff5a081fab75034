{{ config(indexes=[{'columns': ['user_id']}]) }}

-- Who may use the product on which plan: spans of days at whose end the user's login works
-- and the account is on trial, active or past due. Day D lies in the span with
-- valid_from <= D < valid_to.
with

users as (

    select * from {{ ref('stg_app__users_versions') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}
    where not is_test

),

plan_spans as (

    select * from {{ ref('int_accounts__plan_spans') }}
    where is_open

),

logins as (

    select
        users.user_id,
        identity.account_id,
        {{ first_day_shown('min(users.activated_at)') }} as valid_from,
        coalesce(
            {{ first_day_shown(
                "min(users.updated_at) filter ("
                ~ "where users.user_status = 'deactivated' or users.is_deleted)"
            ) }},
            '9999-12-31'::date
        ) as valid_to
    from users
    inner join identity on users.account_id = identity.raw_account_id
    group by users.user_id, identity.account_id

)

select
    logins.user_id,
    logins.account_id,
    plan_spans.plan_tier,
    plan_spans.plan_rank,
    greatest(logins.valid_from, plan_spans.starts_on) as valid_from,
    least(logins.valid_to, plan_spans.valid_to) as valid_to
from logins
inner join plan_spans
    on
        logins.account_id = plan_spans.account_id
        and logins.valid_from < plan_spans.valid_to
        and plan_spans.starts_on < logins.valid_to
