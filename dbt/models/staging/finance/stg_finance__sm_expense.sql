-- A spreadsheet without a key: two lines may be alike, so every delivered line counts.
with

source as (

    select * from {{ source('finance', 'sm_expense') }}

),

renamed as (

    select
        -- text
        category,
        vendor,
        upper(currency) as currency,
        note,

        -- numbers
        amount,

        -- dates
        month,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
