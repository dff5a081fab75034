with

source as (

    {{ newest_of(source('hubspot', 'email_campaign'), ['id']) }}

),

renamed as (

    select
        -- ids
        id as email_campaign_id,

        -- text
        name as email_name,
        split_part(name, ' ', 1) as email_kind,
        subject as email_subject,
        case type when 'BATCH_EMAIL' then 'batch' else 'automated' end as sending_type,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
