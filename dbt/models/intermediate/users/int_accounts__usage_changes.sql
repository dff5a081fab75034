{{ config(materialized='view') }}

-- For each account the UTC days of which a batch brought events. Rolling windows reach
-- 29 days on from there.
with

calls as (

    select * from {{ ref('stg_segment__calls') }}

),

attributes as (

    select * from {{ ref('int_users__attributes') }}

)

select
    attributes.account_id,
    {{ utc_date('calls.event_at') }} as date,
    calls._batch_seq as batch_seq
from calls
inner join attributes on calls.user_id = attributes.user_id
