-- Opening MRR and the day's movements add up to closing MRR, for every account and day.
select
    date,
    account_id
from {{ ref('entity_customers_daily') }}
where
    abs(
        opening_mrr_usd + mrr_new_usd + mrr_expansion_usd + mrr_reactivation_usd
        + mrr_contraction_usd + mrr_churn_usd + mrr_fx_usd - mrr_usd
    ) > 0.000001
