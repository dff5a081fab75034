{{ config(indexes=[{'columns': ['account_id', 'month'], 'unique': true}]) }}

-- One row an account and month in which entity_customers_daily has a row of it: how MRR
-- went from the month's beginning to its end. The clock's month runs to the last
-- complete day.
with

months as (

    select
        month,
        max(date) as last_date
    from {{ ref('int_calendar__days') }}
    where date >= {{ course_start() }}
    group by month

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

versions as (

    select
        account_id,
        segment,
        plan_tier,
        billing_interval,
        customer_status,
        {{ first_day_shown('valid_from') }} as first_day,
        {{ first_day_shown('valid_to') }} - 1 as last_day
    from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }}

),

mrr as (

    select * from {{ ref('int_accounts__mrr_monthly') }}

),

sm_days as (

    select * from {{ ref('int_accounts__sm_daily') }}

),

-- the shares of all days to this one: a difference of two tells any stretch of days
sm_until as (

    select
        date,
        sm_spend_allocated_usd is null as is_open,
        coalesce(
            sum(sm_spend_allocated_usd) over (
                order by date rows between unbounded preceding and current row
            ),
            0
        ) as sm_spend_until_usd
    from sm_days

),

account_months as (

    select
        months.month,
        attributes.account_id,
        attributes.country,
        date_trunc('month', {{ utc_date('attributes.signup_at') }})::date
            as signup_cohort_month,
        greatest(attributes.rows_from, months.month) as first_day,
        least(coalesce(attributes.rows_to, months.last_date), months.last_date)
            as last_day
    from attributes
    inner join months
        on
            attributes.rows_from <= months.last_date
            and coalesce(attributes.rows_to, '9999-12-31'::date) >= months.month
    where coalesce(attributes.rows_to, '9999-12-31'::date) >= attributes.rows_from

),

final as (

    select
        -- keys
        account_months.month,
        account_months.account_id,

        -- as of the last row of the month
        versions.segment,
        account_months.country,
        versions.plan_tier,
        versions.billing_interval,
        versions.customer_status,
        account_months.signup_cohort_month,
        versions.customer_status in ('active', 'past_due', 'paused') as is_customer,
        lag(versions.customer_status in ('active', 'past_due', 'paused')) over (
            partition by account_months.account_id order by account_months.month
        ) as was_customer,
        coalesce(mrr.is_new_logo, false) as is_new_logo,

        -- from the MRR the month opened with to the MRR it closed with
        coalesce(mrr.opening_mrr_usd, 0)::numeric(18, 6) as opening_mrr_usd,
        coalesce(mrr.mrr_new_usd, 0)::numeric(18, 6) as mrr_new_usd,
        coalesce(mrr.mrr_expansion_usd, 0)::numeric(18, 6) as mrr_expansion_usd,
        coalesce(mrr.mrr_contraction_usd, 0)::numeric(18, 6) as mrr_contraction_usd,
        coalesce(mrr.mrr_churn_usd, 0)::numeric(18, 6) as mrr_churn_usd,
        coalesce(mrr.mrr_reactivation_usd, 0)::numeric(18, 6) as mrr_reactivation_usd,
        coalesce(mrr.mrr_fx_usd, 0)::numeric(18, 6) as mrr_fx_usd,
        coalesce(mrr.closing_mrr_usd, 0)::numeric(18, 6) as closing_mrr_usd,

        -- money
        case
            when not sm_to.is_open
                then
                    sm_to.sm_spend_until_usd
                    - coalesce(sm_before.sm_spend_until_usd, 0)
        end::numeric(18, 10) as sm_spend_allocated_usd,
        coalesce(mrr.cash_collected_usd, 0)::numeric(18, 6) as cash_collected_usd,
        coalesce(mrr.refunds_usd, 0)::numeric(18, 6) as refunds_usd
    from account_months
    inner join versions
        on
            account_months.account_id = versions.account_id
            and account_months.last_day >= versions.first_day
            and account_months.last_day <= versions.last_day
    left join mrr
        on
            account_months.account_id = mrr.account_id
            and account_months.month = mrr.month
    inner join sm_until as sm_to on account_months.last_day = sm_to.date
    left join sm_until as sm_before on account_months.first_day - 1 = sm_before.date

)

select * from final
