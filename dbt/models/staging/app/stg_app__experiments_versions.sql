-- every distinct delivered version of an experiment, at its first delivery
with

source as (

    {{ deliveries_of(source('app', 'experiments'), ['id'], ['status']) }}

),

renamed as (

    select
        -- ids
        id as experiment_id,
        feature_id,

        -- text
        status as experiment_status,

        -- timestamps
        started_at,
        ended_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
