with

source as (

    {{ deliveries_of(
        source('app', 'accounts'), ['id'], ['updated_at', 'status', 'deleted_at']
    ) }}

),

renamed as (

    select
        -- ids
        id as account_id,
        stripe_customer_id,
        hubspot_company_id,
        merged_into_account_id,

        -- text
        name as account_name,
        legal_name,
        slug as account_slug,
        country,
        timezone,
        upper(currency) as currency,
        venue_group_type,
        referral_code,
        utm_source,
        utm_medium,
        utm_campaign,
        -- from 2024-09-17 the application writes cancelled for churned
        case status when 'cancelled' then 'churned' else status end as account_status,
        lower(plan_code) as plan_code,
        split_part(lower(plan_code), '_', 1) as plan_tier,

        -- booleans
        coalesce(is_test, false) as is_test,
        deleted_at is not null as is_deleted,

        -- timestamps
        trial_ends_at,
        merged_at,
        created_at,
        updated_at,
        deleted_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
