{{ config(materialized='view') }}

-- The UTC days whose events must be told anew, for each batch: those with a delivered
-- call, and the days after, onto which a session may run.
with

calls as (

    select * from {{ ref('stg_segment__calls') }}

),

days as (

    select
        {{ utc_date('event_at') }} as date,
        _batch_seq as batch_seq
    from calls

)

select
    date,
    batch_seq
from days
union all
select
    date + 1 as date,
    batch_seq
from days
