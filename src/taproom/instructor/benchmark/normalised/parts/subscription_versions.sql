-- What held of a subscription, as it is known now. A refund of the whole period after
-- the request to cancel ends it at once, a backdated end makes untrue what came after
-- it.
with

delivered as (

    select
        history.*,
        customers.account_id,
        case
            when
                history.subscription_status = 'canceled'
                and history.ended_at < history.version_started_at
                then history.ended_at
            else history.version_started_at
        end as valid_from,
        lead(history.version_started_at) over (
            partition by history.subscription_id
            order by history.version_started_at
        ) as next_version_started_at
    from staging.stg_stripe__subscription_history as history
    inner join customers on history.stripe_customer_id = customers.stripe_customer_id

),

whole_refunds as (

    select
        invoices.subscription_id,
        refunds.created_at as refunded_at
    from staging.stg_stripe__refund as refunds
    inner join payments on refunds.charge_id = payments.charge_id
    inner join invoices on payments.invoice_id = invoices.invoice_id
    where
        refunds.refund_status = 'succeeded'
        and refunds.amount = payments.amount_local
        and refunds.created_at >= invoices.service_start_at
        and refunds.created_at < invoices.service_end_at
        and not payments.is_double
        and coalesce(refunds.refund_reason, '') <> 'duplicate'

),

refund_ends as (

    select
        delivered.subscription_id,
        min(whole_refunds.refunded_at) as refunded_at
    from delivered
    inner join whole_refunds
        on
            delivered.subscription_id = whole_refunds.subscription_id
            and delivered.version_started_at <= whole_refunds.refunded_at
            and (
                delivered.next_version_started_at > whole_refunds.refunded_at
                or delivered.next_version_started_at is null
            )
    where
        delivered.is_cancel_at_period_end
        and delivered.subscription_status in ('active', 'past_due')
    group by delivered.subscription_id

),

effective as (

    select
        delivered.subscription_id,
        delivered.account_id,
        delivered.version_started_at,
        delivered.valid_from,
        case
            when
                delivered.valid_from >= refund_ends.refunded_at
                and (
                    delivered.is_cancel_at_period_end
                    or delivered.subscription_status = 'canceled'
                )
                then 'canceled'
            when
                delivered.pause_behavior is not null
                and delivered.subscription_status in ('active', 'past_due')
                then 'paused'
            else delivered.subscription_status
        end as subscription_status,
        delivered.is_cancel_at_period_end,
        delivered.cancel_reason,
        delivered.cancel_feedback
    from delivered
    left join refund_ends on delivered.subscription_id = refund_ends.subscription_id
    union all
    select
        delivered.subscription_id,
        delivered.account_id,
        refund_ends.refunded_at as version_started_at,
        refund_ends.refunded_at as valid_from,
        'canceled' as subscription_status,
        delivered.is_cancel_at_period_end,
        delivered.cancel_reason,
        delivered.cancel_feedback
    from delivered
    inner join refund_ends
        on
            delivered.subscription_id = refund_ends.subscription_id
            and delivered.version_started_at < refund_ends.refunded_at
            and (
                delivered.next_version_started_at >= refund_ends.refunded_at
                or delivered.next_version_started_at is null
            )

),

voided as (

    select distinct
        effective.subscription_id,
        effective.version_started_at
    from effective
    inner join effective as ends
        on
            effective.subscription_id = ends.subscription_id
            and effective.version_started_at < ends.version_started_at
            and effective.valid_from >= ends.valid_from
    where ends.valid_from < ends.version_started_at

)

select
    effective.*,
    coalesce(
        lead(effective.valid_from) over (
            partition by effective.subscription_id
            order by effective.valid_from, effective.version_started_at
        ),
        '9999-12-31 00:00:00+00'::timestamptz
    ) as valid_to
from effective
left join voided
    on
        effective.subscription_id = voided.subscription_id
        and effective.version_started_at = voided.version_started_at
where voided.subscription_id is null
