-- An account's month holds what its days hold, and opens with what the month before
-- closed with.
with

days as (

    select
        account_id,
        date_trunc('month', date)::date as month,
        max(date) as last_date,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(mrr_expansion_usd) as mrr_expansion_usd,
        sum(mrr_contraction_usd) as mrr_contraction_usd,
        sum(mrr_churn_usd) as mrr_churn_usd,
        sum(mrr_reactivation_usd) as mrr_reactivation_usd,
        sum(mrr_fx_usd) as mrr_fx_usd,
        sum(sm_spend_allocated_usd) as sm_spend_allocated_usd,
        sum(cash_collected_usd) as cash_collected_usd,
        sum(refunds_usd) as refunds_usd,
        bool_or(is_new_logo) as is_new_logo
    from {{ ref('entity_customers_daily') }}
    group by account_id, date_trunc('month', date)::date

),

last_days as (

    select
        days.*,
        daily.segment,
        daily.plan_tier,
        daily.customer_status,
        daily.is_customer,
        daily.mrr_usd as closing_mrr_usd
    from days
    inner join {{ ref('entity_customers_daily') }} as daily
        on days.account_id = daily.account_id and days.last_date = daily.date

),

months as (

    select
        monthly.*,
        lag(closing_mrr_usd) over in_order as previous_closing_mrr_usd,
        lag(is_customer) over in_order as previous_is_customer
    from {{ ref('entity_customers_monthly') }} as monthly
    window in_order as (partition by account_id order by month)

)

select
    last_days.account_id as account_of_days,
    last_days.month as month_of_days,
    months.account_id,
    months.month
from last_days
full outer join months
    on
        last_days.account_id = months.account_id
        and last_days.month = months.month
where
    last_days.account_id is null
    or months.account_id is null
    or (
        last_days.mrr_new_usd,
        last_days.mrr_expansion_usd,
        last_days.mrr_contraction_usd,
        last_days.mrr_churn_usd,
        last_days.mrr_reactivation_usd,
        last_days.mrr_fx_usd,
        last_days.sm_spend_allocated_usd,
        last_days.cash_collected_usd,
        last_days.refunds_usd,
        last_days.is_new_logo,
        last_days.segment,
        last_days.plan_tier,
        last_days.customer_status,
        last_days.is_customer,
        last_days.closing_mrr_usd
    ) is distinct from (
        months.mrr_new_usd,
        months.mrr_expansion_usd,
        months.mrr_contraction_usd,
        months.mrr_churn_usd,
        months.mrr_reactivation_usd,
        months.mrr_fx_usd,
        months.sm_spend_allocated_usd,
        months.cash_collected_usd,
        months.refunds_usd,
        months.is_new_logo,
        months.segment,
        months.plan_tier,
        months.customer_status,
        months.is_customer,
        months.closing_mrr_usd
    )
    or months.previous_closing_mrr_usd <> months.opening_mrr_usd
    or months.previous_is_customer is distinct from months.was_customer
    or abs(
        months.opening_mrr_usd
        + months.mrr_new_usd
        + months.mrr_expansion_usd
        + months.mrr_contraction_usd
        + months.mrr_churn_usd
        + months.mrr_reactivation_usd
        + months.mrr_fx_usd
        - months.closing_mrr_usd
    ) >= 0.005
