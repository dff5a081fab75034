{{ config(materialized='view') }}

-- For each device and month the batches that hold anything which concerns one of its
-- days.
with

day_changes as (

    select * from {{ ref('int_devices__day_changes') }}

)

select
    device_id,
    date_trunc('month', date)::date as month,
    batch_seq
from day_changes
