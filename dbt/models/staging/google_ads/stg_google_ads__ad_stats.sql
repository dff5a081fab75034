-- Figures of the last 30 days are delivered again and again: the newest delivery holds.
with

source as (

    {{ newest_of(
        source('google_ads', 'ad_stats'),
        ['ad_id', 'date', 'device', 'ad_network_type']
    ) }}

),

-- what was said of a key at first, when only the newest row counts
first_figures as (

    {{ one_of(
        source('google_ads', 'ad_stats'),
        ['ad_id', 'date', 'device', 'ad_network_type'],
        '_arrived_at, _batch_seq, _row_no'
    ) }}

),

renamed as (

    select
        -- ids
        source.date as stat_date,
        source.customer_id as ad_account_id,
        source.campaign_id,
        source.ad_group_id::bigint as ad_group_id,
        source.ad_id,

        -- text
        lower(source.ad_network_type) as network,
        lower(source.device) as device_type,

        -- numbers
        source.impressions,
        source.clicks,
        {{ micros_to_units('source.cost_micros') }} as cost,
        source.conversions,
        source.conversions_value as conversion_value,
        source.view_through_conversions,

        -- timestamps
        source._fivetran_synced as synced_at,

        -- delivery
        source._arrived_at,
        source._batch_seq,

        -- what was delivered first
        {{ micros_to_units('first_figures.cost_micros') }} as first_cost,
        coalesce(
            source.cost_micros <> first_figures.cost_micros
            or source.impressions <> first_figures.impressions
            or source.clicks <> first_figures.clicks
            or source.conversions <> first_figures.conversions,
            false
        ) as is_restated
    from source
    inner join first_figures
        on
            source.ad_id = first_figures.ad_id
            and source.date = first_figures.date
            and source.device = first_figures.device
            and source.ad_network_type = first_figures.ad_network_type

)

select * from renamed
