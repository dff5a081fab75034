-- One row a subscription of a real account: the instants of its life, its state now and
-- the sums of its billing.
with

versions as (

    select * from {{ ref('int_subscriptions__versions') }}
    where voided_at is null

),

periods as (

    select * from {{ ref('int_subscriptions__periods') }}

),

states as (

    select * from {{ ref('int_subscriptions__states') }}
    where superseded_at = {{ far_future() }}

),

spans as (

    select * from {{ ref('int_subscriptions__mrr_spans') }}

),

discounts as (

    select * from {{ ref('int_subscriptions__discounts') }}
    where voided_at is null and reduces_mrr

),

days as (

    select * from {{ ref('int_calendar__days') }}

),

rates as (

    select * from {{ ref('int_finance__fx_daily') }}

),

budget_rates as (

    select * from {{ ref('int_finance__budget_rate') }}

),

invoices as (

    select
        *,
        case
            when is_open and past_due_at < {{ as_of() }}
                then
                    {{ days_between(
                        first_day_shown('past_due_at'), as_of_date_once()
                    ) }}
        end as days_overdue
    from {{ ref('int_invoices__invoices') }}
    where is_billed

),

payments as (

    select * from {{ ref('int_invoices__payments') }}

),

money_back as (

    select * from {{ ref('int_invoices__money_back') }}

),

schedule as (

    select * from {{ ref('int_invoices__revenue_schedule') }}

),

ranked_versions as (

    select
        versions.*,
        row_number() over (
            partition by subscription_id
            order by valid_from desc, version_started_at desc
        ) as recency
    from versions

),

current_versions as (

    select * from ranked_versions
    where recency = 1

),

-- runs of one status, so that a change of plan within a pause does not restart the
-- pause
status_changes as (

    select
        states.*,
        coalesce(lag(is_alive) over earlier, false) as was_alive,
        lag(subscription_status) over earlier as previous_status,
        coalesce(lag(is_cancel_at_period_end) over earlier, false)
            as was_to_be_cancelled
    from states
    window earlier as (partition by subscription_id order by valid_from)

),

moments as (

    select
        subscription_id,
        min(valid_from) filter (where is_alive) as first_alive_at,
        min(valid_from) filter (where mrr_local > 0) as first_paid_at,
        max(valid_from) filter (where was_alive and not is_alive) as life_ended_at,
        max(valid_from) filter (
            where subscription_status = 'paused' and previous_status <> 'paused'
        ) as last_paused_at
    from status_changes
    group by subscription_id

),

life_ends as (

    select
        status_changes.subscription_id,
        case
            when
                status_changes.subscription_status = 'unpaid'
                or (
                    status_changes.previous_status = 'past_due'
                    and not status_changes.was_to_be_cancelled
                )
                then 'involuntary'
            else 'voluntary'
        end as churn_type
    from status_changes
    inner join moments
        on
            status_changes.subscription_id = moments.subscription_id
            and status_changes.valid_from = moments.life_ended_at

),

current_states as (

    select * from states
    where valid_to = {{ far_future() }}

),

-- movements are dated by UTC day and valued at the rate of that day
movements as (

    select
        spans.subscription_id,
        spans.valid_from as moved_on,
        spans.movement_type,
        {{ usd('spans.movement_mrr_local', 'rates.rate_to_usd') }} as movement_usd,
        row_number() over (
            partition by spans.subscription_id
            order by spans.valid_from desc
        ) as recency
    from spans
    inner join rates
        on spans.currency = rates.currency and spans.valid_from = rates.date
    where spans.movement_type <> 'none'

),

movement_summary as (

    select
        subscription_id,
        max(movement_usd) filter (where movement_type = 'new') as initial_mrr_usd,
        max(movement_type) filter (where recency = 1) as last_movement_type,
        max(moved_on) filter (where recency = 1) as last_moved_on,
        max(movement_usd) filter (where recency = 1) as last_movement_mrr_usd
    from movements
    group by subscription_id

),

span_summary as (

    select
        subscription_id,
        min(first_paid_on) as first_paid_on,
        max(mrr_changed_on) as mrr_changed_on,
        coalesce(
            sum(
                {{ days_between(
                    'valid_from', 'least(valid_to, ' ~ as_of_date_once() ~ ' + 1)'
                ) }}
            ) filter (where is_alive),
            0
        ) as days_alive
    from spans
    where valid_from <= {{ as_of_date() }}
    group by subscription_id

),

month_ends as (

    select max(date) as last_month_end
    from days
    where is_month_end and date <= {{ as_of_date() }}

),

current_discounts as (

    select
        subscription_id,
        max(coupon_duration) as coupon_duration,
        min(nullif(valid_to, {{ far_future() }})) as discount_ends_at
    from discounts
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}
    group by subscription_id

),

invoice_summary as (

    select
        subscription_id,
        count(*) as invoices_count,
        max(billed_at) as last_invoice_at,
        count(*) filter (where paid_at is not null and total_usd > 0)
            as paid_invoices_count,
        round(
            avg(extract(epoch from paid_at - billed_at)::numeric / 86400) filter (
                where total_usd > 0
            ),
            2
        ) as avg_days_to_pay,
        sum(billed_usd) as billed_lifetime_usd,
        coalesce(sum(total_usd) filter (where is_open), 0) as open_balance_usd,
        coalesce(
            sum(total_usd) filter (where is_open and past_due_at < {{ as_of() }}), 0
        ) as past_due_usd,
        coalesce(sum(total_usd) filter (where days_overdue <= 30), 0)
            as past_due_under_31_days_usd,
        coalesce(sum(total_usd) filter (where days_overdue > 30), 0)
            as past_due_over_30_days_usd,
        min(past_due_at) filter (
            where is_open and past_due_at < {{ as_of() }} and total_usd > 0
        ) as past_due_since,
        coalesce(
            max(failed_attempts) filter (
                where is_open and past_due_at < {{ as_of() }}
            ),
            0
        ) as dunning_attempts
    from invoices
    group by subscription_id

),

payment_summary as (

    select
        subscription_id,
        count(*) filter (where is_failed) as failed_payments_count,
        max(attempted_at) filter (where is_collected) as last_payment_at,
        coalesce(sum(amount_usd) filter (where is_collected), 0)
            as collected_lifetime_usd
    from payments
    group by subscription_id

),

money_back_summary as (

    select
        subscription_id,
        sum(cash_usd) as refunded_lifetime_usd
    from money_back
    group by subscription_id

),

deferred_summary as (

    select
        subscription_id,
        sum(
            case
                when billed_on <= {{ as_of_date_once() }} then amount_usd else 0
            end
            - amount_usd
            * greatest(
                0,
                least(
                    days,
                    {{ days_between('recognised_from', as_of_date_once()) }} + 1
                )
            )
            / days
        ) as deferred_revenue_usd
    from schedule
    group by subscription_id

),

final as (

    select
        -- ids
        current_states.subscription_id,
        current_states.account_id,
        current_states.stripe_customer_id,

        -- state now
        current_states.subscription_status,
        current_states.is_alive,
        current_states.subscription_status = 'trialing' as is_trialing,
        current_states.is_cancel_at_period_end,
        current_states.collection_method,
        current_states.product_name,
        current_states.plan_tier,
        current_states.billing_interval,
        current_states.currency,
        current_states.quantity_locations,
        current_states.quantity_devices,
        current_states.quantity_seats,
        current_states.list_mrr_local,
        current_states.discount_mrr_local,
        current_states.mrr_local,
        current_states.discount_pct,
        current_states.coupon_id,
        current_discounts.coupon_duration,
        current_discounts.discount_ends_at,
        rates.rate_to_usd,
        {{ usd('current_states.mrr_local', 'rates.rate_to_usd') }} as mrr_usd,
        {{ usd('current_states.mrr_local', 'budget_rates.budget_rate_to_usd') }}
            as mrr_constant_fx_usd,

        -- movements
        span_summary.first_paid_on,
        movement_summary.initial_mrr_usd,
        movement_summary.last_movement_type,
        movement_summary.last_moved_on,
        movement_summary.last_movement_mrr_usd,
        coalesce(span_summary.days_alive, 0)::int as days_alive,

        -- life
        current_versions.started_at,
        current_versions.trial_started_at,
        current_versions.trial_ends_at,
        moments.first_alive_at,
        moments.first_paid_at,
        case when not current_states.is_alive then moments.life_ended_at end
            as life_ended_at,
        current_versions.ended_at,
        case when not current_states.is_alive then life_ends.churn_type end
            as churn_type,
        current_versions.cancel_requested_at,
        current_versions.cancel_reason,
        current_versions.cancel_feedback,
        case
            when current_states.subscription_status = 'paused'
                then moments.last_paused_at
        end as pause_started_at,
        current_versions.pause_resumes_at,
        periods.current_period_start_at,
        periods.current_period_end_at,

        -- billing
        coalesce(invoice_summary.invoices_count, 0)::int as invoices_count,
        invoice_summary.last_invoice_at,
        coalesce(invoice_summary.paid_invoices_count, 0)::int as paid_invoices_count,
        invoice_summary.avg_days_to_pay,
        coalesce(payment_summary.failed_payments_count, 0)::int
            as failed_payments_count,
        payment_summary.last_payment_at,
        coalesce(invoice_summary.billed_lifetime_usd, 0) as billed_lifetime_usd,
        coalesce(payment_summary.collected_lifetime_usd, 0) as collected_lifetime_usd,
        coalesce(money_back_summary.refunded_lifetime_usd, 0) as refunded_lifetime_usd,
        coalesce(invoice_summary.open_balance_usd, 0) as open_balance_usd,
        coalesce(invoice_summary.past_due_usd, 0) as past_due_usd,
        coalesce(invoice_summary.past_due_under_31_days_usd, 0)
            as past_due_under_31_days_usd,
        coalesce(invoice_summary.past_due_over_30_days_usd, 0)
            as past_due_over_30_days_usd,
        coalesce(invoice_summary.dunning_attempts, 0)::int as dunning_attempts,
        coalesce(
            {{ days_between(
                first_day_shown('invoice_summary.past_due_since'), as_of_date_once()
            ) }},
            0
        )::int as days_past_due,
        round(coalesce(deferred_summary.deferred_revenue_usd, 0), 6)
            as deferred_revenue_usd
    from current_states
    inner join current_versions
        on current_states.subscription_id = current_versions.subscription_id
    inner join moments on current_states.subscription_id = moments.subscription_id
    cross join month_ends
    left join span_summary
        on current_states.subscription_id = span_summary.subscription_id
    left join movement_summary
        on current_states.subscription_id = movement_summary.subscription_id
    left join current_discounts
        on current_states.subscription_id = current_discounts.subscription_id
    left join rates
        on
            current_states.currency = rates.currency
            and greatest(span_summary.mrr_changed_on, month_ends.last_month_end)
            = rates.date
    left join budget_rates on current_states.currency = budget_rates.currency
    left join life_ends on current_states.subscription_id = life_ends.subscription_id
    left join periods
        on current_states.subscription_id = periods.subscription_id
    left join invoice_summary
        on current_states.subscription_id = invoice_summary.subscription_id
    left join payment_summary
        on current_states.subscription_id = payment_summary.subscription_id
    left join money_back_summary
        on current_states.subscription_id = money_back_summary.subscription_id
    left join deferred_summary
        on current_states.subscription_id = deferred_summary.subscription_id

),

renewing as (

    select
        final.*,
        trial_started_at is not null and first_paid_at is not null as trial_converted,
        case
            when is_alive and not is_cancel_at_period_end
                then {{ utc_date('current_period_end_at') }}
        end as renewal_date
    from final

)

select * from renewing
