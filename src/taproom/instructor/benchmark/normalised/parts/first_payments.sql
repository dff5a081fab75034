-- The instant each account's MRR first rose above zero.
with

points as (

    select
        subscription_id,
        valid_from as at
    from subscription_versions
    union
    select
        subscription_id,
        valid_from as at
    from subscription_items
    union
    select
        subscription_id,
        ended_at as at
    from staging.stg_stripe__discount
    where
        subscription_id is not null
        and ended_at <= (select clock.as_of from ops.clock as clock)

),

paying as (

    select
        points.subscription_id,
        points.at,
        versions.account_id,
        max(items.interval_months) as interval_months,
        sum(items.list_mrr_local) as list_mrr_local
    from points
    inner join subscription_versions as versions
        on
            points.subscription_id = versions.subscription_id
            and points.at >= versions.valid_from
            and points.at < versions.valid_to
    inner join subscription_items as items
        on
            points.subscription_id = items.subscription_id
            and points.at >= items.valid_from
            and points.at < items.valid_to
    where
        versions.subscription_status in ('active', 'past_due') and items.quantity > 0
    group by points.subscription_id, points.at, versions.account_id

),

discounted as (

    select
        paying.subscription_id,
        paying.at,
        least(sum(coalesce(coupons.percent_off, 0)), 100) as percent_off,
        sum(coalesce(coupons.amount_off, 0)) as amount_off
    from paying
    inner join staging.stg_stripe__discount as discounts
        on
            paying.subscription_id = discounts.subscription_id
            and paying.at >= discounts.started_at
            and paying.at < coalesce(discounts.ended_at, 'infinity'::timestamptz)
    inner join staging.stg_stripe__coupon as coupons
        on discounts.coupon_id = coupons.coupon_id
    where coupons.duration <> 'once'
    group by paying.subscription_id, paying.at

)

select
    paying.account_id,
    min(paying.at) as first_paid_at
from paying
left join discounted
    on paying.subscription_id = discounted.subscription_id and paying.at = discounted.at
where
    paying.list_mrr_local
    > round(
        paying.list_mrr_local * coalesce(discounted.percent_off, 0) / 100
        + coalesce(discounted.amount_off, 0) / paying.interval_months,
        6
    )
group by paying.account_id
