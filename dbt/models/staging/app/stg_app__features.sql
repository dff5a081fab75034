with

source as (

    {{ newest_of(source('app', 'features'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as feature_id,
        key as feature_key,

        -- text
        name as feature_name,
        area as feature_area,
        min_plan as min_plan_tier,
        owner_team,

        -- booleans
        is_key,
        is_beta,

        -- timestamps
        released_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
