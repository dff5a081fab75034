{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='subscription_id',
    changes_from='int_subscriptions__changes',
    indexes=[
        {'columns': ['subscription_id']},
        {'columns': ['account_id']}
    ]
) }}

-- The state of each subscription between two changes, bitemporal: valid_from and
-- valid_to say when it was so, recorded_at and superseded_at when we knew it so. Rows
-- of the past knowledge stand only where a midnight saw them; the rest is current
-- knowledge.
{%- set tracked = [
    'subscription_status', 'is_cancel_at_period_end', 'collection_method', 'plan_tier',
    'plan_generation', 'product_name', 'billing_interval', 'quantity_locations',
    'quantity_devices', 'quantity_seats', 'currency', 'list_mrr_local',
    'discount_mrr_local', 'mrr_local', 'discount_pct', 'coupon_id'
] %}

with

versions as (

    select * from {{ ref('int_subscriptions__versions') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

items as (

    select * from {{ ref('int_subscriptions__items') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

discounts as (

    select * from {{ ref('int_subscriptions__discounts') }}
    where {{ only_changed('int_subscriptions__changes', 'subscription_id') }}

),

-- most versions are renewals and change nothing that is tracked
compared as (

    select
        versions.*,
        {{ hash_of([
            'subscription_status', 'is_cancel_at_period_end', 'collection_method'
        ]) }} as version_hash
    from versions

),

sequenced as (

    select
        compared.*,
        lag(version_hash) over (
            partition by subscription_id
            order by version_started_at
        ) as previous_hash,
        lag(coalesce(voided_at, {{ far_future() }})) over (
            partition by subscription_id
            order by version_started_at
        ) as previous_voided_at
    from compared

),

changed_versions as (

    select * from sequenced
    where
        previous_hash is null
        or previous_hash <> version_hash
        or previous_voided_at < coalesce(voided_at, {{ far_future() }})

),

-- our knowledge of a subscription changes in steps: once for everything known in time,
-- and once more for whatever became known after a midnight had passed
late_knowledge as (

    select
        subscription_id,
        known_at
    from changed_versions
    where is_late
    union
    select
        subscription_id,
        known_at
    from items
    where is_late
    union
    select
        subscription_id,
        known_at
    from discounts
    where is_late

),

steps as (

    select distinct
        subscription_id,
        '1900-01-01 00:00:00+00'::timestamptz as known_from
    from changed_versions
    union all
    select
        late_knowledge.subscription_id,
        late_knowledge.known_at as known_from
    from late_knowledge

),

knowledge as (

    select
        subscription_id,
        known_from,
        coalesce(
            lead(known_from) over (
                partition by subscription_id
                order by known_from
            ),
            {{ far_future() }}
        ) as known_to,
        row_number() over (
            partition by subscription_id
            order by known_from
        ) as step
    from steps

),

known_versions as (

    select
        knowledge.step,
        changed_versions.*,
        coalesce(
            lead(changed_versions.valid_from) over (
                partition by changed_versions.subscription_id, knowledge.step
                order by
                    changed_versions.valid_from, changed_versions.version_started_at
            ),
            {{ far_future() }}
        ) as valid_to
    from changed_versions
    inner join knowledge
        on changed_versions.subscription_id = knowledge.subscription_id
    where
        (
            (
                changed_versions.is_late
                and changed_versions.known_at <= knowledge.known_from
            )
            or (
                not changed_versions.is_late
                and changed_versions.valid_from < knowledge.known_to
            )
        )
        and (
            changed_versions.voided_at is null
            or changed_versions.voided_at > knowledge.known_from
        )

),

known_items as (

    select
        knowledge.step,
        items.*,
        coalesce(
            lead(items.valid_from) over (
                partition by items.subscription_item_id, knowledge.step
                order by items.valid_from, items.known_at
            ),
            {{ far_future() }}
        ) as valid_to
    from items
    inner join knowledge on items.subscription_id = knowledge.subscription_id
    where
        (items.is_late and items.known_at <= knowledge.known_from)
        or (not items.is_late and items.valid_from < knowledge.known_to)

),

known_discounts as (

    select
        knowledge.step,
        discounts.*
    from discounts
    inner join knowledge on discounts.subscription_id = knowledge.subscription_id
    where
        (
            (discounts.is_late and discounts.known_at <= knowledge.known_from)
            or (not discounts.is_late and discounts.valid_from < knowledge.known_to)
        )
        and (
            discounts.voided_at is null
            or discounts.voided_at > knowledge.known_from
        )

),

-- every instant at which something may change, and when we knew
facts as (

    select
        subscription_id,
        step,
        valid_from as changed_at,
        known_at
    from known_versions
    union all
    select
        subscription_id,
        step,
        valid_from as changed_at,
        known_at
    from known_items
    union all
    select
        subscription_id,
        step,
        valid_from as changed_at,
        start_known_at as known_at
    from known_discounts
    where reduces_mrr
    union all
    select
        subscription_id,
        step,
        valid_to as changed_at,
        known_at
    from known_discounts
    where reduces_mrr and valid_to <= {{ as_of() }}

),

points as (

    select
        subscription_id,
        step,
        changed_at,
        max(known_at) as known_at
    from facts
    group by subscription_id, step, changed_at

),

version_points as (

    select
        points.subscription_id,
        points.step,
        points.changed_at,
        points.known_at,
        known_versions.account_id,
        known_versions.stripe_customer_id,
        known_versions.subscription_status,
        known_versions.is_cancel_at_period_end,
        known_versions.collection_method
    from points
    inner join known_versions
        on
            points.subscription_id = known_versions.subscription_id
            and points.step = known_versions.step
            and points.changed_at >= known_versions.valid_from
            and points.changed_at < known_versions.valid_to

),

item_points as (

    select
        points.subscription_id,
        points.step,
        points.changed_at,
        max(known_items.plan_tier) filter (
            where known_items.component = 'plan'
        ) as plan_tier,
        max(known_items.plan_generation) filter (
            where known_items.component = 'plan'
        ) as plan_generation,
        max(known_items.product_name) filter (
            where known_items.component = 'plan'
        ) as product_name,
        max(known_items.billing_interval) filter (
            where known_items.component = 'plan'
        ) as billing_interval,
        max(known_items.currency) as currency,
        max(known_items.interval_months) as interval_months,
        coalesce(
            sum(known_items.quantity) filter (where known_items.component = 'plan'), 0
        ) as quantity_locations,
        coalesce(
            sum(known_items.quantity) filter (where known_items.component = 'device'), 0
        ) as quantity_devices,
        coalesce(
            sum(known_items.quantity) filter (where known_items.component = 'seat'), 0
        ) as quantity_seats,
        sum(known_items.list_mrr_local) as list_mrr_local
    from points
    inner join known_items
        on
            points.subscription_id = known_items.subscription_id
            and points.step = known_items.step
            and points.changed_at >= known_items.valid_from
            and points.changed_at < known_items.valid_to
    where known_items.quantity > 0
    group by points.subscription_id, points.step, points.changed_at

),

discount_points as (

    select
        points.subscription_id,
        points.step,
        points.changed_at,
        max(known_discounts.coupon_id) as coupon_id,
        least(sum(coalesce(known_discounts.percent_off, 0)), 100) as percent_off,
        sum(coalesce(known_discounts.amount_off, 0)) as amount_off
    from points
    inner join known_discounts
        on
            points.subscription_id = known_discounts.subscription_id
            and points.step = known_discounts.step
            and points.changed_at >= known_discounts.valid_from
            and points.changed_at < known_discounts.valid_to
    where known_discounts.reduces_mrr
    group by points.subscription_id, points.step, points.changed_at

),

terms as (

    select
        version_points.*,
        item_points.plan_tier,
        item_points.plan_generation,
        item_points.product_name,
        item_points.billing_interval,
        item_points.currency,
        discount_points.coupon_id,
        coalesce(item_points.quantity_locations, 0)::int as quantity_locations,
        coalesce(item_points.quantity_devices, 0)::int as quantity_devices,
        coalesce(item_points.quantity_seats, 0)::int as quantity_seats,
        coalesce(item_points.list_mrr_local, 0) as contract_mrr_local,
        -- the percentage first, then the amount, which is off each invoice
        least(
            coalesce(item_points.list_mrr_local, 0),
            round(
                coalesce(item_points.list_mrr_local, 0)
                * coalesce(discount_points.percent_off, 0) / 100
                + coalesce(discount_points.amount_off, 0)
                / coalesce(item_points.interval_months, 1),
                6
            )
        ) as contract_discount_local,
        version_points.subscription_status in ('active', 'past_due') as is_counted
    from version_points
    left join item_points
        on
            version_points.subscription_id = item_points.subscription_id
            and version_points.step = item_points.step
            and version_points.changed_at = item_points.changed_at
    left join discount_points
        on
            version_points.subscription_id = discount_points.subscription_id
            and version_points.step = discount_points.step
            and version_points.changed_at = discount_points.changed_at

),

valued as (

    select
        terms.*,
        (case when is_counted then contract_mrr_local else 0 end)::numeric(18, 6)
            as list_mrr_local,
        (case when is_counted then contract_discount_local else 0 end)::numeric(18, 6)
            as discount_mrr_local,
        (
            case
                when is_counted then contract_mrr_local - contract_discount_local
                else 0
            end
        )::numeric(18, 6) as mrr_local,
        coalesce(contract_discount_local / nullif(contract_mrr_local, 0), 0)
        ::numeric(18, 6) as discount_pct
    from terms

),

hashed as (

    select
        valued.*,
        {{ hash_of(tracked) }} as state_hash
    from valued

),

neighbours as (

    select
        hashed.*,
        lag(state_hash) over (
            partition by subscription_id, step
            order by changed_at
        ) as previous_state_hash
    from hashed

),

states as (

    select
        neighbours.*,
        coalesce(
            lead(changed_at) over (
                partition by subscription_id, step
                order by changed_at
            ),
            {{ far_future() }}
        ) as valid_to
    from neighbours
    where previous_state_hash is null or previous_state_hash <> state_hash

),

-- a state that one step of knowledge takes over from the one before is one row
numbered as (

    select
        states.*,
        knowledge.known_from,
        knowledge.known_to,
        states.step - row_number() over (
            partition by
                states.subscription_id,
                states.changed_at,
                states.valid_to,
                states.state_hash
            order by states.step
        ) as run_of_steps
    from states
    inner join knowledge
        on
            states.subscription_id = knowledge.subscription_id
            and states.step = knowledge.step

),

recorded as (

    select
        subscription_id,
        changed_at as valid_from,
        valid_to,
        state_hash,
        greatest(changed_at, min(known_at), min(known_from)) as recorded_at,
        max(known_to) as superseded_at,
        max(step) as step
    from numbered
    group by subscription_id, changed_at, valid_to, state_hash, run_of_steps

),

final as (

    select
        -- ids
        states.subscription_id,
        states.account_id,
        states.stripe_customer_id,

        -- validity and knowledge
        recorded.valid_from,
        recorded.valid_to,
        recorded.recorded_at,
        recorded.superseded_at,

        -- state
        states.subscription_status,
        states.subscription_status in ('active', 'past_due', 'paused') as is_alive,
        states.is_cancel_at_period_end,
        states.collection_method,
        states.plan_tier,
        states.plan_generation,
        states.product_name,
        states.billing_interval,
        states.quantity_locations,
        states.quantity_devices,
        states.quantity_seats,
        states.currency,
        states.list_mrr_local,
        states.discount_mrr_local,
        states.mrr_local,
        states.discount_pct,
        states.coupon_id,
        states.state_hash
    from recorded
    inner join states
        on
            recorded.subscription_id = states.subscription_id
            and recorded.step = states.step
            and recorded.valid_from = states.changed_at
    -- past knowledge counts where a nightly table would have shown it
    where {{ last_midnight('recorded.superseded_at') }} > recorded.recorded_at

)

select * from final
