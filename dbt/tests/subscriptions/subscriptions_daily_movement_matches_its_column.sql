-- A day has one movement: its kind names the one column that is filled, with the right
-- sign.
select
    date,
    subscription_id,
    movement_type
from {{ ref('entity_subscriptions_daily') }}
where
    (movement_type = 'new') <> (mrr_new_usd > 0)
    or (movement_type = 'expansion') <> (mrr_expansion_usd > 0)
    or (movement_type = 'contraction') <> (mrr_contraction_usd < 0)
    or (movement_type = 'churn') <> (mrr_churn_usd < 0)
    or (movement_type = 'reactivation') <> (mrr_reactivation_usd > 0)
    or mrr_new_usd < 0
    or mrr_expansion_usd < 0
    or mrr_contraction_usd > 0
    or mrr_churn_usd > 0
    or mrr_reactivation_usd < 0
