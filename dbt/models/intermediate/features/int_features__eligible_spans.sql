{{ config(indexes=[{'columns': ['user_id']}]) }}

-- Who may use the product on which plan: spans of days at whose end the user's login
-- works and the account is on trial, active or past due. Day D lies in the span with
-- valid_from <= D < valid_to.
with

users as (

    select * from {{ ref('int_users__attributes') }}

),

plan_spans as (

    select * from {{ ref('int_accounts__plan_spans') }}
    where is_open

),

logins as (

    select
        user_id,
        account_id,
        {{ first_day_shown('activated_at') }} as valid_from,
        coalesce({{ first_day_shown('left_at') }}, '9999-12-31'::date) as valid_to
    from users
    where activated_at is not null

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
