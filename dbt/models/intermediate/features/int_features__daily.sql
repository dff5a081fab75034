{{ config(tags=['daily'], indexes=[{'columns': ['feature_id', 'date']}]) }}

{%- set attributes = [
    'released_on', 'min_plan_tier', 'experiment_id', 'experiment_status',
    'users_on_plan', 'accounts_on_plan'
] -%}
{%- set stocks = [
    'used_7d_users', 'used_30d_users', 'used_30d_accounts', 'adopted_users',
    'adopted_accounts'
] -%}
{%- set flows = [
    'events', 'errors', 'mobile_events', 'users_used', 'accounts_used', 'new_users'
] -%}
{%- set units = [
    'control_units', 'treatment_units', 'control_conversions', 'treatment_conversions'
] -%}
{#- What each part has of its own; of anything else it has nothing. -#}
{%- set parts = {
    'stock_changes': ['kind', 'change'],
    'flows': flows,
    'experiment_flows': units,
} %}

-- One row a feature, UTC day and plan: who may use it, who does, and how often. People
-- stand under the plan their account has at the day's end, whatever it was on the day
-- of the use. Stocks are running sums over the days on which spans begin and end.
with

days as (

    -- the calendar ends with the last complete day
    select date from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

),

feature_spans as (

    select * from {{ ref('int_features__spans') }}

),

plan_spans as (

    select * from {{ ref('int_accounts__plan_spans') }}

),

eligible_spans as (

    select * from {{ ref('int_features__eligible_spans') }}

),

uses as (

    select * from {{ ref('int_features__uses_daily') }}

),

use_spans as (

    select * from {{ ref('int_features__use_spans') }}

),

units as (

    select * from {{ ref('int_experiments__units') }}

),

conversions as (

    select * from {{ ref('int_experiments__conversions') }}

),

plans as (

    select distinct
        plan_tier,
        plan_rank
    from plan_spans

),

-- people and accounts that may use the product on a plan
eligible_changes as (

    select
        plan_tier,
        greatest(valid_from, {{ course_start() }}) as date,
        count(*) as users,
        0 as accounts
    from eligible_spans
    where valid_to > {{ course_start() }}
    group by plan_tier, greatest(valid_from, {{ course_start() }})
    union all
    select
        plan_tier,
        valid_to as date,
        -count(*) as users,
        0 as accounts
    from eligible_spans
    where valid_to > {{ course_start() }}
    group by plan_tier, valid_to
    union all
    select
        plan_tier,
        greatest(starts_on, {{ course_start() }}) as date,
        0 as users,
        count(*) as accounts
    from plan_spans
    where is_open and valid_to > {{ course_start() }}
    group by plan_tier, greatest(starts_on, {{ course_start() }})
    union all
    select
        plan_tier,
        valid_to as date,
        0 as users,
        -count(*) as accounts
    from plan_spans
    where is_open and valid_to > {{ course_start() }}
    group by plan_tier, valid_to

),

eligible_by_day as (

    select
        plan_tier,
        date,
        sum(users) as users,
        sum(accounts) as accounts
    from eligible_changes
    group by plan_tier, date

),

eligible as (

    select
        days.date,
        plans.plan_tier,
        plans.plan_rank,
        sum(coalesce(changes.users, 0)) over (
            partition by plans.plan_tier order by days.date
        ) as users,
        sum(coalesce(changes.accounts, 0)) over (
            partition by plans.plan_tier order by days.date
        ) as accounts
    from days
    cross join plans
    left join eligible_by_day as changes
        on days.date = changes.date and plans.plan_tier = changes.plan_tier

),

-- spans of use cut by the account's plan
placed_spans as (

    select
        use_spans.feature_id,
        use_spans.user_id,
        use_spans.kind,
        plan_spans.plan_tier,
        plan_spans.plan_rank,
        plan_spans.is_open,
        greatest(use_spans.valid_from, plan_spans.valid_from, {{ course_start() }})
            as valid_from,
        least(use_spans.valid_to, plan_spans.valid_to) as valid_to
    from use_spans
    inner join plan_spans
        on
            use_spans.account_id = plan_spans.account_id
            and use_spans.valid_from < plan_spans.valid_to
            and plan_spans.valid_from < use_spans.valid_to
    where use_spans.valid_to > {{ course_start() }}

),

counted_spans as (

    select
        feature_id,
        plan_tier,
        kind || case when user_id is null then '_accounts' else '_users' end as kind,
        valid_from,
        valid_to
    from placed_spans
    where kind <> 'adopted' and valid_from < valid_to
    union all
    -- adoption is measured on those who may use the feature
    select
        placed_spans.feature_id,
        placed_spans.plan_tier,
        'adopted_accounts' as kind,
        greatest(placed_spans.valid_from, feature_spans.valid_from) as valid_from,
        least(placed_spans.valid_to, feature_spans.valid_to) as valid_to
    from placed_spans
    inner join feature_spans
        on
            placed_spans.feature_id = feature_spans.feature_id
            and placed_spans.plan_rank >= feature_spans.min_plan_rank
            and placed_spans.valid_from < feature_spans.valid_to
            and feature_spans.valid_from < placed_spans.valid_to
    where
        placed_spans.kind = 'adopted'
        and placed_spans.user_id is null
        and placed_spans.is_open
        and placed_spans.valid_from < placed_spans.valid_to
    union all
    select
        placed_spans.feature_id,
        placed_spans.plan_tier,
        'adopted_users' as kind,
        greatest(
            placed_spans.valid_from, feature_spans.valid_from, eligible_spans.valid_from
        ) as valid_from,
        least(placed_spans.valid_to, feature_spans.valid_to, eligible_spans.valid_to)
            as valid_to
    from placed_spans
    inner join feature_spans
        on
            placed_spans.feature_id = feature_spans.feature_id
            and placed_spans.plan_rank >= feature_spans.min_plan_rank
            and placed_spans.valid_from < feature_spans.valid_to
            and feature_spans.valid_from < placed_spans.valid_to
    inner join eligible_spans
        on
            placed_spans.user_id = eligible_spans.user_id
            and placed_spans.plan_tier = eligible_spans.plan_tier
            and placed_spans.valid_from < eligible_spans.valid_to
            and eligible_spans.valid_from < placed_spans.valid_to
    where
        placed_spans.kind = 'adopted'
        and placed_spans.is_open
        and placed_spans.valid_from < placed_spans.valid_to

),

stock_changes as (

    select
        feature_id,
        plan_tier,
        valid_from as date,
        kind,
        count(*)::int as change
    from counted_spans
    where valid_from < valid_to
    group by feature_id, plan_tier, valid_from, kind
    union all
    select
        feature_id,
        plan_tier,
        valid_to as date,
        kind,
        -count(*)::int as change
    from counted_spans
    where valid_from < valid_to
    group by feature_id, plan_tier, valid_to, kind

),

-- what happened on the day, by the plan at its end
placed_uses as (

    select
        uses.*,
        plan_spans.plan_tier,
        uses.uses > 0
        and row_number() over (
            partition by uses.user_id, uses.feature_id, uses.uses > 0 order by uses.date
        ) = 1 as is_first_use
    from uses
    inner join plan_spans
        on
            uses.account_id = plan_spans.account_id
            and uses.date >= plan_spans.valid_from
            and uses.date < plan_spans.valid_to

),

flows as (

    select
        feature_id,
        plan_tier,
        date,
        sum(events)::int as events,
        sum(errors)::int as errors,
        sum(mobile_events)::int as mobile_events,
        count(*) filter (where uses > 0) as users_used,
        count(distinct account_id) filter (where uses > 0) as accounts_used,
        count(*) filter (where is_first_use) as new_users
    from placed_uses
    where date >= {{ course_start() }}
    group by feature_id, plan_tier, date

),

active as (

    select
        plan_tier,
        date,
        count(distinct user_id) as active_users
    from placed_uses
    where uses > 0 and date >= {{ course_start() }}
    group by plan_tier, date

),

unit_events as (

    select
        units.feature_id,
        units.account_id,
        {{ utc_date('units.assigned_at') }} as date,
        case when units.variant = 'control' then 1 else 0 end as control_units,
        case when units.variant = 'treatment' then 1 else 0 end as treatment_units,
        0 as control_conversions,
        0 as treatment_conversions
    from units
    union all
    select
        units.feature_id,
        units.account_id,
        conversions.converted_on as date,
        0 as control_units,
        0 as treatment_units,
        case when units.variant = 'control' then 1 else 0 end as control_conversions,
        case when units.variant = 'treatment' then 1 else 0 end as treatment_conversions
    from units
    inner join conversions
        on
            units.experiment_id = conversions.experiment_id
            and units.unit_id = conversions.unit_id

),

experiment_flows as (

    select
        unit_events.feature_id,
        plan_spans.plan_tier,
        unit_events.date,
        sum(unit_events.control_units) as control_units,
        sum(unit_events.treatment_units) as treatment_units,
        sum(unit_events.control_conversions) as control_conversions,
        sum(unit_events.treatment_conversions) as treatment_conversions
    from unit_events
    inner join plan_spans
        on
            unit_events.account_id = plan_spans.account_id
            and unit_events.date >= plan_spans.valid_from
            and unit_events.date < plan_spans.valid_to
    group by unit_events.feature_id, plan_spans.plan_tier, unit_events.date

),

grid as (

    select
        eligible.date,
        features.feature_id,
        features.released_on,
        eligible.plan_tier,
        feature_spans.experiment_id,
        feature_spans.experiment_status,
        feature_spans.min_plan_tier,
        eligible.plan_rank >= feature_spans.min_plan_rank
        and eligible.date >= features.released_on as is_open_to_plan,
        eligible.users as users_on_plan,
        eligible.accounts as accounts_on_plan
    from eligible
    cross join features
    inner join feature_spans
        on
            features.feature_id = feature_spans.feature_id
            and eligible.date >= feature_spans.valid_from
            and eligible.date < feature_spans.valid_to

),

-- What happened on a day to a feature on a plan: rows laid together and summed, since
-- joins of such unlike sizes are guessed wrong by four orders.
laid_together as (

    {%- for part, own in parts.items() %}
    select
        date,
        feature_id,
        plan_tier,
        '{{ part }}' as told_by,
        {{ 'kind' if 'kind' in own else 'null' }} as kind,
        {%- for column in ['change'] + flows + units %}
        {{ column if column in own else 0 }} as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ part }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

happened as (

    select
        date,
        feature_id,
        plan_tier,
        bool_or(told_by = 'experiment_flows') as is_in_experiment,
        {%- for column in stocks %}
        sum(change) filter (where kind = '{{ column }}') as {{ column }},
        {%- endfor %}
        {%- for column in flows + units %}
        sum({{ column }}) as {{ column }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from laid_together
    group by date, feature_id, plan_tier

),

-- a full join is one by hashes, whatever is guessed
cells as (

    select
        coalesce(grid.date, happened.date) as date,
        coalesce(grid.feature_id, happened.feature_id) as feature_id,
        coalesce(grid.plan_tier, happened.plan_tier) as plan_tier,
        grid.feature_id is not null as is_in_grid,
        coalesce(happened.is_in_experiment, false) as is_in_experiment,
        grid.is_open_to_plan,
        {%- for column in attributes %}
        grid.{{ column }},
        {%- endfor %}
        {%- for column in stocks %}
        happened.{{ column }},
        {%- endfor %}
        {%- for column in flows + units %}
        coalesce(happened.{{ column }}, 0) as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from grid
    full join happened
        on
            grid.date = happened.date
            and grid.feature_id = happened.feature_id
            and grid.plan_tier = happened.plan_tier

),

stocks as (

    select
        date,
        feature_id,
        plan_tier,
        is_in_grid,
        is_in_experiment,
        is_open_to_plan,
        {%- for column in attributes + flows + units %}
        {{ column }},
        {%- endfor %}
        {%- for column in stocks %}
        coalesce(sum({{ column }}) over so_far, 0) as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from cells
    window so_far as (partition by feature_id, plan_tier order by date)

)

select
    stocks.date,
    stocks.feature_id,
    stocks.plan_tier,
    stocks.min_plan_tier,
    stocks.is_open_to_plan,
    {{ days_between('stocks.released_on', 'stocks.date') }} as days_since_release,
    (case when stocks.is_open_to_plan then stocks.users_on_plan else 0 end)::int
        as eligible_users,
    (case when stocks.is_open_to_plan then stocks.accounts_on_plan else 0 end)::int
        as eligible_accounts,
    coalesce(active.active_users, 0)::int as active_users,
    stocks.new_users::int as new_users,
    stocks.users_used::int as users_used,
    stocks.used_7d_users::int as users_used_7d,
    stocks.used_30d_users::int as users_used_30d,
    stocks.accounts_used::int as accounts_used,
    stocks.used_30d_accounts::int as accounts_used_30d,
    stocks.adopted_users::int as users_adopted_30d,
    stocks.adopted_accounts::int as accounts_adopted_30d,
    stocks.events::bigint as events,
    stocks.errors::int as errors,
    stocks.mobile_events::bigint as mobile_events,
    stocks.experiment_id,
    stocks.experiment_status,
    stocks.control_units::int as control_units,
    stocks.treatment_units::int as treatment_units,
    stocks.control_conversions::int as control_conversions,
    stocks.treatment_conversions::int as treatment_conversions
from stocks
left join active
    on stocks.date = active.date and stocks.plan_tier = active.plan_tier
-- a plan below the feature's shows people who came down from a higher one
where
    stocks.is_in_grid
    and (
        stocks.is_open_to_plan
        or stocks.events > 0
        or stocks.used_30d_users > 0
        or stocks.is_in_experiment
    )
