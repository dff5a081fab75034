-- The account of a HubSpot contact: that of the user with the same address, else the
-- one that names the contact's company. Of merged accounts the survivor; contacts of
-- test accounts are left out, those of nobody's account have none.
with

contacts as (

    select * from {{ ref('stg_hubspot__contact') }}

),

users as (

    select
        email_hash,
        min(account_id) as raw_account_id
    from {{ ref('stg_app__users') }}
    where email_hash is not null
    group by email_hash

),

companies as (

    select
        hubspot_company_id as company_id,
        min(account_id) as raw_account_id
    from {{ ref('stg_app__accounts') }}
    where hubspot_company_id is not null
    group by hubspot_company_id

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

form_fills as (

    select
        contact_id,
        min(changed_at) as lead_at
    from {{ ref('stg_hubspot__contact_property_history') }}
    where changed_by_kind = 'form'
    group by contact_id

),

matched as (

    select
        contacts.contact_id,
        contacts.email_hash,
        contacts.email_test_group,
        contacts.created_at,
        form_fills.lead_at,
        coalesce(users.raw_account_id, companies.raw_account_id) as raw_account_id
    from contacts
    left join users on contacts.email_hash = users.email_hash
    left join companies on contacts.company_id = companies.company_id
    left join form_fills on contacts.contact_id = form_fills.contact_id

)

select
    matched.contact_id,
    matched.email_hash,
    matched.email_test_group,
    identity.account_id,
    coalesce(identity.account_id, 'contact-' || matched.contact_id) as person_id,
    matched.lead_at,
    matched.created_at
from matched
left join identity on matched.raw_account_id = identity.raw_account_id
where not coalesce(identity.is_test, false)
