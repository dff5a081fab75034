{{ config(
    pre_hook=["{{ index_calls('tracks') }}", "{{ index_calls('pages') }}"]
) }}

-- Every delivered call of track and page, retries included, in the few columns usage is
-- reckoned from. Picking the newest delivery of an id sorts the whole log by it;
-- whoever sorts calls by person and time anyway finds a retry beside its call for
-- nothing.
with

tracks as (

    select * from {{ source('segment', 'tracks') }}

),

pages as (

    select * from {{ source('segment', 'pages') }}

),

tracked as (

    select
        -- ids
        id as call_id,
        anonymous_id,
        user_id,

        -- text
        case
            when event = 'error_shown' then 'error'
            when event in ('signed_in', 'signed_up', 'invitation_accepted')
                then 'sign_in'
            else 'use'
        end as event_kind,
        {{ json_text('properties', 'feature') }} as feature_key,

        -- booleans
        coalesce(context_device_type = 'mobile', false) as is_mobile,
        false as is_bot,
        false as is_internal,

        -- timestamps
        timestamp as event_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from tracks

),

-- a shared board is what people without a login look at, whatever id the call carries
viewed as (

    select
        id as call_id,
        anonymous_id,
        user_id,
        case
            when context_page_path = '/shared/board' then 'guest_view'
            else 'page_view'
        end as event_kind,
        null as feature_key,
        coalesce(context_device_type = 'mobile', false) as is_mobile,
        {{ is_robot('context_user_agent') }} as is_bot,
        {{ is_office('context_ip') }} as is_internal,
        timestamp as event_at,
        _arrived_at,
        _batch_seq
    from pages

)

select * from tracked
union all
select * from viewed
