{{ config(materialized='view') }}

-- The UTC days whose events must be told anew, for each batch: those with a delivered
-- call, and the days after, onto which a session may run.
with

calls as (

    select * from {{ ref('stg_segment__calls') }}

)

-- the calls are named once, so that a reader's batches reach their log
select
    {{ utc_date('calls.event_at') }} + later.days as date,
    calls._batch_seq as batch_seq
from calls
cross join (values (0), (1)) as later (days)
