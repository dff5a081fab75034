-- Figures of the last 30 days are delivered again: the newest delivery of a key holds.
with

source as (

    {{ newest_of(
        source('linkedin_ads', 'ad_analytics_by_creative'),
        ['creative_id', 'day']
    ) }}

),

renamed as (

    select
        -- ids
        (day at time zone 'UTC')::date as stat_date,
        creative_id,

        -- numbers
        impressions,
        clicks,
        cost_in_local_currency as cost,
        cost_in_usd as cost_usd,
        external_website_conversions as conversions,
        conversion_value_in_local_currency as conversion_value,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
