{{ config(materialized='view') }}

-- For each user the batches that brought a call of the user or of a browser that turned
-- out to be the user's.
with

calls as (

    select * from {{ ref('stg_segment__calls') }}

),

identifies as (

    select * from {{ ref('stg_segment__identifies') }}

),

browsers as (

    select * from {{ ref('int_users__browsers') }}

)

select
    user_id,
    _batch_seq as batch_seq
from calls
where user_id is not null
union all
select
    user_id,
    _batch_seq as batch_seq
from identifies
union all
select
    browsers.user_id,
    calls._batch_seq as batch_seq
from calls
inner join browsers on calls.anonymous_id = browsers.anonymous_id
where calls.event_kind = 'guest_view'
