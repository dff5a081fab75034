{{ config(indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- What HubSpot and Zendesk call an account, who looks after it, and when customer
-- success last reached it.
with

identity as (

    select distinct account_id
    from {{ ref('int_accounts__identity') }}
    where not is_test

),

mapped as (

    select * from {{ ref('int_identity__companies') }}
    where account_id is not null

),

-- of several companies the one that stands, of those the one sales recorded
companies as (

    select distinct on (mapped.account_id)
        mapped.account_id,
        companies.company_id as hubspot_company_id
    from mapped
    inner join {{ ref('stg_hubspot__company') }} as companies
        on mapped.source_id = companies.company_id::text
    where mapped.system = 'hubspot.company'
    order by
        mapped.account_id asc,
        companies.is_deleted asc,
        (mapped.matched_by = 'recorded') desc,
        companies.created_at asc

),

organizations as (

    select
        account_id,
        min(source_id::bigint) as zendesk_organization_id
    from mapped
    where system = 'zendesk.organization'
    group by account_id

),

-- what was known last of who looks after whom, as history has it
owners as (

    select
        account_id,
        owner_name
    from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }} and valid_to = {{ far_future() }}

),

touches as (

    select
        account_id,
        max(touched_at) as last_touch_by_csm_at
    from {{ ref('int_accounts__csm_touches') }}
    where is_reached
    group by account_id

)

select
    identity.account_id,
    companies.hubspot_company_id,
    organizations.zendesk_organization_id,
    owners.owner_name,
    touches.last_touch_by_csm_at
from identity
left join companies on identity.account_id = companies.account_id
left join organizations on identity.account_id = organizations.account_id
left join owners on identity.account_id = owners.account_id
left join touches on identity.account_id = touches.account_id
