with

source as (

    {{ newest_of(source('survey', 'nps_response'), ['id']) }}

),

erased as (

    {{ erased_addresses() }}

),

-- the survey tool keeps the address of a person who was erased elsewhere: masked here
masked as (

    select
        hashed.*,
        erased.email_hash is not null as is_erased
    from (
        select
            source.*,
            {{ sha256(normal_email('email')) }} as hash,
            split_part({{ normal_email('email') }}, '@', 2) as email_domain
        from source
    ) as hashed
    left join erased on hashed.hash = erased.email_hash

),

renamed as (

    select
        -- ids
        id as nps_response_id,

        -- text
        case when not is_erased then hash end as email_hash,
        case when not is_erased then email_domain end as email_domain,
        comment as nps_comment,
        channel,

        -- numbers
        score,

        -- booleans
        is_erased,
        responded_at is not null as is_answered,

        -- timestamps
        sent_at,
        responded_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from masked

)

select * from renamed
