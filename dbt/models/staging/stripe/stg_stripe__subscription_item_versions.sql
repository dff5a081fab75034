-- An item belongs to one subscription, which is therefore part of its key.
with

source as (

    {{ deliveries_of(
        source('stripe', 'subscription_item'),
        ['subscription_id', 'id'],
        ['_fivetran_synced']
    ) }}

),

renamed as (

    select
        -- ids
        id as subscription_item_id,
        subscription_id,
        plan_id as price_id,

        -- numbers
        quantity,

        -- timestamps
        created as created_at,
        -- delivered here from 2024-04-30 on, on the subscription before
        current_period_start as current_period_start_at,
        current_period_end as current_period_end_at,
        _fivetran_synced as synced_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
