with

source as (

    {{ newest_of(source('finance', 'budget_rate'), ['currency']) }}

),

renamed as (

    select
        upper(currency) as currency,
        rate,
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
