with

features_daily as (

    select * from {{ ref('entity_features_daily') }}
    where experiment_status in ('running', 'completed')

),

by_day as (

    select
        experiment_id,
        feature_name,
        date,
        sum(exp_control_units) as control_units,
        sum(exp_treatment_units) as treatment_units,
        sum(exp_control_conversions) as control_conversions,
        sum(exp_treatment_conversions) as treatment_conversions
    from features_daily
    group by experiment_id, feature_name, date

),

-- while units still come in or may still convert
running as (

    select
        by_day.*,
        min(date) over (partition by experiment_id) as first_date
    from by_day

)

select
    experiment_id,
    feature_name,
    date,
    {{ days_between('first_date', 'date') }} as day_no,
    sum(control_units) over so_far as control_units,
    sum(treatment_units) over so_far as treatment_units,
    sum(control_conversions) over so_far as control_conversions,
    sum(treatment_conversions) over so_far as treatment_conversions
from running
where date <= first_date + 56
window so_far as (partition by experiment_id order by date)
