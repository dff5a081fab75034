{{ config(indexes=[{'columns': ['account_id']}, {'columns': ['engagement_id']}]) }}

-- Calls, meetings and mails of customer success with an account. Notes and tasks are
-- the team's own; a call nobody answered and a meeting nobody came to reached no one.
-- Newer engagements name the company, some only a person of it.
with

engagements as (

    select * from {{ ref('stg_hubspot__engagement') }}
    where is_active and engagement_type in ('call', 'meeting', 'email')

),

owners as (

    select * from {{ ref('stg_hubspot__owner') }}
    where team = 'customer_success'

),

companies as (

    select * from {{ ref('int_identity__companies') }}
    where system = 'hubspot.company' and account_id is not null

),

people as (

    select * from {{ ref('int_identity__people') }}
    where system = 'hubspot.contact' and account_id is not null

),

tests as (

    select distinct account_id
    from {{ ref('int_accounts__identity') }}
    where is_test

),

-- all that is told of an engagement, gathered by grouping: joins of five views, whose
-- sizes the planner cannot know, would take minutes
told as (

    select
        engagements.engagement_id,
        engagements.engagement_type,
        engagements.owner_id,
        engagements.engaged_at,
        null::text as company_account_id,
        null::text as person_account_id,
        case when engagements.engagement_type = 'email' then 1 else 0 end as is_reached
    from engagements
    inner join owners on engagements.owner_id = owners.owner_id
    union all
    select
        links.engagement_id,
        null as engagement_type,
        null as owner_id,
        null as engaged_at,
        companies.account_id as company_account_id,
        null as person_account_id,
        0 as is_reached
    from {{ ref('stg_hubspot__engagement_company') }} as links
    inner join companies on links.company_id::text = companies.source_id
    union all
    select
        links.engagement_id,
        null as engagement_type,
        null as owner_id,
        null as engaged_at,
        null as company_account_id,
        people.account_id as person_account_id,
        0 as is_reached
    from {{ ref('stg_hubspot__engagement_contact') }} as links
    inner join people on links.contact_id::text = people.source_id
    union all
    select
        engagement_id,
        null as engagement_type,
        null as owner_id,
        null as engaged_at,
        null as company_account_id,
        null as person_account_id,
        1 as is_reached
    from {{ ref('stg_hubspot__engagement_call') }}
    where call_outcome = 'connected'
    union all
    select
        engagement_id,
        null as engagement_type,
        null as owner_id,
        null as engaged_at,
        null as company_account_id,
        null as person_account_id,
        1 as is_reached
    from {{ ref('stg_hubspot__engagement_meeting') }}
    where meeting_outcome = 'completed'

),

touches as (

    select
        engagement_id,
        coalesce(min(company_account_id), min(person_account_id)) as account_id,
        max(engagement_type) as engagement_type,
        max(owner_id) as owner_id,
        max(engaged_at) as touched_at,
        max(is_reached) = 1 as is_reached
    from told
    group by engagement_id
    having max(engagement_type) is not null

)

select touches.*
from touches
left join tests on touches.account_id = tests.account_id
where
    touches.account_id is not null
    and touches.touched_at < {{ as_of() }}
    and tests.account_id is null
