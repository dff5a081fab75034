{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='location_id',
    changes_from='int_locations__changes',
    indexes=[{'columns': ['location_id']}]
) }}

{%- set tracked = ['location_status', 'is_deleted', 'tap_count', 'device_count'] %}

-- Bitemporal versions of the tracked attributes, made as those of accounts are
-- (int_accounts__moments, __states, __versions): valid_from and valid_to say when it
-- was so, recorded_at and superseded_at when it was known to be so.
with

events as (

    select * from {{ ref('int_locations__events') }}
    where {{ only_changed('int_locations__changes', 'location_id') }}

),

-- An epoch of knowledge ends where something became known only after a midnight had
-- passed: a table saved in between did not know it.
late as (

    select distinct
        location_id,
        arrived_at as known_until
    from events
    where arrived_at >= {{ next_midnight('valid_from') }}

),

epoch_ends as (

    select
        location_id,
        known_until
    from late
    union all
    select distinct
        location_id,
        {{ far_future() }} as known_until
    from events

),

epochs as (

    select
        location_id,
        known_until,
        row_number() over (partition by location_id order by known_until) as epoch_no,
        lag(known_until) over (partition by location_id order by known_until)
            as known_from
    from epoch_ends

),

moments as (

    select
        epochs.location_id,
        epochs.epoch_no,
        epochs.known_from,
        epochs.known_until,
        events.valid_from,
        min(events.arrived_at) as arrived_at
    from epochs
    inner join events
        on
            epochs.location_id = events.location_id
            and epochs.known_until > events.arrived_at
    group by
        epochs.location_id,
        epochs.epoch_no,
        epochs.known_from,
        epochs.known_until,
        events.valid_from

),

known as (

    select
        moments.location_id,
        moments.epoch_no,
        moments.valid_from,
        events.event_type,
        events.location_status,
        events.tap_count,
        events.is_deleted,
        row_number() over (
            partition by
                moments.location_id, moments.epoch_no, moments.valid_from,
                events.event_type
            order by events.valid_from desc, events.arrived_at desc
        ) as rank_newest
    from moments
    inner join events
        on
            moments.location_id = events.location_id
            and moments.valid_from >= events.valid_from
            and moments.known_until > events.arrived_at

),

states as (

    select
        moments.location_id,
        moments.epoch_no,
        moments.known_from,
        moments.known_until,
        moments.valid_from,
        moments.arrived_at,
        max(
            case
                when known.event_type = 'version' and known.rank_newest = 1
                    then known.location_status
            end
        ) as location_status,
        coalesce(
            bool_or(
                known.event_type = 'version'
                and known.rank_newest = 1
                and known.is_deleted
            ),
            false
        ) as is_deleted,
        max(
            case
                when known.event_type = 'version' and known.rank_newest = 1
                    then known.tap_count
            end
        ) as tap_count,
        sum(
            case known.event_type
                when 'installed' then 1
                when 'removed' then -1
                else 0
            end
        )::int as device_count
    from moments
    inner join known
        on
            moments.location_id = known.location_id
            and moments.epoch_no = known.epoch_no
            and moments.valid_from = known.valid_from
    group by
        moments.location_id,
        moments.epoch_no,
        moments.known_from,
        moments.known_until,
        moments.valid_from,
        moments.arrived_at

),

hashed as (

    select
        states.*,
        {{ hash_of(tracked) }} as state_hash
    from states
    -- a device may be known before its venue is
    where location_status is not null

),

compared as (

    select
        hashed.*,
        lag(state_hash) over (
            partition by location_id, epoch_no order by valid_from
        ) as previous_hash
    from hashed

),

-- one row a stretch of equal values within an epoch
stretches as (

    select
        compared.*,
        coalesce(
            lead(valid_from) over (
                partition by location_id, epoch_no order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from compared
    where previous_hash is null or previous_hash <> state_hash

),

-- the same version seen from the epoch before: nothing a midnight could tell has
-- changed
matched as (

    select
        stretches.*,
        previous.location_id is not null as is_continued
    from stretches
    left join stretches as previous
        on
            stretches.location_id = previous.location_id
            and stretches.epoch_no = previous.epoch_no + 1
            and stretches.valid_from = previous.valid_from
            and stretches.state_hash = previous.state_hash
            and (
                stretches.valid_to = previous.valid_to
                or {{ next_midnight(
                    'least(stretches.valid_to, previous.valid_to)'
                ) }} > previous.known_until
            )

),

runs as (

    select
        matched.*,
        sum(case when is_continued then 0 else 1 end) over (
            partition by location_id, valid_from order by epoch_no
        ) as run_no,
        greatest(arrived_at, known_from) as known_since
    from matched

),

collapsed as (

    select
        location_id,
        valid_from,
        run_no,
        max(epoch_no) as last_epoch_no,
        min(known_since) as recorded_at,
        max(known_until) as superseded_at
    from runs
    group by location_id, valid_from, run_no

)

select
    collapsed.location_id,
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
        collapsed.location_id = runs.location_id
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
