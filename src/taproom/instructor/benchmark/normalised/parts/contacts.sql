-- Contacts of the CRM with their account: that of the user with the same address, else
-- the one that names the contact's company; contacts of test accounts are left out.
with

people as (

    select
        email_hash,
        min(account_id) as raw_account_id
    from staging.stg_app__users
    where email_hash is not null
    group by email_hash

),

companies as (

    select
        hubspot_company_id as company_id,
        min(account_id) as raw_account_id
    from staging.stg_app__accounts
    where hubspot_company_id is not null
    group by hubspot_company_id

),

form_fills as (

    select
        contact_id,
        min(changed_at) as lead_at
    from staging.stg_hubspot__contact_property_history
    where changed_by_kind = 'form'
    group by contact_id

)

select
    contacts.contact_id,
    contacts.email_hash,
    contacts.created_at,
    form_fills.lead_at,
    customers.account_id,
    coalesce(customers.account_id, 'contact-' || contacts.contact_id) as person_id
from staging.stg_hubspot__contact as contacts
left join people on contacts.email_hash = people.email_hash
left join companies on contacts.company_id = companies.company_id
left join form_fills on contacts.contact_id = form_fills.contact_id
left join customers
    on
        coalesce(people.raw_account_id, companies.raw_account_id)
        = customers.raw_account_id
where
    customers.account_id is not null
    or coalesce(people.raw_account_id, companies.raw_account_id) is null
