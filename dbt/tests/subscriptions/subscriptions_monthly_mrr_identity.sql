-- Opening plus movements plus exchange rates is the closing MRR, in every month; and a
-- month opens with what the month before closed with.
with

monthly as (

    select * from {{ ref('entity_subscriptions_monthly') }}

),

neighbours as (

    select
        monthly.*,
        lag(closing_mrr_usd) over (
            partition by subscription_id
            order by month
        ) as previous_closing_mrr_usd
    from monthly

)

select
    month,
    subscription_id,
    opening_mrr_usd,
    closing_mrr_usd,
    previous_closing_mrr_usd
from neighbours
where
    abs(
        opening_mrr_usd
        + mrr_new_usd
        + mrr_expansion_usd
        + mrr_contraction_usd
        + mrr_churn_usd
        + mrr_reactivation_usd
        + mrr_fx_usd
        - closing_mrr_usd
    ) >= 0.005
    or previous_closing_mrr_usd <> opening_mrr_usd
