{{ config(materialized='view') }}

{#- Rows that name a company or a person as their own system does, and the column. -#}
{%- set named = [
    ('ticket_rows', 'organization_id', 'companies', 'zendesk.organization'),
    ('ticket_rows', 'zendesk_user_id', 'people', 'zendesk.user'),
    ('crm_rows', 'company_id', 'companies', 'hubspot.company'),
    ('crm_rows', 'contact_id', 'people', 'hubspot.contact'),
    ('responses', 'nps_response_id', 'people', 'survey.nps_response'),
] %}

-- For each account the batches that hold a row about it in the application, billing,
-- CRM, support or survey. What its people and devices did every day is not here: that
-- changes the last days only, and late_days_of_health tells which.
with

account_changes as (

    select * from {{ ref('int_accounts__changes') }}

),

user_changes as (

    select * from {{ ref('int_users__account_changes') }}

),

ticket_rows as (

    select * from {{ ref('stg_zendesk__deliveries') }}

),

crm_rows as (

    select * from {{ ref('stg_hubspot__deliveries') }}

),

responses as (

    select * from {{ ref('stg_survey__nps_response') }}

),

tickets as (

    select * from {{ ref('int_support__tickets') }}

),

companies as (

    select * from {{ ref('int_identity__companies') }}
    where account_id is not null

),

people as (

    select * from {{ ref('int_identity__people') }}
    where account_id is not null

),

touches as (

    select * from {{ ref('int_accounts__csm_touches') }}

)

select
    account_id,
    batch_seq
from account_changes
union all
select
    account_id,
    batch_seq
from user_changes
union all
select
    tickets.account_id,
    ticket_rows._batch_seq as batch_seq
from ticket_rows
inner join tickets on ticket_rows.ticket_id = tickets.ticket_id
union all
select
    touches.account_id,
    crm_rows._batch_seq as batch_seq
from crm_rows
inner join touches on crm_rows.engagement_id = touches.engagement_id
{%- for rows, column, owners, system in named %}
union all
select
    {{ owners }}.account_id,
    {{ rows }}._batch_seq as batch_seq
from {{ rows }}
inner join {{ owners }}
    on
        {{ owners }}.system = '{{ system }}'
        and {{ rows }}.{{ column }}::text = {{ owners }}.source_id
{%- endfor %}
