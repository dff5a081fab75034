{{ config(tags=['daily'], indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- Where each account came from, and what winning it cost. The campaign is that of the
-- last touch that was not direct, before the first payment of a customer and before the
-- sign-up of who never paid.
--
-- The cost is fully loaded, by quarter of the first payment: the advertising of a
-- channel is borne by the customers it won, all else in finance's sheet (salaries,
-- tools, agencies, events, and advertising that won nobody) by all new customers alike.
-- So the costs of a quarter's customers sum to its expense. Months that finance has not
-- closed have no cost yet.
with

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

goals as (

    select * from {{ ref('int_touches__goals') }}

),

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

),

ads as (

    select * from {{ ref('int_campaigns__ads_daily') }}

),

expenses as (

    select * from {{ ref('int_finance__sm_expense_monthly') }}

),

leads as (

    select
        account_id,
        min(lead_at) as lead_at
    from {{ ref('int_touches__contacts') }}
    where account_id is not null
    group by account_id

),

quarters as (

    select
        date_trunc('quarter', month)::date as quarter,
        sum(sm_expense_usd) as sm_expense_usd
    from expenses
    group by date_trunc('quarter', month)

),

spend as (

    select
        date_trunc('quarter', ads.date)::date as quarter,
        campaigns.channel,
        sum(ads.spend_usd) as spend_usd
    from ads
    inner join campaigns on ads.campaign_id = campaigns.campaign_id
    inner join expenses on date_trunc('month', ads.date)::date = expenses.month
    group by date_trunc('quarter', ads.date), campaigns.channel

),

won as (

    select
        goals.account_id,
        goals.channel,
        date_trunc('quarter', goals.goal_on)::date as quarter
    from goals
    inner join expenses on date_trunc('month', goals.goal_on)::date = expenses.month
    where goals.goal = 'customer'

),

by_channel as (

    select
        won.quarter,
        won.channel,
        count(*) as customers,
        coalesce(max(spend.spend_usd), 0) as spend_usd
    from won
    left join spend on won.quarter = spend.quarter and won.channel = spend.channel
    group by won.quarter, won.channel

),

by_quarter as (

    select
        quarter,
        sum(customers) as customers,
        sum(spend_usd) as spend_usd
    from by_channel
    group by quarter

),

costs as (

    select
        won.account_id,
        by_channel.spend_usd / by_channel.customers as paid_cac_usd,
        (quarters.sm_expense_usd - by_quarter.spend_usd) / by_quarter.customers
            as other_cac_usd
    from won
    inner join by_channel
        on won.quarter = by_channel.quarter and won.channel = by_channel.channel
    inner join by_quarter on won.quarter = by_quarter.quarter
    inner join quarters on won.quarter = quarters.quarter

),

credited as (

    select
        goals.*,
        row_number() over (
            partition by account_id
            order by case goal when 'customer' then 1 else 2 end
        ) as goal_no
    from goals
    where goal in ('customer', 'sign_up')

)

select
    -- ids
    attributes.account_id,
    credited.campaign_id as acquisition_campaign_id,
    credited.first_campaign_id as first_touch_campaign_id,

    -- text
    credited.channel as acquisition_channel,
    {{ channel_group('credited.channel') }} as acquisition_channel_group,
    campaigns.campaign_name as acquisition_campaign_name,
    credited.first_channel as first_touch_channel,

    -- numbers
    credited.touch_count,
    case
        when attributes.first_paid_at is not null and credited.touch_count > 0
            then
                round(
                    extract(
                        epoch from attributes.first_paid_at - credited.first_touch_at
                    )::numeric / 86400,
                    2
                )
    end as days_first_touch_to_payment,
    round(
        extract(epoch from attributes.first_paid_at - attributes.signup_at)::numeric
        / 86400,
        2
    ) as days_signup_to_payment,
    round(costs.paid_cac_usd, 6) as paid_cac_usd,
    round(costs.paid_cac_usd + costs.other_cac_usd, 6) as cac_usd,

    -- timestamps
    case when credited.touch_count > 0 then credited.first_touch_at end
        as first_touch_at,
    case when credited.touch_count > 0 then credited.last_touch_at end as last_touch_at,
    leads.lead_at
from attributes
inner join credited
    on attributes.account_id = credited.account_id and credited.goal_no = 1
inner join campaigns on credited.campaign_id = campaigns.campaign_id
left join costs on attributes.account_id = costs.account_id
left join leads on attributes.account_id = leads.account_id
