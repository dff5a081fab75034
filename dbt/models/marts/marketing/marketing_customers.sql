{{ config(materialized='table') }}

-- Everybody who ever paid, by what brought them.
with

customers as (

    select * from {{ ref('entity_customers') }}
    where first_paid_at is not null

)

select
    account_id,
    account_name,
    segment,
    country,
    plan_tier,
    acquisition_channel as channel,
    {{ channel_group('acquisition_channel') }} as channel_group,
    acquisition_campaign_name as campaign_name,
    first_touch_channel,
    date_trunc('month', {{ utc_date('first_paid_at') }})::date as first_paid_month,
    to_char({{ utc_date('first_paid_at') }}, 'YYYY-MM') as period,
    customer_status in ('active', 'past_due', 'paused') as is_customer,
    touch_count,
    days_signup_to_payment,
    days_first_touch_to_payment,
    mrr_usd,
    lifetime_revenue_usd,
    cac_usd,
    ltv_usd
from customers
