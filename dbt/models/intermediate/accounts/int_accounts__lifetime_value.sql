{{ config(materialized='ephemeral') }}

-- The simple lifetime value of a living customer: its own MRR times the gross margin
-- times the expected months of its segment, which are capped at 60.
with

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

billing as (

    select * from {{ ref('int_accounts__billing') }}

),

churn_rates as (

    select * from {{ ref('int_accounts__churn_rates') }}

)

select
    attributes.account_id,
    round(
        billing.mrr_usd * churn_rates.gross_margin * churn_rates.lifetime_months, 2
    ) as ltv_usd
from attributes
inner join billing on attributes.account_id = billing.account_id
inner join churn_rates on attributes.segment = churn_rates.segment
where attributes.customer_status in ('active', 'past_due', 'paused')
