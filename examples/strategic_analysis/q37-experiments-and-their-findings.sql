-- id: Q37
-- question: What did each A/B test find, and was its split as planned (SRM check)?
-- dashboard: Product
-- difficulty: hard
-- tables: entity_features
-- key: experiment_name
-- reading: First the split: below 0.001 the arms were not drawn as planned, and nothing
--     else may be read. Then the difference of the arms as drawn (intention to treat)
--     with its p-value. The decision says what the rules make of it; of a running test
--     nothing is decided yet, however small p is today.
-- excludes: Units of test accounts; from the means units whose 14 or 28 days are not
--     over; features without an experiment.

select
    feature_name,
    experiment_name,
    exp_control_n as control_units,
    exp_treatment_n as treatment_units,
    round(exp_control_mean, 4) as control_mean,
    round(exp_treatment_mean, 4) as treatment_mean,
    round(exp_lift_abs, 4) as lift_abs,
    round(exp_p_value, 3) as p_value,
    round(exp_srm_p_value, 4) as srm_p_value,
    exp_srm_p_value >= 0.001 as split_as_planned,
    exp_decision as decision
from entities.entity_features
where exp_control_n is not null
order by experiment_name
