-- every distinct delivered version of a feature, at its first delivery
with

source as (

    {{ deliveries_of(
        source('app', 'features'), ['id'],
        ['key', 'name', 'area', 'min_plan', 'is_key', 'is_beta', 'owner_team']
    ) }}

),

renamed as (

    select
        -- ids
        id as feature_id,

        -- text
        min_plan as min_plan_tier,
        owner_team,

        -- booleans
        is_key,
        is_beta,

        -- timestamps
        released_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
