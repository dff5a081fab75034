with

source as (

    {{ newest_of(source('finance', 'fx_rate'), ['date', 'from_ccy', 'to_ccy']) }}

),

renamed as (

    select
        date as rate_date,
        upper(from_ccy) as from_currency,
        upper(to_ccy) as to_currency,
        rate,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
