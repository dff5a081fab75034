{{ config(materialized='view') }}

-- The UTC days on which sessions began that a batch has changed: the days of its calls,
-- the days before, from which a session may run on, and the days after.
with

days as (

    select * from {{ ref('int_users__event_days') }}

)

select
    days.date - earlier.days as date,
    days.batch_seq
from days
cross join (values (0), (1)) as earlier (days)
