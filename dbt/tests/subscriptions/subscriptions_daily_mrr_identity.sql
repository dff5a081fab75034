-- Opening plus movements plus exchange rates is the day's MRR, on every row; list less
-- discount is MRR too.
select
    date,
    subscription_id,
    opening_mrr_usd,
    mrr_usd
from {{ ref('entity_subscriptions_daily') }}
where
    abs(
        opening_mrr_usd
        + mrr_new_usd
        + mrr_expansion_usd
        + mrr_contraction_usd
        + mrr_churn_usd
        + mrr_reactivation_usd
        + mrr_fx_usd
        - mrr_usd
    ) >= 0.005
    or abs(list_mrr_usd - discount_mrr_usd - mrr_usd) >= 0.005
