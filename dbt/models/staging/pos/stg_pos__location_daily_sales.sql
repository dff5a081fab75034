{{ config(
    pre_hook="{{ index_batches('pos', 'location_daily_sales') }}",
    materialized='incremental',
    incremental_strategy='newest_wins',
    unique_key=['location_ref', 'business_date'],
    newest='_arrived_at',
    indexes=[
        {'columns': ['till_code', 'business_date'], 'unique': true},
        {'columns': ['_batch_seq'], 'type': 'brin'}
    ]
) }}

-- A corrected day is exported again: the newest delivery holds, since exported_at is
-- the venue's wall clock, which shows one hour twice in autumn. Its zone stands in
-- app.locations, so it is made UTC where venues are known, not here.
with

source as (

    {{ newest_of(
        source('pos', 'location_daily_sales'),
        ['location_ref', 'business_date']
    ) }}

),

renamed as (

    select
        -- ids
        location_ref,
        -- the tills know the end of the venue's id; the city before it adds nothing
        right(location_ref, 8) as till_code,
        business_date::date as business_date,

        -- text
        upper(currency) as currency,

        -- numbers
        gross_sales::numeric as gross_sales,
        draft_sales::numeric as draft_sales,
        draft_units,
        serving_ml,
        transactions as transaction_count,

        -- timestamps
        exported_at::timestamp as exported_local_at,

        -- delivery
        _arrived_at,
        _batch_seq
    from source

)

select * from renamed
