-- No use is lost or doubled on its way to the plans: events, errors and users of each
-- feature and day.
with

uses as (

    select
        feature_id,
        date,
        sum(events) as events,
        sum(errors) as errors,
        count(distinct user_id) filter (where uses > 0) as users_used
    from {{ ref('int_features__uses_daily') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date_once() }}
    group by feature_id, date

),

days as (

    select
        feature_id,
        date,
        sum(events) as events,
        sum(errors) as errors,
        sum(users_used) as users_used
    from {{ ref('entity_features_daily') }}
    group by feature_id, date

)

select
    uses.feature_id,
    uses.date
from uses
left join days on uses.feature_id = days.feature_id and uses.date = days.date
where
    days.feature_id is null
    or uses.events <> days.events
    or uses.errors <> days.errors
    or uses.users_used <> days.users_used
