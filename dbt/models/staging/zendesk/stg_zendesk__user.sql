with

source as (

    {{ newest_of(source('zendesk', 'user'), ['id']) }}

),

-- names and telephone numbers are read by no model and stay below
normalised as (

    select
        source.*,
        {{ normal_email('email') }} as clean_email
    from source

),

renamed as (

    select
        -- ids
        id as zendesk_user_id,
        organization_id,
        external_id as user_id,

        -- text
        {{ sha256('clean_email') }} as email_hash,
        split_part(clean_email, '@', 2) as email_domain,
        role as zendesk_role,
        locale,

        -- booleans
        active as is_active,
        not active and email is null as is_erased,

        -- timestamps
        created_at,
        updated_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from normalised

)

select * from renamed
