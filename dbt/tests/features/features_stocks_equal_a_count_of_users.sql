-- The running sums of spans, counted the plain way on the last day and 100 days before:
-- distinct users of the last 7 and 30 days, and eligible users with two days of use.
with

days as (

    select {{ as_of_date_once() }} as date
    union all
    select {{ as_of_date_once() }} - 100 as date

),

by_user as (

    select
        days.date,
        uses.feature_id,
        uses.user_id,
        count(*) as days_used,
        max(uses.date) as last_used_on
    from days
    inner join {{ ref('int_features__uses_daily') }} as uses
        on uses.date > days.date - 30 and uses.date <= days.date
    where uses.uses > 0
    group by days.date, uses.feature_id, uses.user_id

),

counted as (

    select
        by_user.date,
        by_user.feature_id,
        count(*) as users_used_30d,
        count(*) filter (where by_user.last_used_on > by_user.date - 7)
            as users_used_7d,
        sum(
            case
                when
                    by_user.days_used >= 2
                    and eligible.plan_rank >= {{ plan_rank('features.min_plan_tier') }}
                    then 1
                else 0
            end
        ) as users_adopted_30d
    from by_user
    inner join {{ ref('entity_features') }} as features
        on by_user.feature_id = features.feature_id
    left join {{ ref('int_features__eligible_spans') }} as eligible
        on
            by_user.user_id = eligible.user_id
            and by_user.date >= eligible.valid_from
            and by_user.date < eligible.valid_to
    group by by_user.date, by_user.feature_id

),

shown as (

    select
        days.date,
        daily.feature_id,
        sum(daily.users_used_7d) as users_used_7d,
        sum(daily.users_used_30d) as users_used_30d,
        sum(daily.users_adopted_30d) as users_adopted_30d
    from days
    inner join {{ ref('entity_features_daily') }} as daily on days.date = daily.date
    group by days.date, daily.feature_id

)

select
    shown.date,
    shown.feature_id
from shown
left join counted
    on shown.date = counted.date and shown.feature_id = counted.feature_id
where
    shown.users_used_7d <> coalesce(counted.users_used_7d, 0)
    or shown.users_used_30d <> coalesce(counted.users_used_30d, 0)
    or shown.users_adopted_30d <> coalesce(counted.users_adopted_30d, 0)
