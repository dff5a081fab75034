{{ config(tags=['daily'], indexes=[{'columns': ['deal_id'], 'unique': true}]) }}

-- One row a deal of sales or customer success: whose it is, where it stands, how long
-- it took. Deals with prospects who never signed up have no account. A deal belongs to
-- the campaign of its account's lead or sign-up, or of the first lead of the company;
-- who has neither came directly.
with

deals as (

    select * from {{ ref('stg_hubspot__deal') }}
    where not is_deleted

),

stages as (

    select * from {{ ref('stg_hubspot__deal_pipeline_stage') }}

),

links as (

    select
        deal_id,
        min(company_id) as company_id
    from {{ ref('stg_hubspot__deal_company') }}
    group by deal_id

),

companies as (

    select
        source_id,
        min(account_id) as account_id
    from {{ ref('int_identity__companies') }}
    where system = 'hubspot.company' and account_id is not null
    group by source_id

),

tests as (

    select distinct account_id
    from {{ ref('int_accounts__identity') }}
    where is_test

),

leads as (

    select * from {{ ref('int_campaigns__leads') }}

),

contacts as (

    select * from {{ ref('stg_hubspot__contact') }}
    where company_id is not null

),

of_accounts as (

    select
        account_id,
        campaign_id,
        row_number() over (
            partition by account_id order by lead_at nulls last, created_at, contact_id
        ) as lead_no
    from leads
    where account_id is not null

),

of_companies as (

    select
        contacts.company_id,
        leads.campaign_id,
        row_number() over (
            partition by contacts.company_id
            order by leads.lead_at nulls last, leads.created_at, leads.contact_id
        ) as lead_no
    from leads
    inner join contacts on leads.contact_id = contacts.contact_id

),

placed as (

    select
        -- ids
        deals.deal_id,
        companies.account_id,
        coalesce(of_accounts.campaign_id, of_companies.campaign_id, 'none-direct')
            as campaign_id,

        -- text
        deals.deal_type,
        case
            when stages.is_won then 'won'
            when stages.win_probability = 0 then 'lost'
            else 'open'
        end as deal_status,

        -- numbers
        deals.amount_usd,

        -- timestamps
        deals.created_at as opened_at,
        deals.closed_at as closes_at
    from deals
    inner join stages on deals.stage_id = stages.stage_id
    left join links on deals.deal_id = links.deal_id
    left join companies on links.company_id::text = companies.source_id
    left join tests on companies.account_id = tests.account_id
    left join of_accounts
        on companies.account_id = of_accounts.account_id and of_accounts.lead_no = 1
    left join of_companies
        on links.company_id = of_companies.company_id and of_companies.lead_no = 1
    where tests.account_id is null

)

select
    deal_id,
    account_id,
    campaign_id,
    deal_type,
    deal_status,
    amount_usd,
    opened_at,
    -- of an open deal it is the day its owner hopes for
    case when deal_status <> 'open' then closes_at end as closed_at,
    case
        when deal_status <> 'open'
            then
                round(
                    extract(epoch from closes_at - opened_at)::numeric / 86400, 2
                )
    end as days_to_close
from placed
