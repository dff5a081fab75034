{{ config(indexes=[{'columns': ['system', 'source_id']}]) }}

-- Every row that another system keeps of a company, and the account it is. The rules
-- run from the sure to the likely; the first one that answers decides.
with

accounts as (

    select * from {{ ref('stg_app__accounts') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

users as (

    select * from {{ ref('stg_app__users') }}

),

payers as (

    select * from {{ ref('stg_stripe__customer') }}

),

companies as (

    select * from {{ ref('stg_hubspot__company') }}

),

organizations as (

    select * from {{ ref('stg_zendesk__organization') }}

),

requesters as (

    select * from {{ ref('stg_zendesk__user') }}

),

-- an address or a domain speaks for an account while no other account uses it: those of
-- mail providers serve many
own_addresses as (

    select
        users.email_hash,
        min(identity.account_id) as account_id
    from users
    inner join identity on users.account_id = identity.raw_account_id
    where users.email_hash is not null
    group by users.email_hash
    having min(identity.account_id) = max(identity.account_id)

),

own_domains as (

    select
        users.email_domain,
        min(identity.account_id) as account_id
    from users
    inner join identity on users.account_id = identity.raw_account_id
    where users.email_domain is not null
    group by users.email_domain
    having min(identity.account_id) = max(identity.account_id)

),

own_names as (

    select
        {{ name_key('accounts.account_name') }} as name_key,
        min(identity.account_id) as account_id
    from accounts
    inner join identity on accounts.account_id = identity.raw_account_id
    group by {{ name_key('accounts.account_name') }}
    having min(identity.account_id) = max(identity.account_id)

),

recorded as (

    select
        accounts.hubspot_company_id as company_id,
        min(identity.account_id) as account_id
    from accounts
    inner join identity on accounts.account_id = identity.raw_account_id
    where accounts.hubspot_company_id is not null
    group by accounts.hubspot_company_id

),

matched_companies as (

    select
        companies.company_id,
        companies.merged_company_ids,
        coalesce(recorded.account_id, own_domains.account_id, own_names.account_id)
            as account_id,
        case
            when recorded.account_id is not null then 'recorded'
            when own_domains.account_id is not null then 'domain'
            when own_names.account_id is not null then 'name'
        end as matched_by
    from companies
    left join recorded on companies.company_id = recorded.company_id
    left join own_domains on companies.company_domain = own_domains.email_domain
    left join own_names
        on
            -- a name alone is too little where a domain says something else
            companies.company_domain is null
            and {{ name_key('companies.company_name') }} = own_names.name_key

),

-- what was merged into a company is what that company is
merge_pairs as (

    select
        survivors.account_id,
        unnest(survivors.merged_company_ids) as company_id
    from matched_companies as survivors
    where survivors.account_id is not null

),

merged_companies as (

    select
        company_id,
        min(account_id) as account_id
    from merge_pairs
    group by company_id

),

-- some organizations never arrive, though people and tickets name them
people_of_organizations as (

    select
        requesters.organization_id,
        min(coalesce(identity.account_id, own_addresses.account_id)) as account_id
    from requesters
    left join users on requesters.user_id = users.user_id
    left join identity on users.account_id = identity.raw_account_id
    left join own_addresses on requesters.email_hash = own_addresses.email_hash
    where requesters.organization_id is not null
    group by requesters.organization_id
    having
        min(coalesce(identity.account_id, own_addresses.account_id))
        = max(coalesce(identity.account_id, own_addresses.account_id))

),

matched_organizations as (

    select
        coalesce(
            organizations.organization_id, people_of_organizations.organization_id
        ) as organization_id,
        coalesce(identity.account_id, people_of_organizations.account_id) as account_id,
        case
            when identity.account_id is not null then 'recorded' else 'people'
        end as matched_by
    from organizations
    left join identity on organizations.account_id = identity.raw_account_id
    full join people_of_organizations
        on organizations.organization_id = people_of_organizations.organization_id

)

select
    'app.accounts' as system,
    raw_account_id as source_id,
    account_id,
    'recorded' as matched_by
from identity
union all
select
    'stripe.customer' as system,
    payers.stripe_customer_id as source_id,
    identity.account_id,
    case when identity.account_id is not null then 'recorded' end as matched_by
from payers
left join identity on payers.account_id = identity.raw_account_id
union all
select
    'hubspot.company' as system,
    matched_companies.company_id::text as source_id,
    coalesce(matched_companies.account_id, merged_companies.account_id) as account_id,
    case
        when matched_companies.account_id is not null then matched_companies.matched_by
        when merged_companies.account_id is not null then 'merge'
    end as matched_by
from matched_companies
left join merged_companies on matched_companies.company_id = merged_companies.company_id
union all
select
    'zendesk.organization' as system,
    organization_id::text as source_id,
    account_id,
    case when account_id is not null then matched_by end as matched_by
from matched_organizations
