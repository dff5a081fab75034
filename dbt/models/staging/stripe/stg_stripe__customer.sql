with

source as (

    {{ newest_of(source('stripe', 'customer'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as stripe_customer_id,
        {{ json_text('metadata', 'account_id') }} as account_id,

        -- text
        upper(currency) as currency,
        address_country as country,
        split_part({{ normal_email('email') }}, '@', 2) as email_domain,
        tax_exempt,

        -- numbers
        balance as balance_minor,

        -- booleans
        coalesce(delinquent, false) as is_delinquent,
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
