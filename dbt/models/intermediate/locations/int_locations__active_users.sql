{{ config(materialized='view') }}

-- People who hold a role at a venue and used a feature within the last 30 UTC days,
-- wherever they used it.
with

roles as (

    select * from {{ ref('stg_app__user_location_roles') }}
    where revoked_at is null

),

people as (

    select distinct user_id
    from {{ ref('int_users__daily') }}
    where is_active and date > {{ as_of_date() }} - 30

)

select
    roles.location_id,
    count(distinct roles.user_id) as active_users_30d
from roles
inner join people on roles.user_id = people.user_id
group by roles.location_id
