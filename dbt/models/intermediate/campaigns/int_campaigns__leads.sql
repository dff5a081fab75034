-- People sales could win and how far each came: who filled in a form, and of accounts
-- that signed up without one their first contact. A lead belongs to the campaign of the
-- last touch before the form, the others to that of the last touch before the sign-up.
with

contacts as (

    select * from {{ ref('int_touches__contacts') }}

),

goals as (

    select * from {{ ref('int_touches__goals') }}

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

stages as (

    select
        contact_id,
        min(changed_at) filter (where property_value = 'marketingqualifiedlead')
            as mql_at,
        min(changed_at) filter (where property_value = 'salesqualifiedlead') as sql_at,
        min(changed_at) filter (where property_value = 'opportunity') as opportunity_at
    from {{ ref('stg_hubspot__contact_property_history') }}
    where property_name = 'lifecyclestage'
    group by contact_id

),

ranked as (

    select
        contacts.*,
        row_number() over (
            partition by person_id
            order by
                case when lead_at is null then 1 else 0 end, created_at, contact_id
        ) as contact_no
    from contacts

),

people as (

    select * from ranked
    where
        lead_at is not null
        or (account_id is not null and contact_no = 1)

)

select
    -- ids
    people.contact_id,
    people.account_id,
    coalesce(lead_goals.campaign_id, sign_ups.campaign_id) as campaign_id,

    -- text
    coalesce(lead_goals.channel, sign_ups.channel) as channel,
    coalesce(lead_goals.country_code, sign_ups.country_code, attributes.country)
        as country_code,
    coalesce(lead_goals.region, sign_ups.region) as region,
    people.email_test_group,

    -- timestamps
    people.created_at,
    people.lead_at,
    stages.mql_at,
    stages.sql_at,
    stages.opportunity_at,
    attributes.signup_at,
    attributes.first_paid_at
from people
left join goals as lead_goals
    on people.contact_id = lead_goals.contact_id and lead_goals.goal = 'lead'
left join goals as sign_ups
    on people.account_id = sign_ups.account_id and sign_ups.goal = 'sign_up'
left join stages on people.contact_id = stages.contact_id
left join attributes on people.account_id = attributes.account_id
where lead_goals.campaign_id is not null or sign_ups.campaign_id is not null
