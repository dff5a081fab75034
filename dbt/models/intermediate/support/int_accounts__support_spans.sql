{{ config(indexes=[{'columns': ['account_id', 'valid_from'], 'unique': true}]) }}

{%- set measures = [
    'open_tickets', 'tickets_30d', 'p1_tickets_90d', 'ratings_90d', 'good_ratings_90d'
] %}

-- How an account stands with support at the end of each day: a day D lies in the span
-- with valid_from <= D < valid_to. Before the first span there was never a ticket.
with

tickets as (

    select * from {{ ref('int_support__tickets') }}
    where not is_deleted and not is_merged

),

changes as (

    select * from {{ ref('stg_zendesk__ticket_field_history') }}
    where field_name = 'status'

),

-- a ticket solved too early is open again, and was not in between
statuses as (

    select
        tickets.account_id,
        {{ first_day_shown('changes.changed_at') }} as date,
        case
            when changes.field_value in ('new', 'open', 'pending', 'hold') then 1
            else 0
        end as is_open,
        row_number() over (
            partition by tickets.ticket_id order by changes.changed_at
        ) as change_no,
        tickets.ticket_id
    from tickets
    inner join changes on tickets.ticket_id = changes.ticket_id

),

opened_and_closed as (

    select
        account_id,
        date,
        is_open - coalesce(
            lag(is_open) over (partition by ticket_id order by change_no), 0
        ) as open_tickets
    from statuses

),

windows as (

    select
        account_id,
        {{ utc_date('opened_at') }} as date,
        30 as days,
        1 as tickets_30d,
        0 as p1_tickets_90d,
        0 as ratings_90d,
        0 as good_ratings_90d
    from tickets
    union all
    select
        account_id,
        {{ utc_date('opened_at') }} as date,
        90 as days,
        0 as tickets_30d,
        1 as p1_tickets_90d,
        0 as ratings_90d,
        0 as good_ratings_90d
    from tickets
    where priority = 'urgent'
    union all
    select
        account_id,
        {{ utc_date('rated_at') }} as date,
        90 as days,
        0 as tickets_30d,
        0 as p1_tickets_90d,
        1 as ratings_90d,
        case when csat = 'good' then 1 else 0 end as good_ratings_90d
    from tickets
    where csat is not null

),

events as (

    select
        account_id,
        date,
        open_tickets,
        0 as tickets_30d,
        0 as p1_tickets_90d,
        0 as ratings_90d,
        0 as good_ratings_90d
    from opened_and_closed
    where open_tickets <> 0
    union all
    select
        account_id,
        date,
        0 as open_tickets,
        tickets_30d,
        p1_tickets_90d,
        ratings_90d,
        good_ratings_90d
    from windows
    union all
    select
        account_id,
        date + days as date,
        0 as open_tickets,
        -tickets_30d as tickets_30d,
        -p1_tickets_90d as p1_tickets_90d,
        -ratings_90d as ratings_90d,
        -good_ratings_90d as good_ratings_90d
    from windows

),

{{ running_spans('events', measures) }}
