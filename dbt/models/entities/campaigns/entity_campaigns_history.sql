{{ config(indexes=[{'columns': ['campaign_id']}]) }}

{%- set tracked = [
    'campaign_status', 'ended_on', 'daily_budget_local', 'excluded_regions'
] -%}

with

versions as (

    select
        campaign_id,
        campaign_status,
        ends_on as ended_on,
        daily_budget_local,
        excluded_regions,
        valid_from,
        valid_to,
        recorded_at,
        superseded_at,
        state_hash
    from {{ ref('int_campaigns__versions') }}

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

),

{{ history_of_versions('versions', 'campaign_key', 'campaign_id', tracked) }}

select
    history.campaign_key,
    history.campaign_id,
    campaigns.platform,
    history.campaign_status,
    history.ended_on,
    campaigns.currency,
    history.daily_budget_local::numeric(18, 6) as daily_budget_local,
    history.excluded_regions,
    history.valid_from,
    history.valid_to,
    history.is_current,
    history.version_no,
    history.change_type,
    history.changed_columns,
    history.prev_version_key,
    case campaigns.platform when 'none' then 'taproom' else campaigns.platform end
        as source_system,
    history.recorded_at,
    history.superseded_at,
    history.state_hash as row_hash
from history
inner join campaigns on history.campaign_id = campaigns.campaign_id
