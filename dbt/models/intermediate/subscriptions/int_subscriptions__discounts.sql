{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[
        {'columns': ['subscription_id']}
    ]
) }}

-- One row a version of a discount on a subscription: in force from valid_from until
-- valid_to, as known from known_at until voided_at. A discount that counts for one
-- invoice only (duration once) does not reduce MRR.
with

discounts as (

    select * from {{ ref('stg_stripe__discount_versions') }}
    where
        subscription_id is not null
        and {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

coupons as (

    select * from {{ ref('stg_stripe__coupon') }}

),

sequenced as (

    select
        discounts.discount_id,
        discounts.subscription_id,
        discounts.coupon_id,
        discounts.started_at as valid_from,
        coalesce(discounts.ended_at, {{ far_future() }}) as valid_to,
        discounts._arrived_at as known_at,
        -- a new end does not make the beginning news
        min(discounts._arrived_at) over (
            partition by discounts.discount_id, discounts.started_at
        ) as start_known_at,
        discounts._batch_seq as batch_seq,
        lag(coalesce(discounts.ended_at, {{ far_future() }})) over (
            partition by discounts.discount_id, discounts.started_at
            order by discounts._arrived_at, discounts._batch_seq
        ) as previous_valid_to
    from discounts

),

changes as (

    select
        sequenced.*,
        {{ is_known_late(
            'coalesce(least(previous_valid_to, valid_to), valid_from)', 'known_at'
        ) }} as is_late
    from sequenced
    where previous_valid_to is null or previous_valid_to <> valid_to

),

superseded as (

    select
        changes.*,
        lead(known_at) over (
            partition by discount_id, valid_from
            order by known_at
        ) as voided_at,
        lead(is_late) over (
            partition by discount_id, valid_from
            order by known_at
        ) as is_voided_late
    from changes

),

final as (

    select
        superseded.discount_id,
        superseded.subscription_id,
        superseded.coupon_id,
        coupons.duration as coupon_duration,
        coupons.percent_off,
        coupons.amount_off,
        coupons.duration <> 'once' as reduces_mrr,
        superseded.valid_from,
        superseded.valid_to,
        superseded.start_known_at,
        superseded.known_at,
        superseded.voided_at,
        superseded.is_late,
        greatest(superseded.batch_seq, coupons._batch_seq) as batch_seq
    from superseded
    inner join coupons on superseded.coupon_id = coupons.coupon_id
    -- corrected before any midnight: no table of ours ever showed it
    where superseded.voided_at is null or superseded.is_voided_late

)

select * from final
