with

source as (

    {{ newest_of(source('stripe', 'invoice'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as invoice_id,
        customer_id as stripe_customer_id,
        subscription_id,
        charge_id,

        -- text
        number as invoice_number,
        billing_reason,
        status as invoice_status,
        upper(currency) as currency,

        -- numbers
        {{ minor_to_major('amount_due', 'currency') }} as amount_due,
        {{ minor_to_major('amount_paid', 'currency') }} as amount_paid,
        {{ minor_to_major('amount_remaining', 'currency') }} as amount_remaining,
        {{ minor_to_major('subtotal', 'currency') }} as subtotal,
        {{ minor_to_major('coalesce(tax, 0)', 'currency') }} as tax,
        {{ minor_to_major('total', 'currency') }} as total,
        attempt_count,

        -- booleans
        attempted as is_attempted,
        paid as is_paid,
        coalesce(is_deleted, false) as is_deleted,

        -- timestamps
        created as created_at,
        due_date as due_at,
        finalized_at,
        period_start as period_start_at,
        period_end as period_end_at,
        next_payment_attempt as next_payment_attempt_at,
        status_transitions_paid_at as paid_at,
        status_transitions_voided_at as voided_at,
        status_transitions_marked_uncollectible_at as uncollectible_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
