-- The tracker may send an event more than once, with one id. `timestamp` is Segment's
-- correction of a client's wrong clock, so original_timestamp is not needed above.
with

source as (

    {{ newest_of(source('segment', 'tracks'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as event_id,
        anonymous_id,
        user_id,
        context_group_id as account_id,

        -- text
        case event
            when 'tap_created' then 'tap_line_created' else event
        end as event_name,
        {{ json_text('properties', 'feature') }} as feature_key,
        {{ json_text('properties', 'error') }} as error_name,
        {{ json_text('properties', 'method') }} as sign_in_method,
        context_page_path as page_path,
        context_page_referrer as referrer,
        {{ clean_source('context_campaign_source') }} as campaign_source,
        {{ clean_campaign('context_campaign_name') }} as campaign_name,
        context_device_type as device_type,
        {{ sha256('context_ip') }} as ip_hash,

        -- numbers
        ({{ json_text('properties', 'duration_ms') }})::integer as duration_ms,

        -- booleans
        abs(extract(epoch from received_at - sent_at)) > 3600 as is_clock_wrong,

        -- timestamps
        timestamp as event_at,
        received_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
