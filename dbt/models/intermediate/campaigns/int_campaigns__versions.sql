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

-- the newest version of the campaign at each moment
described as (

    select
        moments.*,
        versions.campaign_status,
        versions.ends_on,
        versions.daily_budget_local,
        row_number() over (
            partition by moments.campaign_id, moments.epoch_no, moments.valid_from
            order by versions.valid_from desc
        ) as recency
    from moments
    inner join campaign_versions as versions
        on
            moments.campaign_id = versions.campaign_id
            and moments.valid_from >= versions.valid_from
            and moments.known_until > versions.arrived_at

),

-- and of each of its parts
parts as (

    select
        moments.campaign_id,
        moments.epoch_no,
        moments.valid_from,
        exclusions.places,
        row_number() over (
            partition by
                moments.campaign_id, moments.epoch_no, moments.valid_from,
                exclusions.part_id
            order by exclusions.valid_from desc
        ) as recency
    from moments
    inner join exclusions
        on
            moments.campaign_id = exclusions.campaign_id
            and moments.valid_from >= exclusions.valid_from
            and moments.known_until > exclusions.arrived_at

),

shut_out as (

    select
        campaign_id,
        epoch_no,
        valid_from,
        string_agg(distinct places, '; ' order by places) as excluded_regions
    from parts
    where recency = 1 and places is not null
    group by campaign_id, epoch_no, valid_from

),

states as (

    select
        described.campaign_id,
        described.epoch_no,
        described.known_from,
        described.known_until,
        described.valid_from,
        described.arrived_at,
        described.campaign_status,
        described.ends_on,
        described.daily_budget_local,
        case
            when described.campaign_status <> 'ended' then shut_out.excluded_regions
        end as excluded_regions
    from described
    left join shut_out
        on
            described.campaign_id = shut_out.campaign_id
            and described.epoch_no = shut_out.epoch_no
            and described.valid_from = shut_out.valid_from
    where described.recency = 1

),

{{ versions_of_states('states', 'campaign_id', tracked) }}

select * from versions
