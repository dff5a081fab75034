{{ config(materialized='view') }}

-- For each user the batches that brought a call of the user or of a browser that turned
-- out to be the user's.
with

calls as (

    select * from {{ ref('stg_segment__calls') }}

),

-- the same rows, read a second time: a reader's batches reach a log that is named once
views as (

    select * from {{ ref('stg_segment__calls') }}
    where event_kind = 'guest_view'

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
    views._batch_seq as batch_seq
from views
inner join browsers on views.anonymous_id = browsers.anonymous_id
