{{
    config(
        materialized='incremental',
        incremental_strategy='by_key',
        unique_key='account_id',
        changes_from='int_accounts__news',
        grain_date='date',
        also_delete='restated_customer_rows',
        indexes=[
            {'columns': ['account_id', 'date'], 'unique': true},
            {'columns': [
                'date', 'plan_tier', 'is_customer',
                'active_users', 'active_users_7d', 'active_users_30d'
            ]}
        ]
    )
}}

{%- set is_changed = only_changed('int_accounts__news', 'account_id') %}

{%- set restated_days = restated_customer_days() %}

{%- set is_reattributed = reattributed_accounts() %}

with

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }}

),

days as (

    select * from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date() }}

),

mrr as (

    select * from {{ ref('int_accounts__mrr_daily') }}

),

-- read a second time, not joined twice: each reading finds its days by the index
mrr_year_ago as (

    select * from {{ ref('int_accounts__mrr_daily') }}

),

sm_days as (

    select * from {{ ref('int_accounts__sm_daily') }}

),

acquisition as (

    select * from {{ ref('int_accounts__acquisition') }}

),

usage as (

    select * from {{ ref('int_accounts__usage_daily') }}

),

devices as (

    select * from {{ ref('int_accounts__devices_daily') }}

),

venues as (

    select * from {{ ref('int_accounts__venues_daily') }}

),

ticket_days as (

    select * from {{ ref('int_accounts__support_daily') }}

),

ticket_spans as (

    select * from {{ ref('int_accounts__support_spans') }}

),

survey_days as (

    select * from {{ ref('int_accounts__surveys_daily') }}

),

csm_touch_days as (

    select
        account_id,
        {{ utc_date('touched_at') }} as date,
        count(*)::integer as csm_touches
    from {{ ref('int_accounts__csm_touches') }}
    where is_reached
    group by account_id, {{ utc_date('touched_at') }}

),

health as (

    select * from {{ ref('int_accounts__health_daily') }}

),

-- what was so at the end of the day, whatever is so today
account_versions as (

    select
        attributes.account_id,
        attributes.country,
        attributes.signup_at,
        attributes.trial_started_at,
        attributes.trial_converted_at,
        versions.segment,
        versions.customer_status,
        versions.plan_tier,
        versions.billing_interval,
        greatest(
            attributes.rows_from, {{ first_day_shown('versions.valid_from') }}
        ) as first_day,
        least(
            coalesce(attributes.rows_to, '9999-12-31'::date),
            {{ first_day_shown('versions.valid_to') }} - 1
        ) as last_day
    from attributes
    inner join versions on attributes.account_id = versions.account_id

),

{% if is_incremental() -%}
changed_versions as (

    select * from account_versions
    where {{ is_changed }} or {{ is_reattributed }}

),

{% endif -%}
account_days as (

    select
        days.date,
        account_versions.*
    from account_versions
    inner join days
        on
            days.date >= account_versions.first_day
            and days.date <= account_versions.last_day
    {% if is_incremental() %}
    where days.date > {{ built_date() }} or {{ restated_days }}
    union all
    -- accounts that changed get their older days anew as well
    select
        days.date,
        changed_versions.*
    from changed_versions
    inner join days
        on
            days.date >= changed_versions.first_day
            and days.date <= changed_versions.last_day
    where not (days.date > {{ built_date() }} or {{ restated_days }})
    {% endif %}

),

year_apart as (

    select
        account_days.*,
        (date - interval '1 year')::date as date_12m_ago
    from account_days

),

joined as (

    select
        year_apart.date,
        year_apart.account_id,
        year_apart.segment,
        year_apart.country,
        year_apart.plan_tier,
        year_apart.billing_interval,
        year_apart.customer_status,
        year_apart.customer_status in ('active', 'past_due', 'paused')
            as is_customer,
        coalesce(mrr.mrr_usd, 0) > 0 as is_paying,
        year_apart.customer_status = 'trial' as is_trialing,
        date_trunc('month', {{ utc_date('year_apart.signup_at') }})::date
            as signup_cohort_month,
        acquisition.acquisition_channel,
        coalesce(mrr.mrr_usd, 0) as mrr_usd,
        12 * coalesce(mrr.mrr_usd, 0) as arr_usd,
        coalesce(mrr.mrr_constant_fx_usd, 0) as mrr_constant_fx_usd,
        coalesce(mrr.opening_mrr_usd, 0) as opening_mrr_usd,
        coalesce(mrr.mrr_new_usd, 0) as mrr_new_usd,
        coalesce(mrr.mrr_expansion_usd, 0) as mrr_expansion_usd,
        coalesce(mrr.mrr_contraction_usd, 0) as mrr_contraction_usd,
        coalesce(mrr.mrr_churn_usd, 0) as mrr_churn_usd,
        coalesce(mrr.mrr_reactivation_usd, 0) as mrr_reactivation_usd,
        coalesce(mrr.mrr_fx_usd, 0) as mrr_fx_usd,
        -- the year before is known from the course's second year on
        case
            when year_apart.date_12m_ago >= {{ course_start() }}
                then coalesce(year_ago.mrr_usd, 0)
        end as mrr_12m_ago_usd,
        case
            when year_apart.date_12m_ago >= {{ course_start() }}
                then coalesce(year_ago.mrr_constant_fx_usd, 0)
        end as mrr_constant_fx_12m_ago_usd,
        case
            when year_apart.date_12m_ago >= {{ course_start() }}
                then
                    least(
                        coalesce(mrr.mrr_constant_fx_usd, 0),
                        coalesce(year_ago.mrr_constant_fx_usd, 0)
                    )
        end as mrr_retained_gross_12m_usd,
        coalesce(mrr.is_new_logo, false) as is_new_logo,
        coalesce(mrr.is_churned_logo, false) as is_churned_logo,
        coalesce(
            year_apart.date
            = {{ first_day_shown('year_apart.trial_started_at') }},
            false
        ) as is_trial_start,
        coalesce(
            year_apart.date
            = {{ first_day_shown('year_apart.trial_converted_at') }},
            false
        ) as is_trial_conversion,
        sm_days.sm_spend_allocated_usd,
        coalesce(mrr.cash_collected_usd, 0) as cash_collected_usd,
        coalesce(mrr.refunds_usd, 0) as refunds_usd,
        coalesce(usage.active_users, 0) as active_users,
        coalesce(usage.active_users_7d, 0) as active_users_7d,
        coalesce(usage.active_users_30d, 0) as active_users_30d,
        coalesce(usage.events, 0) as events,
        coalesce(usage.sessions, 0) as sessions,
        coalesce(usage.features_used_30d, 0) as features_used_30d,
        coalesce(devices.device_count, 0) as device_count,
        coalesce(devices.devices_online, 0) as devices_online,
        -- older telemetry is not kept
        (
            case
                when year_apart.date > {{ as_of_date_once() }} - 365
                    then devices.device_uptime_pct
            end
        )::numeric(18, 6) as device_uptime_pct,
        venues.pour_volume_l::numeric(18, 6) as pour_volume_l,
        venues.pos_revenue_usd::numeric(18, 6) as pos_revenue_usd,
        coalesce(ticket_days.tickets_opened, 0) as tickets_opened,
        coalesce(ticket_spans.open_tickets, 0) as tickets_open,
        coalesce(ticket_days.p1_tickets_opened, 0) as p1_tickets_opened,
        coalesce(ticket_days.tickets_first_replied, 0) as tickets_first_replied,
        ticket_days.first_reply_minutes,
        coalesce(ticket_days.tickets_solved, 0) as tickets_solved,
        coalesce(ticket_days.tickets_reopened, 0) as tickets_reopened,
        ticket_days.solving_minutes,
        coalesce(ticket_days.csat_ratings, 0) as csat_ratings,
        coalesce(ticket_days.csat_good_ratings, 0) as csat_good_ratings,
        coalesce(survey_days.nps_invitations, 0) as nps_invitations,
        coalesce(survey_days.nps_answers, 0) as nps_answers,
        coalesce(survey_days.nps_promoters, 0) as nps_promoters,
        coalesce(survey_days.nps_detractors, 0) as nps_detractors,
        coalesce(csm_touch_days.csm_touches, 0) as csm_touches,
        health.health_score::numeric(5, 1) as health_score,
        health.health_band,
        health.churn_probability_90d::numeric(6, 4) as churn_probability_90d,
        health.churn_risk_band
    from year_apart
    inner join sm_days on year_apart.date = sm_days.date
    left join mrr
        on
            year_apart.account_id = mrr.account_id
            and year_apart.date = mrr.date
    left join mrr_year_ago as year_ago
        on
            year_apart.account_id = year_ago.account_id
            and year_apart.date_12m_ago = year_ago.date
    left join acquisition on year_apart.account_id = acquisition.account_id
    left join usage
        on
            year_apart.account_id = usage.account_id
            and year_apart.date = usage.date
    left join devices
        on
            year_apart.account_id = devices.account_id
            and year_apart.date = devices.date
    left join venues
        on
            year_apart.account_id = venues.account_id
            and year_apart.date = venues.date
    left join ticket_days
        on
            year_apart.account_id = ticket_days.account_id
            and year_apart.date = ticket_days.date
    left join survey_days
        on
            year_apart.account_id = survey_days.account_id
            and year_apart.date = survey_days.date
    left join csm_touch_days
        on
            year_apart.account_id = csm_touch_days.account_id
            and year_apart.date = csm_touch_days.date
    left join ticket_spans
        on
            year_apart.account_id = ticket_spans.account_id
            and year_apart.date >= ticket_spans.valid_from
            and year_apart.date < ticket_spans.valid_to
    left join health
        on
            year_apart.account_id = health.account_id
            and year_apart.date = health.date

)

select * from joined
