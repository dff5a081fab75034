-- What became of the customers a campaign was the last touch of: how long they took,
-- whether they stayed, and what they were billed in their first twelve months.
with

goals as (

    select * from {{ ref('int_touches__goals') }}
    where goal = 'customer' and goal_on <= {{ as_of_date() }}

),

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where
        superseded_at = {{ far_future() }}
        and customer_status in ('active', 'past_due', 'paused')

),

invoices as (

    select
        invoices.account_id,
        sum(invoices.billed_usd) as billed_12m_usd
    from {{ ref('int_invoices__invoices') }} as invoices
    inner join goals
        on
            invoices.account_id = goals.account_id
            and invoices.billed_on < goals.goal_on + 365
    where invoices.is_billed
    group by invoices.account_id

),

lifetime_values as (

    select * from {{ ref('int_accounts__lifetime_value') }}

),

leads as (

    select
        campaign_id,
        count(*) as leads,
        count(*) filter (
            where {{ first_day_shown('first_paid_at') }} <= {{ as_of_date() }}
        ) as leads_won
    from {{ ref('int_campaigns__leads') }}
    where
        lead_at is not null
        and {{ first_day_shown('lead_at') }} <= {{ as_of_date() }}
    group by campaign_id

),

open_deals as (

    select
        campaign_id,
        sum(amount_usd) as deals_open_usd
    from {{ ref('int_deals__deals') }}
    where
        deal_type = 'newbusiness'
        and {{ first_day_shown('opened_at') }} <= {{ as_of_date() }}
        and (
            closed_at is null
            or {{ first_day_shown('closed_at') }} > {{ as_of_date() }}
        )
    group by campaign_id

),

customers as (

    select
        goals.campaign_id,
        goals.account_id,
        extract(epoch from goals.goal_at - goals.first_touch_at)::numeric / 86400
            as days_to_convert,
        case
            when goals.goal_on + 90 <= {{ as_of_date_once() }}
                then case when versions.account_id is not null then 1 else 0 end
        end as is_retained_90d,
        coalesce(invoices.billed_12m_usd, 0) as billed_12m_usd,
        lifetime_values.ltv_usd
    from goals
    left join versions
        on
            goals.account_id = versions.account_id
            and goals.goal_at + interval '90 days' >= versions.valid_from
            and goals.goal_at + interval '90 days' < versions.valid_to
    left join invoices on goals.account_id = invoices.account_id
    left join lifetime_values on goals.account_id = lifetime_values.account_id

),

by_campaign as (

    select
        campaign_id,
        round(avg(days_to_convert), 2) as avg_days_to_convert,
        round(avg(is_retained_90d), 6) as retention_90d,
        sum(billed_12m_usd) as billed_12m_usd,
        sum(ltv_usd) as attributed_ltv_usd
    from customers
    group by campaign_id

)

select
    campaigns.campaign_id,
    by_campaign.avg_days_to_convert,
    by_campaign.retention_90d,
    coalesce(by_campaign.billed_12m_usd, 0) as billed_12m_usd,
    by_campaign.attributed_ltv_usd,
    round(1.0 * leads.leads_won / leads.leads, 6) as lead_to_customer_rate,
    coalesce(open_deals.deals_open_usd, 0) as deals_open_usd
from {{ ref('int_campaigns__campaigns') }} as campaigns
left join by_campaign on campaigns.campaign_id = by_campaign.campaign_id
left join leads on campaigns.campaign_id = leads.campaign_id
left join open_deals on campaigns.campaign_id = open_deals.campaign_id
