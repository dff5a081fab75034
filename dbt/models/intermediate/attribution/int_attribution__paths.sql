{{ config(indexes=[{'columns': ['account_id']}]) }}

-- The path of each new customer to its first payment, and which of its touches stand
-- for the first contact: the one that brought the form fill, or the sign-up of who
-- filled in none; and the last one before sales opened a deal.
with

paths as (

    -- complete days only: what happened today is told tomorrow
    select * from {{ ref('int_touches__paths') }}
    where goal = 'customer' and goal_on <= {{ as_of_date() }}

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

lifecycles as (

    select * from {{ ref('int_subscriptions__lifecycle') }}

),

leads as (

    select
        account_id,
        min(lead_at) as lead_at
    from {{ ref('int_touches__contacts') }}
    where account_id is not null
    group by account_id

),

deals as (

    select
        identity.account_id,
        min(deals.created_at) as deal_at
    from {{ ref('stg_hubspot__deal') }} as deals
    inner join {{ ref('stg_hubspot__deal_company') }} as companies
        on deals.deal_id = companies.deal_id
    inner join {{ ref('stg_app__accounts') }} as accounts
        on companies.company_id = accounts.hubspot_company_id
    inner join {{ ref('int_accounts__identity') }} as identity
        on accounts.account_id = identity.raw_account_id
    where deals.deal_type = 'newbusiness' and not deals.is_deleted
    group by identity.account_id

),

first_days as (

    select
        account_id,
        min(first_paid_on) as first_paid_on
    from lifecycles
    group by account_id

),

-- the first MRR is that of all subscriptions first paid on the account's first day
first_mrr as (

    select
        lifecycles.account_id,
        sum(lifecycles.initial_mrr_usd) as first_mrr_usd
    from lifecycles
    inner join first_days
        on
            lifecycles.account_id = first_days.account_id
            and lifecycles.first_paid_on = first_days.first_paid_on
    group by lifecycles.account_id

),

dated as (

    select
        paths.*,
        first_mrr.first_mrr_usd,
        case
            when leads.lead_at <= paths.goal_at then leads.lead_at
            else attributes.signup_at
        end as lead_at,
        case when deals.deal_at <= paths.goal_at then deals.deal_at end as deal_at
    from paths
    inner join attributes on paths.account_id = attributes.account_id
    inner join first_mrr on paths.account_id = first_mrr.account_id
    left join leads on paths.account_id = leads.account_id
    left join deals on paths.account_id = deals.account_id

),

numbered as (

    select
        dated.*,
        -- the last touch before the moment, else the path's first
        greatest(
            count(*) filter (where touched_at <= lead_at) over path, 1
        ) as lead_touch_no,
        case
            when deal_at is not null
                then
                    greatest(
                        count(*) filter (where touched_at <= deal_at) over path, 1
                    )
        end as deal_touch_no
    from dated
    window path as (partition by account_id)

)

select
    account_id,
    touch_id,
    campaign_id,
    channel,
    touch_no,
    touch_count,
    touch_no = lead_touch_no as is_lead_touch,
    coalesce(touch_no = deal_touch_no, false) as is_opportunity_touch,
    touched_at,
    goal_at as first_paid_at,
    goal_on as first_paid_on,
    first_mrr_usd
from numbered
