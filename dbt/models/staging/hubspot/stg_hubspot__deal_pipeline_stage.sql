with

source as (

    {{ newest_of(source('hubspot', 'deal_pipeline_stage'), ['stage_id']) }}

),

renamed as (

    select
        -- ids
        stage_id,
        pipeline_id,

        -- text
        label as stage_name,

        -- numbers
        probability as win_probability,
        display_order,

        -- booleans
        closed_won as is_won,
        active as is_active,
        _fivetran_deleted as is_deleted,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
