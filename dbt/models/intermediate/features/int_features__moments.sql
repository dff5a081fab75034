-- One row a feature and instant at which something tracked about it became different:
-- its own rows, and those of its experiment. The application gives a feature's row no
-- time of change, so after the release a change holds from its arrival.
with

features as (

    select * from {{ ref('stg_app__features_versions') }}

),

experiments as (

    select * from {{ ref('stg_app__experiments_versions') }}

),

feature_versions as (

    select
        feature_id,
        case
            when row_number() over (partition by feature_id order by _arrived_at) = 1
                then released_at
            else _arrived_at
        end as valid_from,
        _arrived_at as arrived_at,
        min_plan_tier,
        owner_team,
        is_key,
        is_beta
    from features

),

releases as (

    select
        feature_id,
        min(valid_from) as released_at
    from feature_versions
    group by feature_id

),

experiment_versions as (

    select
        experiments.feature_id,
        experiments.experiment_id,
        experiments.experiment_status,
        greatest(
            releases.released_at,
            case experiments.experiment_status
                when 'running' then experiments.started_at
                when 'completed' then experiments.ended_at
                else experiments._arrived_at
            end
        ) as valid_from,
        experiments._arrived_at as arrived_at
    from experiments
    inner join releases on experiments.feature_id = releases.feature_id

),

instants as (

    select
        feature_id,
        valid_from,
        arrived_at
    from feature_versions
    union all
    select
        feature_id,
        valid_from,
        arrived_at
    from experiment_versions

),

moments as (

    select
        feature_id,
        valid_from,
        max(arrived_at) as arrived_at
    from instants
    group by feature_id, valid_from

),

-- the newest row of each kind at each instant
feature_at as (

    select
        moments.feature_id,
        moments.valid_from,
        feature_versions.min_plan_tier,
        feature_versions.owner_team,
        feature_versions.is_key,
        feature_versions.is_beta,
        row_number() over (
            partition by moments.feature_id, moments.valid_from
            order by feature_versions.valid_from desc, feature_versions.arrived_at desc
        ) as recency
    from moments
    inner join feature_versions
        on
            moments.feature_id = feature_versions.feature_id
            and moments.valid_from >= feature_versions.valid_from

),

experiment_at as (

    select
        moments.feature_id,
        moments.valid_from,
        experiment_versions.experiment_id,
        experiment_versions.experiment_status,
        row_number() over (
            partition by moments.feature_id, moments.valid_from
            order by
                experiment_versions.valid_from desc, experiment_versions.arrived_at desc
        ) as recency
    from moments
    inner join experiment_versions
        on
            moments.feature_id = experiment_versions.feature_id
            and moments.valid_from >= experiment_versions.valid_from

)

select
    moments.feature_id,
    moments.valid_from,
    moments.arrived_at,
    feature_at.min_plan_tier,
    feature_at.owner_team,
    feature_at.is_key as is_key_feature,
    feature_at.is_beta,
    experiment_at.experiment_id,
    experiment_at.experiment_status
from moments
inner join feature_at
    on
        moments.feature_id = feature_at.feature_id
        and moments.valid_from = feature_at.valid_from
        and feature_at.recency = 1
left join experiment_at
    on
        moments.feature_id = experiment_at.feature_id
        and moments.valid_from = experiment_at.valid_from
        and experiment_at.recency = 1
