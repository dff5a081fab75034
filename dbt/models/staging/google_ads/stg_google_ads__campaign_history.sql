-- On 2025-03-26 the account was rebuilt: every running campaign was replaced by one for
-- each area, with a new number and the area behind a bar in its name. A new campaign
-- goes on where the one without a bar and of the same name stopped.
with

source as (

    {{ newest_of(source('google_ads', 'campaign_history'), ['id', 'updated_at']) }}

),

-- a version that was replaced comes again: when did it come first
first_deliveries as (

    select
        id,
        updated_at,
        min(_arrived_at) as first_arrived_at
    from {{ source('google_ads', 'campaign_history') }}
    group by id, updated_at

),

before as (

    select
        name,
        min(id) as id
    from {{ source('google_ads', 'campaign_history') }}
    where position(' | ' in name) = 0
    group by name

),

renamed as (

    select
        -- ids
        source.id as campaign_id,
        coalesce(before.id, source.id) as original_campaign_id,
        source.customer_id as ad_account_id,

        -- text
        source.name as campaign_name,
        split_part(source.name, ' | ', 1) as utm_campaign,
        nullif(split_part(source.name, ' | ', 2), '') as area,
        lower(source.status) as campaign_status,
        lower(source.advertising_channel_type) as channel_type,

        -- booleans
        source._fivetran_active as is_current,

        -- timestamps
        source.start_date::date as starts_on,
        source.end_date::date as ends_on,
        source.updated_at,
        source._fivetran_synced as synced_at,

        -- delivery
        source._arrived_at,
        source._batch_seq,
        first_deliveries.first_arrived_at
    from source
    inner join first_deliveries
        on
            source.id = first_deliveries.id
            and source.updated_at = first_deliveries.updated_at
    left join before
        on
            split_part(source.name, ' | ', 1) = before.name
            and source.name != before.name

)

select * from renamed
