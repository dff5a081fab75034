-- What the days bill is what the invoices say, subscription by subscription.
with

invoices as (

    select
        subscription_id,
        sum(billed_usd) as billed_usd
    from {{ ref('int_invoices__invoices') }}
    where
        is_billed
        and billed_on >= {{ course_start() }}
        and billed_on <= {{ as_of_date() }}
    group by subscription_id

),

days as (

    select
        subscription_id,
        sum(billed_usd) as billed_usd
    from {{ ref('entity_subscriptions_daily') }}
    group by subscription_id

)

select
    invoices.subscription_id,
    invoices.billed_usd as invoiced_usd,
    days.billed_usd
from invoices
left join days on invoices.subscription_id = days.subscription_id
where
    days.billed_usd is null
    or abs(invoices.billed_usd - days.billed_usd) >= 0.005
