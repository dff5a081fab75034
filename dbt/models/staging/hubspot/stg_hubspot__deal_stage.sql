with

source as (

    {{ newest_of(source('hubspot', 'deal_stage'), ['deal_id', '_fivetran_start']) }}

),

renamed as (

    select
        -- ids
        deal_id,
        value as stage_id,

        -- text
        lower(source) as moved_by_kind,
        source_id as moved_by,

        -- booleans
        _fivetran_active as is_current,

        -- timestamps
        date_entered as entered_at,
        case when _fivetran_end < '9999-01-01' then _fivetran_end end as left_at,
        _fivetran_synced as synced_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
