with

source as (

    {{ newest_of(source('hubspot', 'deal_company'), ['deal_id', 'company_id']) }}

),

renamed as (

    select
        -- ids
        deal_id,
        company_id,

        -- timestamps
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
