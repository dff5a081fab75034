{{ config(indexes=[{'columns': ['user_id'], 'unique': true}]) }}

-- One row a user of the application: what the other systems call the person, and the
-- person's last answer to the survey. Test users and those who were erased stay in.
with

users as (

    select * from {{ ref('stg_app__users') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

people as (

    select * from {{ ref('int_identity__people') }}
    where user_id is not null

),

-- a person who is a contact twice is the one that stands, and of those the first
contacts as (

    select distinct on (people.user_id)
        people.user_id,
        contacts.contact_id as hubspot_contact_id
    from people
    inner join {{ ref('stg_hubspot__contact') }} as contacts
        on people.source_id = contacts.contact_id::text
    where people.system = 'hubspot.contact'
    order by people.user_id asc, contacts.is_deleted asc, contacts.created_at asc

),

requesters as (

    select
        user_id,
        min(source_id::bigint) as zendesk_user_id
    from people
    where system = 'zendesk.user'
    group by user_id

),

answers as (

    select distinct on (people.user_id)
        people.user_id,
        responses.score as nps_latest,
        responses.responded_at as nps_responded_at
    from people
    inner join {{ ref('stg_survey__nps_response') }} as responses
        on people.source_id = responses.nps_response_id
    where people.system = 'survey.nps_response' and responses.is_answered
    order by people.user_id asc, responses.responded_at desc

)

select
    users.user_id,
    identity.account_id,
    identity.is_test,
    users.email_hash,
    contacts.hubspot_contact_id,
    requesters.zendesk_user_id,
    answers.nps_latest,
    answers.nps_responded_at
from users
inner join identity on users.account_id = identity.raw_account_id
left join contacts on users.user_id = contacts.user_id
left join requesters on users.user_id = requesters.user_id
left join answers on users.user_id = answers.user_id
