{%- set tracked = [
    'min_plan_tier', 'owner_team', 'is_key_feature', 'is_beta', 'experiment_id',
    'experiment_status'
] %}

-- Bitemporal versions of a feature's tracked attributes: valid_from and valid_to say
-- when it was so, recorded_at and superseded_at when it was known to be so. A change
-- that arrives after a midnight has passed leaves the version before it twice: open, as
-- it was believed, and closed, as it was.
with

moments as (

    select
        int_features__moments.*,
        {{ hash_of(tracked) }} as state_hash
    from {{ ref('int_features__moments') }} as int_features__moments

),

compared as (

    select
        moments.*,
        lag(state_hash) over (partition by feature_id order by valid_from)
            as previous_hash
    from moments

),

stretches as (

    select
        compared.*,
        lead(valid_from) over (partition by feature_id order by valid_from)
            as next_from,
        lead(arrived_at) over (partition by feature_id order by valid_from)
            as next_arrived
    from compared
    where previous_hash is null or previous_hash <> state_hash

),

known as (

    select
        stretches.*,
        next_from is not null
        and next_arrived > arrived_at
        and {{ is_known_late('next_from', 'next_arrived') }} as is_closed_late
    from stretches

)

select
    feature_id,
    valid_from,
    coalesce(next_from, {{ far_future() }}) as valid_to,
    case when is_closed_late then next_arrived else arrived_at end as recorded_at,
    {{ far_future() }} as superseded_at,
    {% for column in tracked -%}
    {{ column }},
    {% endfor -%}
    state_hash
from known
union all
select
    feature_id,
    valid_from,
    {{ far_future() }} as valid_to,
    arrived_at as recorded_at,
    next_arrived as superseded_at,
    {% for column in tracked -%}
    {{ column }},
    {% endfor -%}
    state_hash
from known
where is_closed_late
