-- As saved at any midnight, a campaign had one version: what was recorded and not yet
-- superseded then shows each campaign once at most.
with

midnights as (

    select {{ day_end('date') }} as midnight
    from {{ ref('int_calendar__days') }}
    where date >= {{ as_of_date() }} - 400

)

select
    midnights.midnight,
    history.campaign_id,
    count(*) as versions
from midnights
inner join {{ ref('entity_campaigns_history') }} as history
    on
        midnights.midnight > history.recorded_at
        and midnights.midnight <= history.superseded_at
        and midnights.midnight >= history.valid_from
        and midnights.midnight < history.valid_to
group by 1, 2
having count(*) > 1
