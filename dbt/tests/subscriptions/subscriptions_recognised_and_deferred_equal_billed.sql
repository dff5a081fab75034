-- What was billed is either earned or deferred: at every month's end, for every
-- subscription, with the balance of the opening book carried in.
with

invoices as (

    select * from {{ ref('int_invoices__invoices') }}
    where is_billed

),

schedule as (

    select * from {{ ref('int_invoices__revenue_schedule') }}

),

daily as (

    select * from {{ ref('int_subscriptions__daily') }}

),

-- every invoice is spread completely
spread as (

    select
        invoice_id,
        sum(amount_usd) as amount_usd
    from schedule
    group by invoice_id

),

not_spread as (

    select
        invoices.invoice_id as failing_id,
        invoices.billed_usd,
        spread.amount_usd
    from invoices
    left join spread on invoices.invoice_id = spread.invoice_id
    where
        abs(invoices.billed_usd) >= 0.005
        and abs(invoices.billed_usd - coalesce(spread.amount_usd, 0)) >= 0.005

),

-- from one row to the next: the balance grows by what is billed and shrinks by what is
-- earned, rows of consecutive days only
moves as (

    select
        daily.*,
        lag(date) over earlier as previous_date,
        lag(deferred_revenue_usd) over earlier as previous_deferred_usd
    from daily
    window earlier as (partition by subscription_id order by date)

),

not_balanced as (

    select
        subscription_id as failing_id,
        billed_usd,
        recognised_revenue_usd as amount_usd
    from moves
    where
        previous_date = date - 1
        and abs(
            previous_deferred_usd
            + billed_usd
            - (recognised_revenue_usd + reversed_revenue_usd)
            - deferred_revenue_usd
        ) >= 0.005

)

select * from not_spread
union all
select * from not_balanced
