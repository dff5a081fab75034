-- Figures of the last 30 days are delivered again: the newest delivery of a key holds.
with

source as (

    {{ newest_of(
        source('linkedin_ads', 'ad_analytics_by_creative'),
        ['creative_id', 'day']
    ) }}

),

-- what was said of a key at first, when only the newest row counts
first_figures as (

    {{ one_of(
        source('linkedin_ads', 'ad_analytics_by_creative'),
        ['creative_id', 'day'],
        '_arrived_at, _batch_seq, _row_no'
    ) }}

),

renamed as (

    select
        -- ids
        (source.day at time zone 'UTC')::date as stat_date,
        source.creative_id,

        -- numbers
        source.impressions,
        source.clicks,
        source.cost_in_local_currency as cost,
        source.cost_in_usd as cost_usd,
        source.external_website_conversions as conversions,
        source.conversion_value_in_local_currency as conversion_value,

        -- timestamps
        source._fivetran_synced as synced_at,

        -- delivery
        source._arrived_at,
        source._batch_seq,

        -- what was delivered first
        first_figures.cost_in_usd as first_cost_usd,
        coalesce(
            source.cost_in_usd <> first_figures.cost_in_usd
            or source.impressions <> first_figures.impressions
            or source.clicks <> first_figures.clicks
            or source.external_website_conversions
            <> first_figures.external_website_conversions,
            false
        ) as is_restated
    from source
    inner join first_figures
        on
            source.creative_id = first_figures.creative_id
            and source.day = first_figures.day

)

select * from renamed
