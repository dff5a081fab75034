{{ config(indexes=[{'columns': ['account_id', 'date'], 'unique': true}]) }}

-- What came and went at support, day by day: days on which nothing did have no row. A
-- ticket is counted on the day each thing happened: opened, first answered, solved for
-- good, rated.
with

tickets as (

    select * from {{ ref('int_support__tickets') }}
    where not is_deleted and not is_merged

),

-- is_marked: urgent when opened, solved once before when solved, good when rated
events as (

    select
        account_id,
        {{ utc_date('opened_at') }} as date,
        'opened' as kind,
        coalesce(priority = 'urgent', false) as is_marked,
        null::integer as minutes
    from tickets
    union all
    select
        account_id,
        {{ utc_date('first_replied_at') }} as date,
        'replied' as kind,
        false as is_marked,
        first_reply_minutes as minutes
    from tickets
    where first_replied_at is not null
    union all
    select
        account_id,
        {{ utc_date('solved_at') }} as date,
        'solved' as kind,
        is_reopened as is_marked,
        solving_minutes as minutes
    from tickets
    where solved_at is not null
    union all
    select
        account_id,
        {{ utc_date('rated_at') }} as date,
        'rated' as kind,
        csat = 'good' as is_marked,
        null as minutes
    from tickets
    where csat is not null

)

select
    account_id,
    date,
    (count(*) filter (where kind = 'opened'))::integer as tickets_opened,
    (count(*) filter (where kind = 'opened' and is_marked))::integer
        as p1_tickets_opened,
    (count(*) filter (where kind = 'replied'))::integer as tickets_first_replied,
    (sum(minutes) filter (where kind = 'replied'))::integer as first_reply_minutes,
    (count(*) filter (where kind = 'solved'))::integer as tickets_solved,
    (count(*) filter (where kind = 'solved' and is_marked))::integer
        as tickets_reopened,
    (sum(minutes) filter (where kind = 'solved'))::integer as solving_minutes,
    (count(*) filter (where kind = 'rated'))::integer as csat_ratings,
    (count(*) filter (where kind = 'rated' and is_marked))::integer
        as csat_good_ratings
from events
group by account_id, date
