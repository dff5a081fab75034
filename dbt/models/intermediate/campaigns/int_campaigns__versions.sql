{%- set tracked = [
    'campaign_status', 'ends_on', 'daily_budget_local', 'excluded_regions'
] %}

-- Bitemporal versions of a campaign's tracked attributes: valid_from and valid_to say
-- when it was so, recorded_at and superseded_at when it was known to be so. A platform
-- delivers once a day, so what was changed before midnight is often known only after
-- it; each such delivery begins an epoch of knowledge.
with

campaign_versions as (

    select * from {{ ref('int_campaigns__platform_versions') }}

),

exclusions as (

    select * from {{ ref('int_campaigns__exclusions') }}

),

events as (

    select
        campaign_id,
        valid_from,
        arrived_at
    from campaign_versions
    union all
    -- the first version of a part that shuts out nothing changes nothing
    select
        campaign_id,
        valid_from,
        arrived_at
    from exclusions

),

{{ moments_of_events('events', 'campaign_id') }},

campaign_at as (

    {{ known_at_moments(
        'campaign_versions', 'campaign_id',
        ['campaign_status', 'ends_on', 'daily_budget_local']
    ) }}

),

exclusions_at as (

    {{ known_at_moments('exclusions', 'campaign_id', ['places'], part='part_id') }}

),

-- once, not for every moment it is asked of
shut_out as materialized (

    select
        campaign_id,
        epoch_no,
        valid_from,
        string_agg(distinct places, '; ' order by places) as excluded_regions
    from exclusions_at
    where rank_newest = 1 and places is not null
    group by campaign_id, epoch_no, valid_from

),

states as (

    select
        moments.*,
        campaign_at.campaign_status,
        campaign_at.ends_on,
        campaign_at.daily_budget_local,
        case
            when campaign_at.campaign_status <> 'ended' then shut_out.excluded_regions
        end as excluded_regions
    from moments
    inner join campaign_at
        on
            moments.campaign_id = campaign_at.campaign_id
            and moments.epoch_no = campaign_at.epoch_no
            and moments.valid_from = campaign_at.valid_from
            and campaign_at.rank_newest = 1
    left join shut_out
        on
            moments.campaign_id = shut_out.campaign_id
            and moments.epoch_no = shut_out.epoch_no
            and moments.valid_from = shut_out.valid_from

),

{{ versions_of_states('states', 'campaign_id', tracked) }}

select * from versions
