with

source as (

    {{ newest_of(source('segment', 'identifies'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as identify_id,
        anonymous_id,
        user_id,
        context_group_id as account_id,

        -- text
        {{ json_text('properties', 'role') }} as user_role,
        {{ json_text('properties', 'plan') }} as plan_tier,
        context_page_path as page_path,
        context_page_referrer as referrer,
        {{ clean_source('context_campaign_source') }} as campaign_source,
        {{ clean_campaign('context_campaign_name') }} as campaign_name,
        context_device_type as device_type,
        {{ sha256('context_ip') }} as ip_hash,

        -- booleans
        abs(extract(epoch from received_at - sent_at)) > 3600 as is_clock_wrong,

        -- timestamps
        timestamp as identified_at,
        received_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
