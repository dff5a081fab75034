with

source as (

    {{ newest_of(source('app', 'experiments'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as experiment_id,
        key as experiment_key,
        feature_id,

        -- text
        hypothesis,
        unit as unit_type,
        primary_metric,
        variants,
        planned_split,
        status as experiment_status,

        -- timestamps
        started_at,
        ended_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
