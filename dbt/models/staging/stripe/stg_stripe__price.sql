with

source as (

    {{ newest_of(source('stripe', 'price'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as price_id,
        product_id,

        -- text
        upper(currency) as currency,
        nickname as price_name,
        billing_scheme,
        recurring_interval,
        recurring_usage_type as usage_type,
        {{ json_text('metadata', 'component') }} as component,
        {{ json_text('metadata', 'plan_tier') }} as plan_tier,
        {{ json_text('metadata', 'generation') }} as generation,
        case
            when recurring_interval = 'month' and recurring_interval_count = 3
                then 'quarter'
            else recurring_interval
        end as billing_interval,

        -- numbers
        {{ minor_to_major(
            'coalesce(unit_amount_decimal::numeric, unit_amount)', 'currency'
        ) }} as unit_amount,
        unit_amount as unit_amount_minor,
        recurring_interval_count,
        -- months one billing interval has: what an amount is divided by to be monthly
        recurring_interval_count * case recurring_interval
            when 'month' then 1.0
            when 'year' then 12.0
            when 'week' then 12.0 / 52
            when 'day' then 12.0 / 365
        end as interval_months,

        -- booleans
        active as is_active,
        livemode as is_livemode,
        coalesce(is_deleted, false) as is_deleted,

        -- timestamps
        created as created_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
