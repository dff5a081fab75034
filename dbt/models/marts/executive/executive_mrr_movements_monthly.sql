-- The movements of MRR one below the other: the steps of a waterfall.
with

kpis_monthly as (

    select * from {{ ref('executive_kpis_monthly') }}

)

select
    kpis_monthly.month,
    kpis_monthly.segment,
    kpis_monthly.country,
    kpis_monthly.plan_tier,
    kpis_monthly.period,
    kpis_monthly.quarter_name,
    steps.movement,
    steps.mrr_moved_usd
from kpis_monthly
cross join lateral (
    values
    ('1 New', kpis_monthly.mrr_new_usd),
    ('2 Expansion', kpis_monthly.mrr_expansion_usd),
    ('3 Reactivation', kpis_monthly.mrr_reactivation_usd),
    ('4 Contraction', kpis_monthly.mrr_contraction_usd),
    ('5 Churn', kpis_monthly.mrr_churn_usd),
    ('6 Exchange rates', kpis_monthly.mrr_fx_usd)
) as steps (movement, mrr_moved_usd)
