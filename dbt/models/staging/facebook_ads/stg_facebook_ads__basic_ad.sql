-- Figures of the last days are delivered again: the newest delivery of a key holds.
with

source as (

    {{ newest_of(source('facebook_ads', 'basic_ad'), ['ad_id', 'date']) }}

),

-- what was said of a key at first, when only the newest row counts
first_figures as (

    {{ one_of(
        source('facebook_ads', 'basic_ad'),
        ['ad_id', 'date'],
        '_arrived_at, _batch_seq, _row_no'
    ) }}

),

renamed as (

    select
        -- ids
        source.date as stat_date,
        source.account_id as ad_account_id,
        source.ad_id::bigint as ad_id,

        -- text
        source.ad_name,
        source.adset_name as ad_set_name,

        -- numbers
        source.impressions,
        source.inline_link_clicks as clicks,
        source.reach,
        source.frequency,
        round(source.spend::numeric, 6) as cost,

        -- timestamps
        source._fivetran_synced as synced_at,

        -- delivery
        source._arrived_at,
        source._batch_seq,

        -- what was delivered first
        round(first_figures.spend::numeric, 6) as first_cost,
        coalesce(
            source.spend <> first_figures.spend
            or source.impressions <> first_figures.impressions
            or source.inline_link_clicks <> first_figures.inline_link_clicks,
            false
        ) as is_restated
    from source
    inner join first_figures
        on
            source.ad_id = first_figures.ad_id
            and source.date = first_figures.date

)

select * from renamed
