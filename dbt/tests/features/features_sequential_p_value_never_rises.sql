-- A p-value that may be looked at every day only ever falls.
with

looks as (

    select
        experiment_id,
        date,
        sequential_p_value,
        lag(sequential_p_value) over (partition by experiment_id order by date)
            as previous_p_value
    from {{ ref('int_experiments__looks') }}

)

select
    experiment_id,
    date
from looks
where sequential_p_value > previous_p_value
