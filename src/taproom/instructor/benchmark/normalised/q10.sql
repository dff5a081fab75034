with

accounts as (

    select
        account_id,
        12 * sum(mrr_usd) as arr_usd
    from mrr_today
    group by account_id
    having sum(mrr_usd) > 0

),

ranked as (

    select
        arr_usd,
        row_number() over (order by arr_usd desc, account_id asc) as place,
        count(*) over () as paying_customers
    from accounts

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
