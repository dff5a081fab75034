{{ config(
    tags=['daily'],
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__news',
    grain_date='date',
    also_delete='late_days_of_health',
    indexes=[
        {'columns': ['account_id', 'date'], 'unique': true},
        {'columns': ['date']},
        {'columns': ['band_changed_on']}
    ]
) }}

{%- set is_changed = only_changed('int_accounts__news', 'account_id') %}
{%- set first_day = first_day_of_health() %}
{%- set factors = health_weights() %}

-- Six factors, the health score made of them and the risk of leaving, at the end of
-- each day on which an account is on trial or a customer. Nothing that came after the
-- day enters its row. In an incremental build the accounts with news get all their
-- days, the others their last ones, for which 55 days before them are read.
with

care as (

    select * from {{ ref('int_accounts__care_spans') }}

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

days as (

    select * from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date() }}

),

usage as (

    select * from {{ ref('int_accounts__usage_daily') }}

),

first_usage as (

    select min(date) as date
    from usage

),

devices as (

    select * from {{ ref('int_accounts__devices_daily') }}

),

plans as (

    select distinct
        plan_tier,
        plan_rank
    from {{ ref('int_accounts__plan_spans') }}

),

features as (

    select
        spans.min_plan_rank,
        greatest(spans.valid_from, features.released_on) as valid_from,
        spans.valid_to
    from {{ ref('int_features__spans') }} as spans
    inner join {{ ref('int_features__attributes') }} as features
        on spans.feature_id = features.feature_id

),

-- how many features a plan had on a day
plan_days as (

    select
        days.date,
        plans.plan_tier,
        count(*)::integer as features_eligible
    from days
    cross join plans
    inner join features
        on
            plans.plan_rank >= features.min_plan_rank
            and days.date >= features.valid_from
            and days.date < features.valid_to
    group by days.date, plans.plan_tier

),

{% if is_incremental() -%}
changed_pieces as (

    select * from care
    where {{ is_changed }}

),

{% endif -%}
account_days as (

    select
        days.date,
        care.*
    from care
    inner join days
        on
            days.date >= care.first_day
            and days.date <= care.last_day
    {% if is_incremental() %}
    where days.date >= {{ first_day }} - 55
    union all
    select
        days.date,
        changed_pieces.*
    from changed_pieces
    inner join days
        on
            days.date >= changed_pieces.first_day
            and days.date <= changed_pieces.last_day
    where days.date < {{ first_day }} - 55
    {% endif %}

),

summed as (

    select
        account_days.*,
        account_days.date - {{ utc_date('attributes.signup_at') }} + 1
            as days_since_signup,
        plan_days.features_eligible,
        -- where no product events are loaded, usage is unknown and not none
        (select max(date) from first_usage) is not null as has_usage,
        coalesce(usage.active_users_30d, 0) as people,
        coalesce(usage.features_used_30d, 0) as features_used_30d,
        sum(coalesce(usage.active_users, 0)) over four_weeks as person_days,
        sum(coalesce(usage.events, 0)) over four_weeks as events_28d,
        sum(coalesce(usage.events, 0)) over weeks_before as events_28d_before,
        sum(coalesce(devices.outages, 0)) over four_weeks as outages_28d,
        sum(coalesce(devices.device_count, 0)) over four_weeks as device_days,
        sum(coalesce(devices.device_count - devices.devices_online, 0)) over four_weeks
            as silent_days
    from account_days
    inner join attributes on account_days.account_id = attributes.account_id
    left join plan_days
        on
            account_days.plan_tier = plan_days.plan_tier
            and account_days.date = plan_days.date
    left join usage
        on
            account_days.account_id = usage.account_id
            and account_days.date = usage.date
    left join devices
        on
            account_days.account_id = devices.account_id
            and account_days.date = devices.date
    window
        four_weeks as (
            partition by account_days.account_id
            order by account_days.date rows 27 preceding
        ),
        weeks_before as (
            partition by account_days.account_id
            order by account_days.date rows between 55 preceding and 28 preceding
        )

),

-- in double precision, which is many times quicker than exact numbers, and rounded at
-- the end; `offset 0` keeps each step from being worked out anew wherever it is named
measured as (

    select
        date,
        account_id,
        customer_status,
        billing_interval,
        coalesce(overdue_subscriptions, 0) > 0 as is_overdue,
        coalesce(ending_subscriptions, 0) > 0 as is_ending,
        coalesce(touches_90d, 0) > 0 as is_touched,
        coalesce(active_owners, 0) < 1 as has_no_owner,
        coalesce(failed_payments_90d, 0) as failed_payments_90d,
        coalesce(open_tickets, 0) as open_tickets,
        coalesce(tickets_30d, 0) as tickets_30d,
        coalesce(p1_tickets_90d, 0) as p1_tickets_90d,
        1 - good_ratings_90d::double precision / nullif(ratings_90d, 0) as bad_share,
        nps_sum_180d::double precision / nullif(nps_answers_180d, 0) as nps_180d,
        case
            when has_usage
                then {{ usage_level('person_days', 'people', 'days_since_signup') }}
        end as usage_level,
        case
            when days_since_signup >= 56
                then {{ relative_change('events_28d', 'events_28d_before') }}
        end as usage_change,
        case
            when has_usage
                then features_used_30d::double precision / nullif(features_eligible, 0)
        end as used_share,
        outages_28d * 28::double precision / nullif(device_days, 0)
            as outages_per_device,
        silent_days::double precision / nullif(device_days, 0) as silent_share,
        {{ days_to_renewal('date', 'term_started_on', 'term_months') }}
            as days_to_renewal
    from summed
    where
        customer_status in ('trial', 'active', 'past_due', 'paused')
        {%- if is_incremental() %}
        -- one day more than is built tells whether the band changed
        and (date >= {{ first_day }} - 1 or {{ is_changed }})
        {%- endif %}
    offset 0  -- noqa: AM09

),

scored as (

    select
        measured.*,
        {{ factor_score(
            "case when usage_change is null then usage_level"
            ~ " else 0.8 * usage_level + 0.2 * (50 + 50 * usage_change) end"
        ) }} as health_usage,
        {{ factor_score('100 * used_share / 0.9') }} as health_adoption,
        {{ factor_score(
            "100 - 12 * least(4, outages_per_device) - 200 * silent_share"
        ) }} as health_device,
        {{ factor_score(
            "100 - 20 * open_tickets - 8 * tickets_30d - 15 * p1_tickets_90d"
            ~ " - 30 * coalesce(bad_share, 0)"
        ) }} as health_support,
        {{ factor_score(
            "100 - case when is_ending then 100 else 0 end"
            ~ " - case when is_overdue then 60 else 0 end"
            ~ " - 15 * least(3, failed_payments_90d)"
        ) }} as health_billing,
        {{ factor_score(
            "60 + coalesce(14 * (nps_180d - 7), 0)"
            ~ " - case when has_no_owner then 50 else 0 end"
            ~ " + case when is_touched then 5 else 0 end"
        ) }} as health_relationship
    from measured
    offset 0  -- noqa: AM09

),

weighed as (

    select
        scored.*,
        round(((
            {% for factor, weight in factors.items() -%}
            {{ weight }} * coalesce(health_{{ factor }}, 0)
            {%- if not loop.last %} + {% endif %}
            {% endfor -%}
        ) / (
            {% for factor, weight in factors.items() -%}
            case when health_{{ factor }} is null then 0 else {{ weight }} end
            {%- if not loop.last %} + {% endif %}
            {% endfor -%}
        ))::numeric, 1) as health_score
    from scored
    offset 0  -- noqa: AM09

),

-- a trial has nothing to cancel yet
risked as (

    select
        weighed.*,
        case
            when customer_status <> 'trial'
                then
                    {{ chance_of(churn_points(
                        'health_score', 'billing_interval', 'days_to_renewal',
                        'is_ending', 'is_overdue'
                    )) }}
        end as churn_probability_90d,
        case
            when customer_status <> 'trial'
                then
                    {{ chance_of(expansion_points(
                        'health_usage', 'billing_interval', 'is_ending'
                    )) }}
        end as expansion_probability_90d
    from weighed
    offset 0  -- noqa: AM09

),

final as (

    select
        date,
        account_id,
        health_usage,
        health_adoption,
        health_device,
        health_support,
        health_billing,
        health_relationship,
        health_score,
        {{ score_band('health_score') }} as health_band,
        churn_probability_90d,
        {{ risk_band('churn_probability_90d') }} as churn_risk_band,
        case
            when customer_status = 'trial' then null
            when is_ending then 'cancellation'
            when is_overdue then 'payment'
            else {{ weakest_factor(factors) }}
        end as churn_risk_top_driver,
        expansion_probability_90d,
        round(usage_change::numeric, 4) as usage_trend_28d,
        lag(date) over account_days as previous_date,
        lag({{ score_band('health_score') }}) over account_days as previous_band
    from risked
    window account_days as (partition by account_id order by date)

)

select
    date,
    account_id,
    health_usage,
    health_adoption,
    health_device,
    health_support,
    health_billing,
    health_relationship,
    health_score,
    health_band,
    churn_probability_90d,
    churn_risk_band,
    churn_risk_top_driver,
    expansion_probability_90d,
    usage_trend_28d,
    -- the day itself where the band is not that of the day before: history reads these
    case
        when previous_date = date - 1 and previous_band = health_band then null
        else date
    end as band_changed_on
from final
{% if is_incremental() %}
where date >= {{ first_day }} or {{ is_changed }}
{% endif %}
