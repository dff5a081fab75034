{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[
        {'columns': ['subscription_id']}
    ]
) }}

-- One row a version of a subscription of a real account: since when it held
-- (valid_from), since when we knew (known_at), and when we learnt that it had never
-- held (voided_at).
with

history as (

    select * from {{ ref('stg_stripe__subscription_history') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

money_back as (

    select * from {{ ref('int_invoices__money_back') }}
    where ends_period

),

delivered as (

    select
        history.*,
        identity.account_id,
        history.subscription_status as stripe_status,
        history.first_arrived_at as known_at,
        history._batch_seq as batch_seq,
        -- a manual edit may end a subscription before the edit itself
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
    from history
    inner join identity on history.stripe_customer_id = identity.stripe_customer_id
    where not identity.is_test

),

-- the whole current period given back after the request to cancel: it ends here and now
refund_ends as (

    select
        delivered.subscription_id,
        min(money_back.entered_at) as refunded_at,
        min(money_back.known_at) as known_at,
        max(money_back.batch_seq) as batch_seq
    from delivered
    inner join money_back
        on
            delivered.subscription_id = money_back.subscription_id
            and delivered.version_started_at <= money_back.entered_at
            and (
                delivered.next_version_started_at > money_back.entered_at
                or delivered.next_version_started_at is null
            )
    where
        delivered.is_cancel_at_period_end
        and delivered.stripe_status in ('active', 'past_due')
    group by delivered.subscription_id

),

effective as (

    select
        delivered.subscription_id,
        delivered.account_id,
        delivered.stripe_customer_id,
        delivered.version_started_at,
        delivered.valid_from,
        delivered.known_at,
        delivered.stripe_status,
        -- after the refund Stripe goes on for the rest of the period; for us it has
        -- ended
        case
            when
                delivered.valid_from >= refund_ends.refunded_at
                and (
                    delivered.is_cancel_at_period_end
                    or delivered.stripe_status = 'canceled'
                )
                then 'canceled'
            when
                delivered.pause_behavior is not null
                and delivered.stripe_status in ('active', 'past_due')
                then 'paused'
            else delivered.stripe_status
        end as subscription_status,
        case
            when
                delivered.valid_from >= refund_ends.refunded_at
                and delivered.stripe_status = 'canceled'
                then refund_ends.refunded_at
            else delivered.ended_at
        end as ended_at,
        delivered.is_cancel_at_period_end,
        delivered.canceled_at as cancel_requested_at,
        delivered.cancel_reason,
        delivered.cancel_feedback,
        delivered.collection_method,
        delivered.started_at,
        delivered.trial_started_at,
        delivered.trial_ends_at,
        delivered.pause_resumes_at,
        false as is_refund_end,
        greatest(delivered.batch_seq, refund_ends.batch_seq) as batch_seq
    from delivered
    left join refund_ends on delivered.subscription_id = refund_ends.subscription_id

),

refund_versions as (

    select
        delivered.subscription_id,
        delivered.account_id,
        delivered.stripe_customer_id,
        refund_ends.refunded_at as version_started_at,
        refund_ends.refunded_at as valid_from,
        refund_ends.known_at,
        delivered.stripe_status,
        'canceled' as subscription_status,
        refund_ends.refunded_at as ended_at,
        delivered.is_cancel_at_period_end,
        delivered.canceled_at as cancel_requested_at,
        delivered.cancel_reason,
        delivered.cancel_feedback,
        delivered.collection_method,
        delivered.started_at,
        delivered.trial_started_at,
        delivered.trial_ends_at,
        delivered.pause_resumes_at,
        true as is_refund_end,
        greatest(delivered.batch_seq, refund_ends.batch_seq) as batch_seq
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

all_versions as (

    select * from effective
    union all
    select * from refund_versions

),

flagged as (

    select
        all_versions.*,
        {{ is_known_late('valid_from', 'known_at') }} as is_late
    from all_versions

),

-- what a backdated end makes untrue: versions that began between the end and the edit
voided as (

    select
        flagged.subscription_id,
        flagged.version_started_at,
        min(ends.known_at) as voided_at,
        bool_or(ends.is_late) as is_voided_late
    from flagged
    inner join flagged as ends
        on
            flagged.subscription_id = ends.subscription_id
            and flagged.version_started_at < ends.version_started_at
            and flagged.valid_from >= ends.valid_from
    where ends.valid_from < ends.version_started_at
    group by flagged.subscription_id, flagged.version_started_at

),

final as (

    select
        flagged.*,
        voided.voided_at
    from flagged
    left join voided
        on
            flagged.subscription_id = voided.subscription_id
            and flagged.version_started_at = voided.version_started_at
    -- corrected before any midnight: no table of ours ever showed it
    where voided.voided_at is null or voided.is_voided_late

)

select * from final
