-- Figures of the last days are delivered again: the newest delivery of a key holds.
with

source as (

    {{ newest_of(source('facebook_ads', 'basic_ad'), ['ad_id', 'date']) }}

),

renamed as (

    select
        -- ids
        date as stat_date,
        account_id as ad_account_id,
        ad_id::bigint as ad_id,

        -- text
        ad_name,
        adset_name as ad_set_name,

        -- numbers
        impressions,
        inline_link_clicks as clicks,
        reach,
        frequency,
        round(spend::numeric, 6) as cost,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
