-- id: Q10
-- question: What share of ARR do the top 1% of accounts hold?
-- dashboard: Executive
-- difficulty: hard
-- tables: entity_customers
-- key:
-- reading: How much of the company hangs on a few names. One per cent of the paying
--     accounts, rounded up, so that there is always at least one.
-- excludes: Accounts that do not pay today: they would stretch the 1% without any ARR.

with

ranked as (

    select
        arr_usd,
        row_number() over (order by arr_usd desc, account_id asc) as place,
        count(*) over () as paying_customers
    from entities.entity_customers
    where arr_usd > 0

),

marked as (

    select
        arr_usd,
        place <= ceil(paying_customers / 100.0) as is_top
    from ranked

)

select
    count(*) as paying_customers,
    count(*) filter (where is_top) as top_customers,
    round(sum(arr_usd) filter (where is_top), 2) as top_arr_usd,
    round(sum(arr_usd) filter (where is_top) / sum(arr_usd), 4) as share_of_arr
from marked
