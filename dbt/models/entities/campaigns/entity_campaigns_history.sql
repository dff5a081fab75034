{%- set tracked = [
    'campaign_status', 'ends_on', 'daily_budget_local', 'excluded_regions'
] -%}

with

versions as (

    select
        {{ hash_of(['campaign_id', 'valid_from', 'recorded_at']) }} as campaign_key,
        *
    from {{ ref('int_campaigns__versions') }}

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

),

-- the version before, as it was known when this one was
earlier as (

    select
        versions.campaign_key,
        previous.campaign_key as prev_version_key,
        {% for column in tracked -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by versions.campaign_key
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from versions
    inner join versions as previous
        on
            versions.campaign_id = previous.campaign_id
            and versions.valid_from > previous.valid_from
            and versions.superseded_at <= previous.superseded_at

),

compared as (

    select
        versions.*,
        earlier.prev_version_key,
        row_number() over (
            partition by versions.campaign_id
            order by versions.valid_from, versions.recorded_at
        )::integer as version_no,
        {{ changed_columns(tracked, 'versions', 'earlier.previous_') }}
            as changed_list
    from versions
    left join earlier
        on versions.campaign_key = earlier.campaign_key and earlier.recency = 1

)

select
    compared.campaign_key,
    compared.campaign_id,
    campaigns.platform,
    compared.campaign_status,
    compared.ends_on as ended_on,
    campaigns.currency,
    compared.daily_budget_local::numeric(18, 6) as daily_budget_local,
    compared.excluded_regions,
    compared.valid_from,
    compared.valid_to,
    compared.valid_to = {{ far_future() }}
    and compared.superseded_at = {{ far_future() }} as is_current,
    compared.version_no,
    case when compared.prev_version_key is null then 'insert' else 'update' end
        as change_type,
    {{ split_list(
        "replace("
        ~ "case when compared.prev_version_key is null then ''"
        ~ " else compared.changed_list end,"
        ~ " 'ends_on', 'ended_on')"
    ) }} as changed_columns,
    compared.prev_version_key,
    case campaigns.platform when 'none' then 'taproom' else campaigns.platform end
        as source_system,
    compared.recorded_at,
    compared.superseded_at,
    compared.state_hash as row_hash
from compared
inner join campaigns on compared.campaign_id = campaigns.campaign_id
