-- Figures of the last days are delivered again: the newest delivery of a key holds.
with

source as (

    {{ newest_of(
        source('facebook_ads', 'basic_ad_actions'),
        ['ad_id', 'date', 'action_type']
    ) }}

),

renamed as (

    select
        -- ids
        date as stat_date,
        ad_id::bigint as ad_id,

        -- text
        action_type,

        -- numbers
        index as action_index,
        value as action_count,
        coalesce(_7_d_click, 0) as click_7d_count,
        coalesce(_1_d_view, 0) as view_1d_count,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
