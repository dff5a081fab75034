-- Spans of UTC days over which a subscription ends each day in the same state, and when
-- its MRR last moved. A change at midnight belongs to the day that ends there.
with

version_days as (

    select
        versions.*,
        ((valid_from - interval '1 microsecond') at time zone 'UTC')::date as from_day,
        ((valid_to - interval '1 microsecond') at time zone 'UTC')::date as to_day
    from subscription_versions as versions

),

item_days as (

    select
        items.*,
        ((valid_from - interval '1 microsecond') at time zone 'UTC')::date as from_day,
        ((valid_to - interval '1 microsecond') at time zone 'UTC')::date as to_day
    from subscription_items as items

),

-- what is taken off one invoice only does not reduce MRR
discount_days as (

    select
        discounts.subscription_id,
        coupons.percent_off,
        coupons.amount_off,
        (
            (discounts.started_at - interval '1 microsecond') at time zone 'UTC'
        )::date as from_day,
        coalesce(
            ((discounts.ended_at - interval '1 microsecond') at time zone 'UTC')::date,
            '9999-12-31'::date
        ) as to_day
    from staging.stg_stripe__discount as discounts
    inner join staging.stg_stripe__coupon as coupons
        on discounts.coupon_id = coupons.coupon_id
    where discounts.subscription_id is not null and coupons.duration <> 'once'

),

points as (

    select
        subscription_id,
        from_day as day
    from version_days
    union
    select
        subscription_id,
        from_day as day
    from item_days
    union
    select
        subscription_id,
        from_day as day
    from discount_days
    union
    select
        subscription_id,
        to_day as day
    from discount_days
    where to_day <= as_of_date()

),

item_points as (

    select
        points.subscription_id,
        points.day,
        max(item_days.plan_tier) filter (where item_days.component = 'plan')
            as plan_tier,
        max(item_days.currency) as currency,
        max(item_days.interval_months) as interval_months,
        sum(item_days.list_mrr_local) as list_mrr_local
    from points
    inner join item_days
        on
            points.subscription_id = item_days.subscription_id
            and points.day >= item_days.from_day
            and points.day < item_days.to_day
    where item_days.quantity > 0
    group by points.subscription_id, points.day

),

discount_points as (

    select
        points.subscription_id,
        points.day,
        least(sum(coalesce(discount_days.percent_off, 0)), 100) as percent_off,
        sum(coalesce(discount_days.amount_off, 0)) as amount_off
    from points
    inner join discount_days
        on
            points.subscription_id = discount_days.subscription_id
            and points.day >= discount_days.from_day
            and points.day < discount_days.to_day
    group by points.subscription_id, points.day

),

states as (

    select
        points.subscription_id,
        points.day as valid_from,
        version_days.account_id,
        version_days.subscription_status,
        version_days.is_cancel_at_period_end,
        version_days.subscription_status in ('active', 'past_due', 'paused')
            as is_alive,
        item_points.plan_tier,
        item_points.currency,
        case
            when version_days.subscription_status not in ('active', 'past_due') then 0
            else
                coalesce(item_points.list_mrr_local, 0)
                - least(
                    coalesce(item_points.list_mrr_local, 0),
                    round(
                        coalesce(item_points.list_mrr_local, 0)
                        * coalesce(discount_points.percent_off, 0) / 100
                        + coalesce(discount_points.amount_off, 0)
                        / coalesce(item_points.interval_months, 1),
                        6
                    )
                )
        end::numeric(18, 6) as mrr_local
    from points
    inner join version_days
        on
            points.subscription_id = version_days.subscription_id
            and points.day >= version_days.from_day
            and points.day < version_days.to_day
    left join item_points
        on
            points.subscription_id = item_points.subscription_id
            and points.day = item_points.day
    left join discount_points
        on
            points.subscription_id = discount_points.subscription_id
            and points.day = discount_points.day

),

neighbours as (

    select
        states.*,
        coalesce(lag(mrr_local) over earlier, 0) as opening_mrr_local,
        coalesce(lead(valid_from) over earlier, '9999-12-31'::date) as valid_to
    from states
    window earlier as (partition by subscription_id order by valid_from)

),

moved as (

    select
        neighbours.*,
        max(case when mrr_local <> opening_mrr_local then valid_from end) over (
            partition by subscription_id order by valid_from
        ) as mrr_changed_on
    from neighbours

)

select
    moved.*,
    lag(mrr_changed_on) over (partition by subscription_id order by valid_from)
        as previous_mrr_changed_on
from moved
