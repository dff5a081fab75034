{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__changes',
    indexes=[
        {'columns': ['account_id']}
    ]
) }}

{%- set tracked = [
    'customer_status', 'plan_tier', 'billing_interval', 'seats_purchased', 'segment',
    'location_count', 'active_location_count', 'owner_name', 'is_deleted'
] %}

-- Bitemporal versions of the tracked attributes: valid_from and valid_to say when it
-- was so, recorded_at and superseded_at when it was known to be so.
with

states as (

    select * from {{ ref('int_accounts__states') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

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
            partition by account_id, epoch_no order by valid_from
        ) as previous_hash
    from hashed

),

-- one row a stretch of equal values within an epoch
stretches as (

    select
        compared.*,
        coalesce(
            lead(valid_from) over (
                partition by account_id, epoch_no order by valid_from
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
        previous.account_id is not null as is_continued
    from stretches
    left join stretches as previous
        on
            stretches.account_id = previous.account_id
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
            partition by account_id, valid_from
            order by epoch_no
        ) as run_no,
        greatest(arrived_at, known_from) as known_since
    from matched

),

collapsed as (

    select
        account_id,
        valid_from,
        run_no,
        max(epoch_no) as last_epoch_no,
        min(known_since) as recorded_at,
        max(known_until) as superseded_at
    from runs
    group by account_id, valid_from, run_no

)

select
    collapsed.account_id,
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
        collapsed.account_id = runs.account_id
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
