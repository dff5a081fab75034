{{ config(indexes=[{'columns': ['system', 'source_id']}, {'columns': ['user_id']}]) }}

-- Every row that another system keeps of a person, and the user it is. Names are read
-- nowhere above raw: addresses, links between systems and the moment of creation tell.
-- user_id stays null where only the account is known, account_id where nothing is.
with

users as (

    select
        users.*,
        identity.account_id as canonical_account_id
    from {{ ref('stg_app__users') }} as users
    inner join {{ ref('int_accounts__identity') }} as identity
        on users.account_id = identity.raw_account_id

),

companies as (

    select * from {{ ref('int_identity__companies') }}
    where account_id is not null

),

contacts as (

    select * from {{ ref('stg_hubspot__contact') }}

),

requesters as (

    select * from {{ ref('stg_zendesk__user') }}
    where zendesk_role = 'end-user'

),

responses as (

    select * from {{ ref('stg_survey__nps_response') }}

),

-- a shared box belongs to an account and to no one in it
addresses as (

    select
        email_hash,
        case when count(*) = 1 then min(user_id) end as user_id,
        case
            when min(canonical_account_id) = max(canonical_account_id)
                then min(canonical_account_id)
        end as account_id
    from users
    where email_hash is not null
    group by email_hash

),

own_names as (

    select
        {{ name_key('accounts.account_name') }} as name_key,
        min(identity.account_id) as account_id
    from {{ ref('stg_app__accounts') }} as accounts
    inner join {{ ref('int_accounts__identity') }} as identity
        on accounts.account_id = identity.raw_account_id
    group by {{ name_key('accounts.account_name') }}
    having min(identity.account_id) = max(identity.account_id)

),

contacts_by_address as (

    select
        contacts.contact_id,
        contacts.merged_contact_ids,
        contacts.email_domain,
        contacts.created_at,
        addresses.user_id,
        coalesce(addresses.account_id, companies.account_id, own_names.account_id)
            as account_id,
        case
            when addresses.account_id is not null then 'address'
            when companies.account_id is not null then 'company'
            when own_names.account_id is not null then 'name'
        end as matched_by
    from contacts
    left join addresses on contacts.email_hash = addresses.email_hash
    left join companies
        on
            companies.system = 'hubspot.company'
            and companies.source_id = contacts.company_id::text
    left join own_names
        on
            contacts.company_id is null
            and {{ name_key('contacts.company_name') }} = own_names.name_key

),

-- The application passes a new user on within minutes: a contact of the same account
-- that appeared right after an invitation, with an address spelled alike or of the same
-- domain, is that user, however the address was typed.
by_moment as (

    select
        contacts.contact_id,
        min(users.user_id) as user_id
    from contacts_by_address as contacts
    inner join users
        on
            contacts.account_id = users.canonical_account_id
            and contacts.created_at >= users.invited_at
            and contacts.created_at < users.invited_at + interval '15 minutes'
            and {{ is_spelled_alike('contacts.email_domain', 'users.email_domain') }}
    where
        contacts.user_id is null
        and contacts.matched_by <> 'name'
        and not exists (
            select 1 from contacts_by_address as known
            where known.user_id = users.user_id
        )
    group by contacts.contact_id
    having count(*) = 1

),

matched_contacts as (

    select
        contacts.contact_id,
        contacts.merged_contact_ids,
        contacts.account_id,
        coalesce(contacts.user_id, by_moment.user_id) as user_id,
        case
            when contacts.user_id is null and by_moment.user_id is not null
                then 'moment'
            else contacts.matched_by
        end as matched_by
    from contacts_by_address as contacts
    left join by_moment on contacts.contact_id = by_moment.contact_id

),

merge_pairs as (

    select
        survivors.user_id,
        survivors.account_id,
        unnest(survivors.merged_contact_ids) as contact_id
    from matched_contacts as survivors
    where survivors.account_id is not null

),

merged_contacts as (

    select
        contact_id,
        min(user_id) as user_id,
        min(account_id) as account_id
    from merge_pairs
    group by contact_id

),

matched_requesters as (

    select
        requesters.zendesk_user_id,
        coalesce(linked.user_id, addresses.user_id) as user_id,
        coalesce(
            linked.canonical_account_id, addresses.account_id, companies.account_id
        ) as account_id,
        case
            when linked.user_id is not null then 'recorded'
            when addresses.account_id is not null then 'address'
            when companies.account_id is not null then 'company'
        end as matched_by
    from requesters
    left join users as linked on requesters.user_id = linked.user_id
    left join addresses on requesters.email_hash = addresses.email_hash
    left join companies
        on
            companies.system = 'zendesk.organization'
            and companies.source_id = requesters.organization_id::text

),

-- a browser that several people signed in with tells at most their account
browsers as (

    select
        identifies.anonymous_id,
        case when count(distinct users.user_id) = 1 then min(users.user_id) end
            as user_id,
        case
            when min(users.canonical_account_id) = max(users.canonical_account_id)
                then min(users.canonical_account_id)
        end as account_id
    from {{ ref('stg_segment__identifies') }} as identifies
    inner join users on identifies.user_id = users.user_id
    where identifies.anonymous_id is not null
    group by identifies.anonymous_id

)

select
    'app.users' as system,
    user_id as source_id,
    user_id,
    canonical_account_id as account_id,
    'recorded' as matched_by
from users
union all
select
    'hubspot.contact' as system,
    matched_contacts.contact_id::text as source_id,
    coalesce(merged_contacts.user_id, matched_contacts.user_id) as user_id,
    coalesce(merged_contacts.account_id, matched_contacts.account_id) as account_id,
    case
        when merged_contacts.account_id is not null then 'merge'
        else matched_contacts.matched_by
    end as matched_by
from matched_contacts
left join merged_contacts on matched_contacts.contact_id = merged_contacts.contact_id
union all
select
    'zendesk.user' as system,
    zendesk_user_id::text as source_id,
    user_id,
    account_id,
    matched_by
from matched_requesters
union all
select
    'survey.nps_response' as system,
    responses.nps_response_id as source_id,
    addresses.user_id,
    addresses.account_id,
    case when addresses.account_id is not null then 'address' end as matched_by
from responses
left join addresses on responses.email_hash = addresses.email_hash
union all
select
    'segment.anonymous' as system,
    anonymous_id as source_id,
    user_id,
    account_id,
    'recorded' as matched_by
from browsers
