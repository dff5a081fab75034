with

source as (

    {{ deliveries_of(
        source('stripe', 'subscription_history'),
        ['id', '_fivetran_start'],
        ['_fivetran_synced', '_fivetran_active']
    ) }}

),

renamed as (

    select
        -- ids
        id as subscription_id,
        customer_id as stripe_customer_id,
        latest_invoice_id,

        -- text
        status as subscription_status,
        billing as collection_method,
        pause_collection_behavior as pause_behavior,
        cancellation_reason as cancel_reason,
        cancellation_feedback as cancel_feedback,

        -- numbers
        quantity,
        days_until_due,
        tax_percent::numeric as tax_percent,

        -- booleans
        coalesce(cancel_at_period_end, false) as is_cancel_at_period_end,
        livemode as is_livemode,
        _fivetran_active as is_active_version,

        -- timestamps
        created as created_at,
        start_date as started_at,
        trial_start as trial_started_at,
        trial_end as trial_ends_at,
        billing_cycle_anchor as billing_cycle_anchor_at,
        -- delivered here until 2024-04-30, on the items from then on
        current_period_start as current_period_start_at,
        current_period_end as current_period_end_at,
        cancel_at,
        canceled_at,
        ended_at,
        pause_collection_resumes_at as pause_resumes_at,
        _fivetran_start as version_started_at,
        _fivetran_end as version_ended_at,
        _fivetran_synced as synced_at,
        min(_arrived_at) over (partition by id, _fivetran_start) as first_arrived_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
