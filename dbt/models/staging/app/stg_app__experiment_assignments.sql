with

source as (

    {{ newest_of(
        source('app', 'experiment_assignments'),
        ['experiment_id', 'unit_id', 'assigned_at']
    ) }}

),

renamed as (

    select
        -- ids
        experiment_id,
        unit_id,

        -- text
        variant,

        -- timestamps
        assigned_at,
        first_exposed_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
