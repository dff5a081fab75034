-- Customers counted by the campaign they came by are the customers credited to it by
-- last touch, and what winning them cost sums to the expense of the closed months.
with

-- the day of the first MRR, as the accounts' movements count it
first_days as (

    select
        account_id,
        min(first_paid_on) as first_paid_on
    from {{ ref('int_subscriptions__lifecycle') }}
    where first_paid_on <= {{ as_of_date() }}
    group by account_id

),

won as (

    select
        acquisition.acquisition_campaign_id as campaign_id,
        count(*) as customers
    from {{ ref('int_accounts__acquisition') }} as acquisition
    inner join first_days on acquisition.account_id = first_days.account_id
    group by acquisition.acquisition_campaign_id

),

costs as (

    select
        date_trunc('quarter', first_days.first_paid_on)::date as quarter,
        sum(acquisition.cac_usd) as cac_usd
    from {{ ref('int_accounts__acquisition') }} as acquisition
    inner join first_days on acquisition.account_id = first_days.account_id
    where acquisition.cac_usd is not null
    group by date_trunc('quarter', first_days.first_paid_on)

),

expenses as (

    select
        date_trunc('quarter', month)::date as quarter,
        sum(sm_expense_usd) as sm_expense_usd
    from {{ ref('int_finance__sm_expense_monthly') }}
    group by date_trunc('quarter', month)

)

select
    campaigns.campaign_id as what,
    campaigns.customers_last_touch as expected,
    won.customers as found
from {{ ref('entity_campaigns') }} as campaigns
left join won on campaigns.campaign_id = won.campaign_id
where abs(campaigns.customers_last_touch - coalesce(won.customers, 0)) > 0.001
union all
select
    costs.quarter::text as what,
    expenses.sm_expense_usd as expected,
    costs.cac_usd as found
from costs
inner join expenses on costs.quarter = expenses.quarter
where abs(expenses.sm_expense_usd - costs.cac_usd) > 0.01
