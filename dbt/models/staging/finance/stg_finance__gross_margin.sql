with

source as (

    {{ newest_of(source('finance', 'gross_margin'), ['month']) }}

),

renamed as (

    select
        month,
        margin,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
