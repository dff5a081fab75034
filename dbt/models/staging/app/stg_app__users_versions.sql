with

source as (

    {{ deliveries_of(
        source('app', 'users'), ['id'], ['updated_at', 'status', 'deleted_at']
    ) }}

),

-- an erasure request empties the newest row only: mask every version of that person
erasure as (

    select
        source.*,
        bool_or(email is null and deleted_at is not null) over (partition by id)
            as is_erased
    from source

),

normalised as (

    select
        erasure.*,
        case when not is_erased then {{ normal_email('email') }} end as clean_email
    from erasure

),

renamed as (

    select
        -- ids
        id as user_id,
        account_id,
        invited_by as invited_by_user_id,

        -- text
        {{ sha256('clean_email') }} as email_hash,
        split_part(clean_email, '@', 2) as email_domain,
        role as user_role,
        locale,
        timezone,
        status as user_status,

        -- booleans
        is_erased,
        deleted_at is not null as is_deleted,

        -- timestamps
        invited_at,
        activated_at,
        last_login_at,
        created_at,
        updated_at,
        deleted_at,

        -- delivery
        _is_newest,
        _arrived_at,
        _batch_seq
    from normalised

)

select * from renamed
