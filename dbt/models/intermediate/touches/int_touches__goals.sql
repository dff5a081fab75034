{{ config(indexes=[{'columns': ['account_id']}]) }}

-- One row a goal (form fill, sign-up, first payment): the touch it is credited to where
-- one touch takes all, the last one that was not direct, and the one it began with.
with

paths as (

    select * from {{ ref('int_touches__paths') }}

),

last_touches as (

    select * from paths
    where touch_no = touch_count

),

first_touches as (

    select * from paths
    where touch_no = 1

)

select
    last_touches.goal_id,
    last_touches.goal,
    last_touches.account_id,
    last_touches.contact_id,
    last_touches.goal_at,
    last_touches.goal_on,
    last_touches.campaign_id,
    last_touches.channel,
    last_touches.touched_at as last_touch_at,
    last_touches.country_code,
    last_touches.region,
    first_touches.campaign_id as first_campaign_id,
    first_touches.channel as first_channel,
    first_touches.touched_at as first_touch_at,
    case
        when last_touches.touch_source = 'none' then 0
        else last_touches.touch_count
    end as touch_count
from last_touches
inner join first_touches on last_touches.goal_id = first_touches.goal_id
