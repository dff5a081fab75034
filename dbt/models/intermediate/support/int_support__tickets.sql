{{ config(indexes=[
    {'columns': ['ticket_id'], 'unique': true},
    {'columns': ['account_id']},
    {'columns': ['user_id']}
]) }}

-- One row a ticket of a customer: who asked, how urgent, how long it took, how the
-- asker liked the answer. Tickets of the support team's own tests belong to no
-- organization.
with

tickets as (

    select * from {{ ref('stg_zendesk__ticket') }}

),

changes as (

    select * from {{ ref('stg_zendesk__ticket_field_history') }}
    where field_name = 'status'

),

comments as (

    select * from {{ ref('stg_zendesk__ticket_comment') }}
    where is_public

),

people as (

    select * from {{ ref('int_identity__people') }}
    where system = 'zendesk.user' and account_id is not null

),

companies as (

    select * from {{ ref('int_identity__companies') }}
    where system = 'zendesk.organization' and account_id is not null

),

tests as (

    select distinct account_id
    from {{ ref('int_accounts__identity') }}
    where is_test

),

merged as (

    select distinct unnest(merged_ticket_ids) as ticket_id
    from tickets

),

team as (

    select * from {{ ref('stg_zendesk__user') }}
    where zendesk_role <> 'end-user'

),

-- what stands on a ticket as it is opened is no reply: the device monitoring writes
-- there under a login of the team
first_replies as (

    select
        comments.ticket_id,
        min(comments.created_at) as first_replied_at
    from comments
    inner join team on comments.zendesk_user_id = team.zendesk_user_id
    inner join tickets on comments.ticket_id = tickets.ticket_id
    where comments.created_at > tickets.created_at
    group by comments.ticket_id

),

statuses as (

    select
        ticket_id,
        field_value as ticket_status,
        changed_at,
        lag(field_value) over (partition by ticket_id order by changed_at)
            as previous_status
    from changes

),

solutions as (

    select
        ticket_id,
        max(changed_at) filter (where ticket_status = 'solved') as solved_at,
        coalesce(
            bool_or(ticket_status = 'open' and previous_status = 'solved'), false
        ) as is_reopened
    from statuses
    group by ticket_id

),

-- an offer that nobody answered is no opinion
ratings as (

    select distinct on (ticket_id)
        ticket_id,
        rating as csat,
        updated_at as rated_at
    from {{ ref('stg_zendesk__satisfaction_rating') }}
    where rating <> 'offered'
    order by ticket_id asc, updated_at desc

)

select
    tickets.ticket_id,
    coalesce(companies.account_id, people.account_id) as account_id,
    people.user_id,
    tickets.requester_id as zendesk_user_id,
    tickets.priority,
    tickets.ticket_type,
    tickets.channel,
    groups.group_name,
    tickets.ticket_status,
    tickets.created_at as opened_at,
    first_replies.first_replied_at,
    case when tickets.ticket_status in ('solved', 'closed') then solutions.solved_at end
        as solved_at,
    coalesce(solutions.is_reopened, false) as is_reopened,
    {{ whole_minutes('tickets.created_at', 'first_replies.first_replied_at') }}
        as first_reply_minutes,
    case
        when tickets.ticket_status in ('solved', 'closed')
            then {{ whole_minutes('tickets.created_at', 'solutions.solved_at') }}
    end as solving_minutes,
    merged.ticket_id is not null as is_merged,
    tickets.is_deleted,
    ratings.csat,
    ratings.rated_at
from tickets
left join people on tickets.requester_id::text = people.source_id
left join companies on tickets.organization_id::text = companies.source_id
left join {{ ref('stg_zendesk__group') }} as groups
    on tickets.group_id = groups.group_id
left join first_replies on tickets.ticket_id = first_replies.ticket_id
left join solutions on tickets.ticket_id = solutions.ticket_id
left join merged on tickets.ticket_id = merged.ticket_id
left join ratings on tickets.ticket_id = ratings.ticket_id
left join tests on coalesce(companies.account_id, people.account_id) = tests.account_id
where
    coalesce(companies.account_id, people.account_id) is not null
    and tests.account_id is null
