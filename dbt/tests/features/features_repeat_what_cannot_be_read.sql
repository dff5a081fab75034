-- No experiment whose split is broken is decided on its lift, and none is shipped for
-- less.
select feature_id
from {{ ref('entity_features') }}
where
    experiment_status = 'completed'
    and (
        (exp_srm_p_value < 0.001 and exp_decision is distinct from 'repeat')
        or (exp_decision = 'repeat' and exp_srm_p_value >= 0.001)
        or (exp_decision = 'ship' and (exp_lift_abs <= 0 or exp_p_value >= 0.05))
    )
