{{ config(indexes=[{'columns': ['account_id', 'date'], 'unique': true}]) }}

-- What came and went at support, day by day: days on which nothing did have no row.
with

tickets as (

    select * from {{ ref('int_support__tickets') }}
    where not is_deleted and not is_merged

),

events as (

    select
        account_id,
        {{ utc_date('opened_at') }} as date,
        1 as tickets_opened,
        0 as tickets_solved
    from tickets
    union all
    select
        account_id,
        {{ utc_date('solved_at') }} as date,
        0 as tickets_opened,
        1 as tickets_solved
    from tickets
    where solved_at is not null

)

select
    account_id,
    date,
    sum(tickets_opened)::integer as tickets_opened,
    sum(tickets_solved)::integer as tickets_solved
from events
group by account_id, date
