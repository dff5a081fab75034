-- Where a campaign is not shown: every version of the regions shut out by one of its
-- parts (at Google a place, at Meta an ad set), as places joined by semicolons; null
-- while the part shuts out none.
with

google as (

    select
        'google_ads-' || campaign_id as campaign_id,
        place_id as part_id,
        case
            when is_excluded and criterion_status = 'enabled' then place_name
        end as places,
        updated_at as valid_from,
        first_arrived_at as arrived_at
    from {{ ref('stg_google_ads__campaign_criterion_history') }}

),

ad_sets as (

    select * from {{ ref('stg_facebook_ads__ad_set_history') }}

),

-- one row a region of a version; Spark writes explode
regions as (

    select
        ad_sets.ad_set_id,
        ad_sets.updated_at,
        (place.region ->> 'name') || ', ' || (place.region ->> 'country') as place_name
    from ad_sets
    cross join lateral jsonb_array_elements(ad_sets.excluded_regions) as place (region)

),

facebook as (

    select
        'facebook_ads-' || ad_sets.campaign_id as campaign_id,
        ad_sets.ad_set_id as part_id,
        string_agg(regions.place_name, '; ' order by regions.place_name) as places,
        ad_sets.updated_at as valid_from,
        ad_sets._arrived_at as arrived_at
    from ad_sets
    left join regions
        on
            ad_sets.ad_set_id = regions.ad_set_id
            and ad_sets.updated_at = regions.updated_at
    group by
        ad_sets.campaign_id,
        ad_sets.ad_set_id,
        ad_sets.updated_at,
        ad_sets._arrived_at

)

select * from google
union all
select * from facebook
