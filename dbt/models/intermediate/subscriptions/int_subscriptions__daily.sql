{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    grain_date='date',
    indexes=[
        {'columns': ['subscription_id', 'date'], 'unique': true},
        {'columns': ['date']}
    ]
) }}

-- One row a subscription and UTC day: what it was worth at the day's end, how that
-- differs from the day before, and what was billed, paid and earned on the day.
with

changes as (

    select * from {{ ref('int_subscriptions__changes') }}

),

spans as (

    select * from {{ ref('int_subscriptions__mrr_spans') }}

),

days as (

    select * from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }} and date <= {{ as_of_date() }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

budget_rates as (

    select * from {{ ref('int_finance__budget_rate') }}

),

invoices as (

    select * from {{ ref('int_invoices__invoices') }}
    where is_billed and subscription_id is not null

),

all_flows as (

    select * from {{ ref('int_invoices__daily') }}

),

schedule as (

    select * from {{ ref('int_invoices__revenue_schedule') }}
    where subscription_id is not null

),

-- what to build: every day of the subscriptions that changed, new days of the others
scope as (

    select
        changes.subscription_id,
        case
            when changes.batch_seq > {{ built_through() }} then '1900-01-01'::date
            else {{ built_date() }} + 1
        end as build_from
    from changes

),

flows as (

    select all_flows.*
    from all_flows
    inner join scope on all_flows.subscription_id = scope.subscription_id
    where all_flows.date >= scope.build_from

),

revenue as (

    select
        schedule.subscription_id,
        days.date,
        sum(
            case
                when
                    days.date >= schedule.recognised_from
                    and days.date < schedule.recognised_to
                    then schedule.amount_usd / schedule.days
                else 0
            end
        ) as recognised_usd,
        sum(
            case
                when days.date >= schedule.billed_on then schedule.amount_usd else 0
            end
            - schedule.amount_usd
            * greatest(
                0,
                least(
                    schedule.days,
                    {{ days_between('schedule.recognised_from', 'days.date') }} + 1
                )
            )
            / schedule.days
        ) as deferred_usd
    from schedule
    inner join scope on schedule.subscription_id = scope.subscription_id
    inner join days
        on
            days.date >= least(schedule.recognised_from, schedule.billed_on)
            and days.date < greatest(schedule.recognised_to, schedule.billed_on + 1)
            and days.date >= scope.build_from
    group by schedule.subscription_id, days.date

),

owed_invoices as (

    select
        subscription_id,
        total_usd,
        billed_on,
        {{ first_day_shown('past_due_at') }} as past_due_on,
        coalesce({{ first_day_shown('closed_at') }}, '9999-12-31'::date) as closed_on
    from invoices
    where total_usd > 0

),

balances as (

    select
        owed_invoices.subscription_id,
        days.date,
        sum(owed_invoices.total_usd) as open_balance_usd,
        coalesce(
            sum(owed_invoices.total_usd) filter (
                where days.date >= owed_invoices.past_due_on
            ),
            0
        ) as past_due_usd,
        min(owed_invoices.past_due_on) filter (
            where days.date >= owed_invoices.past_due_on
        ) as past_due_since
    from owed_invoices
    inner join scope on owed_invoices.subscription_id = scope.subscription_id
    inner join days
        on
            days.date >= owed_invoices.billed_on
            and days.date < owed_invoices.closed_on
            and days.date >= scope.build_from
    where owed_invoices.billed_on < owed_invoices.closed_on
    group by owed_invoices.subscription_id, days.date

),

-- every day from the start to the end, and later days on which something was billed,
-- paid or earned
billing_days as (

    select
        subscription_id,
        date
    from flows
    union
    select
        subscription_id,
        date
    from revenue
    where recognised_usd <> 0

),

span_days as (

    select
        spans.*,
        days.date,
        days.month,
        days.is_month_end
    from spans
    inner join scope on spans.subscription_id = scope.subscription_id
    inner join days
        on
            days.date >= spans.valid_from
            and days.date < least(spans.valid_to, spans.rows_to)
            and days.date >= scope.build_from
    union all
    select
        spans.*,
        days.date,
        days.month,
        days.is_month_end
    from billing_days
    inner join spans
        on
            billing_days.subscription_id = spans.subscription_id
            and billing_days.date >= greatest(spans.valid_from, spans.rows_to)
            and billing_days.date < spans.valid_to
    inner join days on billing_days.date = days.date

),

-- the state of the evening before: the same span, or on its first day the one before it
opened as (

    select
        span_days.*,
        case
            when date = valid_from then opening_mrr_local else mrr_local
        end as opening_local,
        mrr_local - case
            when date = valid_from then opening_mrr_local else mrr_local
        end as movement_local,
        case when date = valid_from then movement_type else 'none' end as movement,
        -- MRR is valued at the rate of the last month-end or, if later, of its last
        -- change
        greatest(
            mrr_changed_on, {{ last_month_end('date', 'month', 'is_month_end') }}
        ) as rate_date,
        greatest(
            case
                when date = valid_from then previous_mrr_changed_on else mrr_changed_on
            end,
            -- the last month-end before the date
            month - 1
        ) as opening_rate_date
    from span_days

),

valued as (

    select
        opened.*,
        rates.rate_to_usd,
        opening_rates.rate_to_usd as opening_rate_to_usd,
        budget_rates.budget_rate_to_usd,
        {{ usd('opened.movement_local', 'rates.rate_to_usd') }} as movement_usd,
        {{ usd(
            'opened.opening_local',
            '(rates.rate_to_usd - opening_rates.rate_to_usd)'
        ) }} as fx_usd
    from opened
    left join rates
        on opened.currency = rates.currency and opened.rate_date = rates.date
    left join rates as opening_rates
        on
            opened.currency = opening_rates.currency
            and opened.opening_rate_date = opening_rates.date
    left join budget_rates on opened.currency = budget_rates.currency

),

final as (

    select
        -- ids
        valued.date,
        valued.subscription_id,
        valued.account_id,

        -- the month MRR first rose above zero; unknown until then
        case
            when valued.date >= valued.first_paid_on
                then date_trunc('month', valued.first_paid_on)::date
        end as cohort_month,

        -- state at the day's end
        valued.subscription_status,
        valued.is_alive,
        valued.subscription_status = 'trialing' as is_trialing,
        valued.plan_tier,
        valued.billing_interval,
        valued.collection_method,
        valued.quantity_locations,
        valued.quantity_devices,
        valued.quantity_seats,

        -- MRR at the day's end
        valued.currency,
        valued.list_mrr_local,
        valued.discount_mrr_local,
        valued.mrr_local,
        valued.opening_local as opening_mrr_local,
        valued.rate_to_usd,
        valued.budget_rate_to_usd,
        {{ usd('valued.mrr_local', 'valued.rate_to_usd') }} as mrr_usd,
        {{ usd('valued.mrr_local', 'valued.budget_rate_to_usd') }}
            as mrr_constant_fx_usd,
        {{ usd('valued.list_mrr_local', 'valued.rate_to_usd') }} as list_mrr_usd,
        {{ usd('valued.discount_mrr_local', 'valued.rate_to_usd') }}
            as discount_mrr_usd,

        -- from yesterday's MRR to today's
        {{ usd('valued.opening_local', 'valued.opening_rate_to_usd') }}
            as opening_mrr_usd,
        valued.movement_usd as movement_mrr_usd,
        {%- for type in ['new', 'expansion', 'contraction', 'churn', 'reactivation'] %}
        case when valued.movement = '{{ type }}' then valued.movement_usd else 0 end
            as mrr_{{ type }}_usd,
        {%- endfor %}
        valued.fx_usd as mrr_fx_usd,
        valued.movement as movement_type,
        case when valued.date = valued.valid_from then valued.churn_type end
            as churn_type,

        -- billing of the day
        round(coalesce(flows.billed_usd, 0), 6) as billed_usd,
        round(coalesce(flows.collected_usd, 0), 6) as collected_usd,
        round(coalesce(flows.refunded_usd, 0), 6) as refunded_usd,
        coalesce(flows.failed_payments, 0)::int as failed_payments,
        coalesce(flows.recovered_payments, 0)::int as recovered_payments,
        round(
            coalesce(revenue.recognised_usd, 0) - coalesce(flows.reversed_usd, 0), 6
        ) as recognised_revenue_usd,
        round(coalesce(flows.reversed_usd, 0), 6) as reversed_revenue_usd,

        -- balances at the day's end
        round(coalesce(revenue.deferred_usd, 0), 6) as deferred_revenue_usd,
        round(coalesce(balances.open_balance_usd, 0), 6) as open_balance_usd,
        round(coalesce(balances.past_due_usd, 0), 6) as past_due_usd,
        coalesce(
            {{ days_between('balances.past_due_since', 'valued.date') }}, 0
        )::int as days_past_due
    from valued
    left join flows
        on
            valued.subscription_id = flows.subscription_id
            and valued.date = flows.date
    left join revenue
        on
            valued.subscription_id = revenue.subscription_id
            and valued.date = revenue.date
    left join balances
        on
            valued.subscription_id = balances.subscription_id
            and valued.date = balances.date

)

select * from final
