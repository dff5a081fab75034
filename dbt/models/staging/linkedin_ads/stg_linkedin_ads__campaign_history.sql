with

source as (

    {{ newest_of(
        source('linkedin_ads', 'campaign_history'),
        ['id', 'last_modified_time']
    ) }}

),

renamed as (

    select
        -- ids
        id as campaign_id,
        account_id as ad_account_id,

        -- text
        name as campaign_name,
        lower(status) as campaign_status,
        lower(type) as campaign_type,
        lower(objective_type) as objective,
        lower(cost_type) as cost_type,
        upper(daily_budget_currency_code) as daily_budget_currency,

        -- numbers
        round(daily_budget_amount::numeric, 2) as daily_budget,

        -- timestamps
        run_schedule_start as starts_at,
        run_schedule_end as ends_at,
        created_time as created_at,
        last_modified_time as updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
