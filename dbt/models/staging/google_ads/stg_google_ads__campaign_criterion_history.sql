with

source as (

    {{ newest_of(
        source('google_ads', 'campaign_criterion_history'),
        ['campaign_id', 'id', 'updated_at']
    ) }}

),

-- a version that was replaced comes again: when did it come first
first_deliveries as (

    select
        campaign_id,
        id,
        updated_at,
        min(_arrived_at) as first_arrived_at
    from {{ source('google_ads', 'campaign_criterion_history') }}
    group by campaign_id, id, updated_at

),

renamed as (

    select
        -- ids
        source.id as place_id,
        source.campaign_id,

        -- text
        lower(source.type) as criterion_type,
        source.display_name as place_name,
        lower(source.status) as criterion_status,

        -- booleans
        source.negative as is_excluded,
        source._fivetran_active as is_current,

        -- timestamps
        source.updated_at,
        source._fivetran_synced as synced_at,

        -- delivery
        source._arrived_at,
        source._batch_seq,
        first_deliveries.first_arrived_at
    from source
    inner join first_deliveries
        on
            source.campaign_id = first_deliveries.campaign_id
            and source.id = first_deliveries.id
            and source.updated_at = first_deliveries.updated_at

)

select * from renamed
