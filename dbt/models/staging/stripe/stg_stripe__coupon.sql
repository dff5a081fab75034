with

source as (

    {{ newest_of(source('stripe', 'coupon'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as coupon_id,

        -- text
        name as coupon_name,
        duration,
        upper(currency) as currency,

        -- numbers
        percent_off::numeric as percent_off,
        {{ minor_to_major('amount_off', 'currency') }} as amount_off,
        duration_in_months,

        -- booleans
        valid as is_valid,

        -- timestamps
        redeem_by as redeem_by_at,
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
