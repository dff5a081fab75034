with

source as (

    {{ newest_of(source('hubspot', 'owner'), ['owner_id']) }}

),

renamed as (

    select
        -- ids
        owner_id,

        -- text
        {{ sha256(normal_email('email')) }} as email_hash,
        concat_ws(' ', first_name, last_name) as owner_name,
        type as owner_type,
        team,

        -- booleans
        is_active,

        -- timestamps
        created_at,
        updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
