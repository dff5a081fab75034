{{ config(tags=['daily']) }}

-- The last 30 complete days of each feature over all plans, the 30 days before, and how
-- it was taken up after its release.
with

daily as (

    select * from {{ ref('int_features__daily') }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

),

first_uses as (

    select * from {{ ref('int_features__first_uses') }}

),

use_spans as (

    select * from {{ ref('int_features__use_spans') }}
    where
        user_id is not null
        and valid_from <= {{ as_of_date_once() }}
        and valid_to > {{ as_of_date_once() }}

),

eligible_spans as (

    select * from {{ ref('int_features__eligible_spans') }}
    where valid_from <= {{ as_of_date_once() }} and valid_to > {{ as_of_date_once() }}

),

plans_of_features as (

    select
        spans.feature_id,
        spans.min_plan_rank
    from {{ ref('int_features__spans') }} as spans
    inner join features on spans.feature_id = features.feature_id
    where
        spans.valid_from <= {{ as_of_date_once() }}
        and spans.valid_to > {{ as_of_date_once() }}
        and features.released_on <= {{ as_of_date_once() }}

),

users as (

    select
        user_id,
        user_role
    from {{ ref('int_users__attributes') }}

),

by_day as (

    select
        feature_id,
        date,
        sum(eligible_users) as eligible_users,
        sum(eligible_accounts) as eligible_accounts,
        sum(users_used) as users_used,
        sum(users_used_30d) as users_used_30d,
        sum(accounts_used_30d) as accounts_used_30d,
        sum(users_adopted_30d) as users_adopted_30d,
        sum(accounts_adopted_30d) as accounts_adopted_30d,
        sum(events) as events,
        sum(errors) as errors,
        sum(mobile_events) as mobile_events
    from daily
    group by feature_id, date

),

today as (

    select * from by_day
    where date = {{ as_of_date_once() }}

),

month_before as (

    select * from by_day
    where date = {{ as_of_date_once() }} - 30

),

last_30_days as (

    select
        feature_id,
        sum(events) as events,
        sum(errors) as errors,
        sum(mobile_events) as mobile_events,
        sum(users_used) as user_days
    from by_day
    where date > {{ as_of_date_once() }} - 30
    group by feature_id

),

repeated as (

    select
        feature_id,
        count(*) filter (where kind = 'used_30d') as users,
        count(*) filter (where kind = 'adopted') as users_again
    from use_spans
    group by feature_id

),

-- by the role a user has now
used_by_role as (

    select
        use_spans.feature_id,
        {%- for role in user_roles() %}
        count(*) filter (where users.user_role = '{{ role }}') as {{ role }}_users
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from use_spans
    inner join users on use_spans.user_id = users.user_id
    where use_spans.kind = 'used_30d'
    group by use_spans.feature_id

),

-- adoption is measured on those who may use the feature
adopted_by_role as (

    select
        use_spans.feature_id,
        {%- for role in user_roles() %}
        count(*) filter (where users.user_role = '{{ role }}') as {{ role }}_users
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from use_spans
    inner join users on use_spans.user_id = users.user_id
    inner join plans_of_features
        on use_spans.feature_id = plans_of_features.feature_id
    inner join eligible_spans
        on
            use_spans.user_id = eligible_spans.user_id
            and plans_of_features.min_plan_rank <= eligible_spans.plan_rank
    where use_spans.kind = 'adopted'
    group by use_spans.feature_id

),

eligible_by_rank as (

    select
        eligible_spans.plan_rank,
        users.user_role,
        count(*) as users
    from eligible_spans
    inner join users on eligible_spans.user_id = users.user_id
    group by eligible_spans.plan_rank, users.user_role

),

eligible_by_role as (

    select
        plans_of_features.feature_id,
        {%- for role in user_roles() %}
        sum(users) filter (where user_role = '{{ role }}') as {{ role }}_users
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from plans_of_features
    inner join eligible_by_rank as by_rank
        on plans_of_features.min_plan_rank <= by_rank.plan_rank
    group by plans_of_features.feature_id

),

-- the feature's own first 30 and 90 days, for those released while the tracker ran
launches as (

    select
        features.feature_id,
        min(1.0 * by_day.users_adopted_30d / nullif(by_day.eligible_users, 0)) filter (
            where by_day.date = features.released_on + 29
        ) as adoption_30d_after_release,
        min(1.0 * by_day.users_adopted_30d / nullif(by_day.eligible_users, 0)) filter (
            where by_day.date = features.released_on + 89
        ) as adoption_90d_after_release
    from features
    inner join by_day on features.feature_id = by_day.feature_id
    where features.released_on > {{ tracking_start() }}
    group by features.feature_id

),

first_times as (

    select
        feature_id,
        percentile_cont(0.5) within group (order by days_to_first_use)
            as median_days_to_first_use,
        -- those who began in the 30 days whose fifth week is over
        avg(case when is_retained_w4 then 1.0 when not is_retained_w4 then 0.0 end)
        filter (where first_used_on > {{ as_of_date_once() }} - 64) as retention_w4
    from first_uses
    group by feature_id

)

select
    features.feature_id,
    coalesce(today.eligible_accounts, 0)::int as eligible_accounts,
    coalesce(today.eligible_users, 0)::int as eligible_users,
    coalesce(today.accounts_used_30d, 0)::int as accounts_used_30d,
    coalesce(today.users_used_30d, 0)::int as users_used_30d,
    {%- for role in user_roles() %}
    coalesce(eligible_by_role.{{ role }}_users, 0)::int as eligible_users_{{ role }},
    coalesce(used_by_role.{{ role }}_users, 0)::int as users_used_30d_{{ role }},
    coalesce(adopted_by_role.{{ role }}_users, 0)::int as users_adopted_30d_{{ role }},
    {%- endfor %}
    coalesce(today.accounts_adopted_30d, 0)::int as accounts_adopted_30d,
    coalesce(today.users_adopted_30d, 0)::int as users_adopted_30d,
    round(1.0 * today.accounts_adopted_30d / nullif(today.eligible_accounts, 0), 6)
        as adoption_rate_accounts_30d,
    round(1.0 * today.users_adopted_30d / nullif(today.eligible_users, 0), 6)
        as adoption_rate_users_30d,
    round(
        1.0 * month_before.users_adopted_30d / nullif(month_before.eligible_users, 0), 6
    ) as adoption_rate_users_prev_30d,
    round(launches.adoption_30d_after_release, 6) as adoption_30d_after_release,
    round(launches.adoption_90d_after_release, 6) as adoption_90d_after_release,
    round(first_times.median_days_to_first_use::numeric, 6) as median_days_to_first_use,
    coalesce(last_30_days.events, 0)::bigint as events_30d,
    coalesce(last_30_days.errors, 0)::int as errors_30d,
    round(1.0 * last_30_days.errors / nullif(last_30_days.events, 0), 6)
        as error_rate_30d,
    round(1.0 * last_30_days.events / nullif(today.users_used_30d, 0), 6)
        as events_per_user_30d,
    round(1.0 * last_30_days.mobile_events / nullif(last_30_days.events, 0), 6)
        as mobile_share_30d,
    round(last_30_days.user_days / 30.0 / nullif(today.users_used_30d, 0), 6)
        as stickiness_30d,
    round(1.0 * repeated.users_again / nullif(repeated.users, 0), 6)
        as repeat_use_rate_30d,
    round(first_times.retention_w4, 6) as retention_w4
from features
left join today on features.feature_id = today.feature_id
left join month_before on features.feature_id = month_before.feature_id
left join last_30_days on features.feature_id = last_30_days.feature_id
left join launches on features.feature_id = launches.feature_id
left join used_by_role on features.feature_id = used_by_role.feature_id
left join adopted_by_role on features.feature_id = adopted_by_role.feature_id
left join eligible_by_role on features.feature_id = eligible_by_role.feature_id
left join repeated on features.feature_id = repeated.feature_id
left join first_times on features.feature_id = first_times.feature_id
