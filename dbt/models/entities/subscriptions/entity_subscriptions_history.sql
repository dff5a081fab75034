{{ config(indexes=[{'columns': ['subscription_id', 'valid_from']}]) }}

{%- set tracked = {
    'subscription_status': 'subscription_status',
    'is_cancel_at_period_end': 'cancel_at_period_end',
    'collection_method': 'collection_method',
    'plan_tier': 'plan_tier',
    'product_name': 'product_name',
    'billing_interval': 'billing_interval',
    'quantity_locations': 'quantity_locations',
    'quantity_devices': 'quantity_devices',
    'quantity_seats': 'quantity_seats',
    'currency': 'currency',
    'list_mrr_local': 'list_mrr_local',
    'discount_mrr_local': 'discount_mrr_local',
    'mrr_local': 'net_mrr_local',
    'discount_pct': 'discount_pct',
    'coupon_id': 'coupon_id'
} %}

-- Every version of a subscription's tracked columns: SCD type 2 in valid time, with the
-- knowledge of the day beside it (bitemporal).
with

states as (

    select * from {{ ref('int_subscriptions__states') }}

),

-- the versions of one knowledge follow each other: current knowledge is the main chain, a
-- superseded version hangs on the version that current knowledge has before it
chained as (

    select
        states.*,
        superseded_at = {{ far_future() }} as is_current_knowledge,
        {{ hash_of(['subscription_id', 'valid_from', 'recorded_at']) }}
            as subscription_key
    from states

),

numbered as (

    select
        chained.*,
        sum(case when is_current_knowledge then 1 else 0 end) over (
            partition by subscription_id
            order by valid_from, superseded_at desc, recorded_at
            rows between unbounded preceding and current row
        ) as version_no
    from chained

),

main_chain as (

    select * from numbered
    where is_current_knowledge

),

compared as (

    select
        numbered.*,
        previous.subscription_key as prev_version_key,
        previous.subscription_status as previous_status,
        previous.is_alive as previous_is_alive
        {%- for column in tracked %},
        previous.{{ column }} as previous_{{ column }}
        {%- endfor %}
    from numbered
    left join main_chain as previous
        on
            numbered.subscription_id = previous.subscription_id
            and numbered.version_no - 1 = previous.version_no

),

described as (

    select
        compared.*,
        case
            when prev_version_key is null then 'insert'
            when subscription_status = 'canceled' and previous_status <> 'canceled'
                then 'delete'
            when previous_status = 'canceled' and subscription_status <> 'canceled'
                then 'restore'
            else 'update'
        end as change_type,
        concat_ws(
            ','
            {%- for column, name in tracked.items() %},
            case
                when {{ column }} is distinct from previous_{{ column }} then '{{ name }}'
            end
            {%- endfor %}
        ) as changed_list
    from compared

),

final as (

    select
        -- keys
        subscription_key,
        subscription_id,
        account_id,

        -- tracked columns
        product_name,
        plan_tier,
        billing_interval,
        collection_method,
        currency,
        quantity_locations,
        quantity_devices,
        quantity_seats,
        list_mrr_local::numeric as list_mrr_local,
        discount_mrr_local::numeric as discount_mrr_local,
        mrr_local::numeric as net_mrr_local,
        coupon_id,
        discount_pct::numeric as discount_pct,
        subscription_status,
        is_cancel_at_period_end as cancel_at_period_end,

        -- when it was so
        valid_from,
        valid_to,
        is_current_knowledge and valid_to = {{ far_future() }} as is_current,
        version_no::int as version_no,
        change_type,
        {{ split_list('changed_list') }} as changed_columns,
        prev_version_key,
        'stripe' as source_system,

        -- when we knew it so
        recorded_at,
        superseded_at,
        state_hash as row_hash
    from described

)

select * from final
