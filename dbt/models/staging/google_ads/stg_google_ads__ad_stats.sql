-- Figures of the last 30 days are delivered again and again: the newest delivery holds.
with

source as (

    {{ newest_of(
        source('google_ads', 'ad_stats'),
        ['ad_id', 'date', 'device', 'ad_network_type']
    ) }}

),

renamed as (

    select
        -- ids
        date as stat_date,
        customer_id as ad_account_id,
        campaign_id,
        ad_group_id::bigint as ad_group_id,
        ad_id,

        -- text
        lower(ad_network_type) as network,
        lower(device) as device_type,

        -- numbers
        impressions,
        clicks,
        {{ micros_to_units('cost_micros') }} as cost,
        conversions,
        conversions_value as conversion_value,
        view_through_conversions,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
