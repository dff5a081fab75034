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

epoch_ends as (

    select distinct
        campaign_id,
        arrived_at as known_until
    from events
    where arrived_at >= {{ next_midnight('valid_from') }}
    union all
    select distinct
        campaign_id,
        {{ far_future() }} as known_until
    from campaign_versions

),

epochs as (

    select
        campaign_id,
        known_until,
        row_number() over (partition by campaign_id order by known_until) as epoch_no,
        lag(known_until) over (partition by campaign_id order by known_until)
            as known_from
    from epoch_ends

),

moments as (

    select
        epochs.campaign_id,
        epochs.epoch_no,
        epochs.known_from,
        epochs.known_until,
        events.valid_from,
        min(events.arrived_at) as arrived_at
    from epochs
    inner join events
        on
            epochs.campaign_id = events.campaign_id
            and events.arrived_at < epochs.known_until
    group by
        epochs.campaign_id,
        epochs.epoch_no,
        epochs.known_from,
        epochs.known_until,
        events.valid_from

),

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

hashed as (

    select
        states.*,
        {{ hash_of(tracked) }} as state_hash
    from states

),

compared as (

    select
        hashed.*,
        lag(state_hash) over (
            partition by campaign_id, epoch_no order by valid_from
        ) as previous_hash
    from hashed

),

-- one row a stretch of equal values within an epoch
stretches as (

    select
        compared.*,
        coalesce(
            lead(valid_from) over (
                partition by campaign_id, epoch_no order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from compared
    where previous_hash is null or previous_hash <> state_hash

),

-- the same version seen from the epoch before
matched as (

    select
        stretches.*,
        previous.campaign_id is not null as is_continued
    from stretches
    left join stretches as previous
        on
            stretches.campaign_id = previous.campaign_id
            and stretches.epoch_no = previous.epoch_no + 1
            and stretches.valid_from = previous.valid_from
            and stretches.state_hash = previous.state_hash
            and stretches.valid_to = previous.valid_to

),

runs as (

    select
        matched.*,
        sum(case when is_continued then 0 else 1 end) over (
            partition by campaign_id, valid_from
            order by epoch_no
        ) as run_no,
        greatest(arrived_at, known_from) as known_since
    from matched

),

collapsed as (

    select
        campaign_id,
        valid_from,
        run_no,
        max(epoch_no) as last_epoch_no,
        min(known_since) as recorded_at,
        max(known_until) as superseded_at
    from runs
    group by campaign_id, valid_from, run_no

)

select
    collapsed.campaign_id,
    collapsed.valid_from,
    runs.valid_to,
    collapsed.recorded_at,
    collapsed.superseded_at,
    {% for column in tracked -%}
    runs.{{ column }},
    {% endfor -%}
    runs.state_hash
from collapsed
inner join runs
    on
        collapsed.campaign_id = runs.campaign_id
        and collapsed.valid_from = runs.valid_from
        and collapsed.last_epoch_no = runs.epoch_no
-- what was superseded before any midnight saw it is nobody's knowledge
where
    collapsed.superseded_at = {{ far_future() }}
    or (
        {{ next_midnight(
            "greatest("
            ~ "collapsed.recorded_at + interval '1 microsecond', collapsed.valid_from)"
        ) }} <= collapsed.superseded_at
        and {{ next_midnight(
            "greatest("
            ~ "collapsed.recorded_at + interval '1 microsecond', collapsed.valid_from)"
        ) }} < runs.valid_to
    )
