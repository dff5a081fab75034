{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    grain_date='date',
    indexes=[
        {'columns': ['subscription_id', 'date'], 'unique': true},
        {'columns': ['account_id']},
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

span_calendar as (

    select * from {{ ref('int_calendar__days') }}

),

revenue_calendar as (

    select * from {{ ref('int_calendar__days') }}

),

balance_calendar as (

    select * from {{ ref('int_calendar__days') }}

),

late_calendar as (

    select * from {{ ref('int_calendar__days') }}

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
all_scopes as (

    select
        changes.subscription_id,
        case
            when changes.batch_seq > {{ built_through() }} then {{ course_start() }}
            else greatest({{ course_start() }}, {{ built_date() }} + 1)
        end as build_from,
        {{ as_of_date_once() }} as build_to
    from changes

),

scope as (

    select * from all_scopes
    where build_from <= build_to

),

flows as (

    select all_flows.*
    from all_flows
    inner join scope on all_flows.subscription_id = scope.subscription_id
    where all_flows.date >= scope.build_from and all_flows.date <= scope.build_to

),

revenue_spans as (

    select
        schedule.*,
        greatest(
            scope.build_from, least(schedule.recognised_from, schedule.billed_on)
        ) as first_date,
        least(
            scope.build_to, greatest(schedule.recognised_to - 1, schedule.billed_on)
        ) as last_date
    from schedule
    inner join scope on schedule.subscription_id = scope.subscription_id

),

revenue_days as (

    select
        revenue_spans.subscription_id,
        revenue_calendar.date,
        revenue_spans.amount_usd,
        revenue_spans.daily_usd,
        revenue_calendar.date >= revenue_spans.billed_on as is_billed,
        revenue_calendar.date >= revenue_spans.recognised_from
        and revenue_calendar.date < revenue_spans.recognised_to as is_earning,
        greatest(
            0,
            least(
                revenue_spans.days,
                {{ days_between(
                    'revenue_spans.recognised_from', 'revenue_calendar.date'
                ) }} + 1
            )
        ) as days_earned
    from revenue_spans
    inner join revenue_calendar
        on
            revenue_calendar.date >= revenue_spans.first_date
            and revenue_calendar.date <= revenue_spans.last_date

),

revenue as (

    select
        subscription_id,
        date,
        sum(case when is_earning then daily_usd else 0 end) as recognised_usd,
        sum(
            case when is_billed then amount_usd else 0 end - daily_usd * days_earned
        ) as deferred_usd
    from revenue_days
    group by subscription_id, date

),

owed_invoices as (

    select
        invoices.subscription_id,
        invoices.total_usd,
        {{ first_day_shown('invoices.past_due_at') }} as past_due_on,
        greatest(scope.build_from, invoices.billed_on) as first_date,
        least(
            scope.build_to,
            coalesce({{ first_day_shown('invoices.closed_at') }} - 1, scope.build_to)
        ) as last_date
    from invoices
    inner join scope on invoices.subscription_id = scope.subscription_id
    where invoices.total_usd > 0

),

balances as (

    select
        owed_invoices.subscription_id,
        balance_calendar.date,
        sum(owed_invoices.total_usd) as open_balance_usd,
        coalesce(
            sum(owed_invoices.total_usd) filter (
                where balance_calendar.date >= owed_invoices.past_due_on
            ),
            0
        ) as past_due_usd,
        min(owed_invoices.past_due_on) filter (
            where balance_calendar.date >= owed_invoices.past_due_on
        ) as past_due_since
    from owed_invoices
    inner join balance_calendar
        on
            balance_calendar.date >= owed_invoices.first_date
            and balance_calendar.date <= owed_invoices.last_date
    where owed_invoices.first_date <= owed_invoices.last_date
    group by owed_invoices.subscription_id, balance_calendar.date

),

scoped_spans as (

    select
        spans.*,
        greatest(scope.build_from, spans.valid_from) as first_date,
        least(scope.build_to, spans.valid_to - 1, spans.rows_to - 1) as last_date
    from spans
    inner join scope on spans.subscription_id = scope.subscription_id

),

-- every day from the start to the end
living_days as (

    select
        scoped_spans.*,
        span_calendar.date,
        span_calendar.month,
        span_calendar.is_month_end
    from scoped_spans
    inner join span_calendar
        on
            span_calendar.date >= scoped_spans.first_date
            and span_calendar.date <= scoped_spans.last_date

),

-- and later days on which something was billed, paid or earned
ended as (

    select
        subscription_id,
        max(rows_to) as rows_to
    from spans
    where rows_to < '9999-12-31'::date
    group by subscription_id

),

late_dates as (

    select
        flows.subscription_id,
        flows.date
    from flows
    inner join ended on flows.subscription_id = ended.subscription_id
    where flows.date >= ended.rows_to
    union
    select
        revenue.subscription_id,
        revenue.date
    from revenue
    inner join ended on revenue.subscription_id = ended.subscription_id
    where revenue.date >= ended.rows_to and revenue.recognised_usd <> 0

),

late_days as (

    select
        scoped_spans.*,
        late_calendar.date,
        late_calendar.month,
        late_calendar.is_month_end
    from late_dates
    inner join scoped_spans
        on
            late_dates.subscription_id = scoped_spans.subscription_id
            and late_dates.date >= scoped_spans.valid_from
            and late_dates.date < scoped_spans.valid_to
    inner join late_calendar on late_dates.date = late_calendar.date

),

span_days as (

    select * from living_days
    union all
    select * from late_days

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
        valued.opening_local::numeric(18, 6) as opening_mrr_local,
        valued.rate_to_usd,
        valued.budget_rate_to_usd,
        {{ usd('valued.mrr_local', 'valued.rate_to_usd') }}::numeric(18, 6)
            as mrr_usd,
        {{ usd('valued.mrr_local', 'valued.budget_rate_to_usd') }}::numeric(18, 6)
            as mrr_constant_fx_usd,
        {{ usd('valued.list_mrr_local', 'valued.rate_to_usd') }}::numeric(18, 6)
            as list_mrr_usd,
        {{ usd('valued.discount_mrr_local', 'valued.rate_to_usd') }}::numeric(18, 6)
            as discount_mrr_usd,

        -- from yesterday's MRR to today's
        {{ usd('valued.opening_local', 'valued.opening_rate_to_usd') }}::numeric(18, 6)
            as opening_mrr_usd,
        valued.movement_usd::numeric(18, 6) as movement_mrr_usd,
        {%- for type in ['new', 'expansion', 'contraction', 'churn', 'reactivation'] %}
        (case when valued.movement = '{{ type }}' then valued.movement_usd else 0 end)
        ::numeric(18, 6) as mrr_{{ type }}_usd,
        {%- endfor %}
        valued.fx_usd::numeric(18, 6) as mrr_fx_usd,
        valued.movement as movement_type,
        case when valued.date = valued.valid_from then valued.churn_type end
            as churn_type,

        -- billing of the day
        coalesce(flows.billed_usd, 0)::numeric(18, 6) as billed_usd,
        coalesce(flows.collected_usd, 0)::numeric(18, 6) as collected_usd,
        coalesce(flows.refunded_usd, 0)::numeric(18, 6) as refunded_usd,
        coalesce(flows.failed_payments, 0)::int as failed_payments,
        coalesce(flows.recovered_payments, 0)::int as recovered_payments,
        (coalesce(revenue.recognised_usd, 0) - coalesce(flows.reversed_usd, 0))
        ::numeric(18, 6) as recognised_revenue_usd,
        coalesce(flows.reversed_usd, 0)::numeric(18, 6) as reversed_revenue_usd,

        -- balances at the day's end
        coalesce(revenue.deferred_usd, 0)::numeric(18, 6) as deferred_revenue_usd,
        coalesce(balances.open_balance_usd, 0)::numeric(18, 6) as open_balance_usd,
        coalesce(balances.past_due_usd, 0)::numeric(18, 6) as past_due_usd,
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
