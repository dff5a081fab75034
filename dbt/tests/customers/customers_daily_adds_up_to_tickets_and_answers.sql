-- Over the days an account has rows for, its days hold each ticket's opening, first
-- reply, solution and rating once, and each answer to the survey as one of three kinds.
with

daily as (

    select
        account_id,
        min(date) as first_date,
        max(date) as last_date,
        sum(tickets_opened) as tickets_opened,
        sum(tickets_first_replied) as tickets_first_replied,
        sum(first_reply_minutes) as first_reply_minutes,
        sum(tickets_solved) as tickets_solved,
        sum(tickets_reopened) as tickets_reopened,
        sum(csat_good_ratings) as csat_good_ratings,
        count(*) filter (where nps_promoters + nps_detractors > nps_answers)
            as days_with_too_many_answers
    from {{ ref('entity_customers_daily') }}
    group by account_id

),

tickets as (

    select
        *,
        {{ utc_date('opened_at') }} as opened_on,
        {{ utc_date('first_replied_at') }} as replied_on,
        {{ utc_date('solved_at') }} as solved_on,
        {{ utc_date('rated_at') }} as rated_on
    from {{ ref('int_support__tickets') }}
    where not is_merged and not is_deleted

),

told as (

    select
        daily.account_id,
        count(*) filter (
            where tickets.opened_on between daily.first_date and daily.last_date
        ) as tickets_opened,
        count(*) filter (
            where tickets.replied_on between daily.first_date and daily.last_date
        ) as tickets_first_replied,
        sum(tickets.first_reply_minutes) filter (
            where tickets.replied_on between daily.first_date and daily.last_date
        ) as first_reply_minutes,
        count(*) filter (
            where tickets.solved_on between daily.first_date and daily.last_date
        ) as tickets_solved,
        count(*) filter (
            where
            tickets.is_reopened
            and tickets.solved_on between daily.first_date and daily.last_date
        ) as tickets_reopened,
        count(*) filter (
            where
            tickets.csat = 'good'
            and tickets.rated_on between daily.first_date and daily.last_date
        ) as csat_good_ratings
    from daily
    inner join tickets on daily.account_id = tickets.account_id
    group by daily.account_id

)

select
    daily.*,
    told.tickets_opened as tickets_opened_told
from daily
left join told on daily.account_id = told.account_id
where
    daily.days_with_too_many_answers > 0
    or daily.tickets_opened <> coalesce(told.tickets_opened, 0)
    or daily.tickets_first_replied <> coalesce(told.tickets_first_replied, 0)
    or daily.first_reply_minutes is distinct from told.first_reply_minutes
    or daily.tickets_solved <> coalesce(told.tickets_solved, 0)
    or daily.tickets_reopened <> coalesce(told.tickets_reopened, 0)
    or daily.csat_good_ratings <> coalesce(told.csat_good_ratings, 0)
