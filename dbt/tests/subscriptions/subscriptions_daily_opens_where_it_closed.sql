-- A day opens with the MRR the day before closed with. A missing day before is either
-- the start of the table or of the subscription, or lies after its end.
with

daily as (

    select * from {{ ref('entity_subscriptions_daily') }}

),

neighbours as (

    select
        daily.*,
        lag(date) over earlier as previous_date,
        lag(mrr_usd) over earlier as previous_mrr_usd
    from daily
    window earlier as (partition by subscription_id order by date)

)

select
    date,
    subscription_id,
    opening_mrr_usd,
    previous_date,
    previous_mrr_usd
from neighbours
where
    (previous_date is null and date > {{ course_start() }} and opening_mrr_usd <> 0)
    or (previous_date = date - 1 and opening_mrr_usd <> previous_mrr_usd)
    or (
        previous_date < date - 1
        and (opening_mrr_usd <> 0 or previous_mrr_usd <> 0 or mrr_usd <> 0)
    )
