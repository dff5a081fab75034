{%- set tracked = [
    'min_plan_tier', 'owner_team', 'is_key_feature', 'is_beta', 'experiment_id',
    'experiment_status'
] -%}

with

versions as (

    select
        {{ hash_of(['feature_id', 'valid_from', 'recorded_at']) }} as feature_key,
        *
    from {{ ref('int_features__versions') }}

),

-- the version before, as it was known when this one was
earlier as (

    select
        versions.feature_key,
        previous.feature_key as prev_version_key,
        {% for column in tracked -%}
        previous.{{ column }} as previous_{{ column }},
        {% endfor -%}
        row_number() over (
            partition by versions.feature_key
            order by previous.valid_from desc, previous.superseded_at desc
        ) as recency
    from versions
    inner join versions as previous
        on
            versions.feature_id = previous.feature_id
            and versions.valid_from > previous.valid_from
            and versions.superseded_at <= previous.superseded_at

),

compared as (

    select
        versions.*,
        earlier.prev_version_key,
        row_number() over (
            partition by versions.feature_id
            order by versions.valid_from, versions.recorded_at
        )::integer as version_no,
        {{ changed_columns(tracked, 'versions', 'earlier.previous_') }}
            as changed_list
    from versions
    left join earlier
        on versions.feature_key = earlier.feature_key and earlier.recency = 1

)

select
    feature_key,
    feature_id,
    min_plan_tier,
    owner_team,
    is_key_feature,
    is_beta,
    experiment_id,
    experiment_status,
    valid_from,
    valid_to,
    valid_to = {{ far_future() }} and superseded_at = {{ far_future() }} as is_current,
    version_no,
    case when prev_version_key is null then 'insert' else 'update' end as change_type,
    {{ split_list(
        "case when prev_version_key is null then '' else changed_list end"
    ) }} as changed_columns,
    prev_version_key,
    recorded_at,
    superseded_at,
    state_hash as row_hash
from compared
