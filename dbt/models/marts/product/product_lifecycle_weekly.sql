{{ config(materialized='table') }}

-- Growth accounting of the people who use the product: who came, stayed, returned and
-- fell silent in a week.
with

users_weekly as (

    select * from {{ ref('entity_users_weekly') }}

)

select
    week_start,
    to_char(week_start, 'YYYY-MM') as period,
    plan_tier,
    account_segment as segment,
    lifecycle_state,
    count(*) as users,
    count(*) filter (where is_active) as active_users,
    -- the losses of growth accounting: the week before it was another state
    count(*) filter (where was_active_prev_week and not is_active)
        as users_fallen_silent
from users_weekly
group by week_start, plan_tier, account_segment, lifecycle_state
