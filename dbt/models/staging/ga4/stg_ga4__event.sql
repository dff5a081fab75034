-- The browser stands in the key, though the identifier alone would do, so that a
-- condition on browsers reaches the raw rows before the windows.
with

source as (

    {{ newest_of(source('ga4', 'event'), ['user_pseudo_id', '_fivetran_id']) }}

),

-- the export names no browser: a machine is told by its visit, page after page without
-- staying on one
visits as (

    select
        source.*,
        count(*) filter (where name = 'page_view') over visit as session_page_views,
        bool_or(coalesce(param_session_engaged, false)) over visit as is_ever_engaged
    from source
    window visit as (partition by user_pseudo_id, param_ga_session_id)

),

renamed as (

    select
        -- ids
        _fivetran_id as ga4_event_id,
        user_pseudo_id,
        user_id,
        param_ga_session_id as session_key,
        stream_id,

        -- text
        name as event_name,
        lower(platform) as platform,
        device_category as device_type,
        geo_country as country_name,
        geo_region as region,
        geo_city as city,
        {{ clean_source('traffic_source_source') }} as first_source,
        {{ clean_medium('traffic_source_medium') }} as first_medium,
        {{ clean_campaign('traffic_source_name') }} as first_campaign,
        {{ clean_source('collected_traffic_source_manual_source') }} as utm_source,
        {{ clean_medium('collected_traffic_source_manual_medium') }} as utm_medium,
        {{ clean_source('param_source') }} as session_source,
        {{ clean_medium('param_medium') }} as session_medium,
        {{ clean_campaign('param_campaign') }} as session_campaign,
        param_gclid as gclid,

        -- numbers
        param_ga_session_number as session_number,
        param_engagement_time_msec as engagement_ms,

        -- booleans
        coalesce(param_session_engaged, false) as is_session_engaged,
        session_page_views >= 3 and not is_ever_engaged as is_bot,
        is_intraday,

        -- timestamps
        to_date(date, 'YYYYMMDD') as property_date,
        timestamp as event_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from visits

)

select * from renamed
