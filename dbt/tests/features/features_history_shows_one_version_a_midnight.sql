-- As known at any midnight since it was first recorded, a feature has one version.
with

midnights as (

    select {{ day_end('date') }} as midnight
    from {{ ref('int_calendar__days') }}

),

seen as (

    select
        midnights.midnight,
        history.feature_id,
        count(*) as versions
    from midnights
    inner join {{ ref('entity_features_history') }} as history
        on
            history.recorded_at < midnights.midnight
            and history.superseded_at >= midnights.midnight
            and history.valid_from <= midnights.midnight
            and history.valid_to > midnights.midnight
    group by midnights.midnight, history.feature_id

)

select
    midnight,
    feature_id
from seen
where versions > 1
