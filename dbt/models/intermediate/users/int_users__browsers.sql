{{ config(materialized='view') }}

-- Whose a browser is: of the users who signed in with it the first.
with

identifies as (

    select * from {{ ref('stg_segment__identifies') }}

),

ranked as (

    select
        anonymous_id,
        user_id,
        identified_at,
        row_number() over (
            partition by anonymous_id order by identified_at, identify_id
        ) as rank_first
    from identifies

)

select
    anonymous_id,
    user_id,
    identified_at as first_identified_at
from ranked
where rank_first = 1
