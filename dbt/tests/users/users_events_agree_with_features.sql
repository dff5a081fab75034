-- Value events of people and uses of features are the same events, counted by two
-- models.
with

users as (

    select
        date,
        sum(events) as events,
        sum(errors) as errors
    from {{ ref('entity_users_daily') }}
    group by date

),

features as (

    select
        date,
        sum(uses) as events,
        sum(errors) as errors
    from {{ ref('int_features__uses_daily') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date() }}
    group by date

)

select coalesce(users.date, features.date) as date
from users
full outer join features on users.date = features.date
where
    coalesce(users.events, 0) <> coalesce(features.events, 0)
    or coalesce(users.errors, 0) <> coalesce(features.errors, 0)
