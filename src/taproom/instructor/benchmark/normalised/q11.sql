with

months as (

    select
        first_day::date as month,
        least((first_day + interval '1 month')::date, as_of_date() + 1) as month_to
    from
        generate_series(
            '2024-01-01'::timestamp, as_of_date()::timestamp, interval '1 month'
        ) as months (first_day)

),

collected as (

    select
        date_trunc('month', payments.attempted_on)::date as month,
        sum(round(payments.amount_local * fx.rate_to_usd, 6)) as collected_usd
    from payments
    inner join fx
        on payments.currency = fx.currency and payments.attempted_on = fx.date
    where payments.charge_status = 'succeeded' and payments.subscription_id is not null
    group by date_trunc('month', payments.attempted_on)

),

lines as (

    select
        items.invoice_id,
        items.amount,
        coalesce(items.is_discountable, true) as is_discountable,
        (items.period_start_at at time zone 'UTC')::date as period_from,
        (items.period_end_at at time zone 'UTC')::date as period_to,
        coalesce(prices.usage_type, '') = 'licensed' as is_licensed,
        sum(items.amount) filter (where coalesce(items.is_discountable, true)) over (
            partition by items.invoice_id
        ) as discountable_local
    from staging.stg_stripe__invoice_line_item as items
    left join staging.stg_stripe__price as prices on items.price_id = prices.price_id

),

placed_lines as (

    select
        invoices.invoice_id,
        invoices.currency,
        invoices.billed_on,
        lines.amount - case
            when not lines.is_discountable then 0
            else
                coalesce(
                    invoices.discount_local * lines.amount
                    / nullif(lines.discountable_local, 0),
                    0
                )
        end as net_local,
        case
            when lines.is_licensed and lines.period_to > lines.period_from
                then lines.period_from
            else invoices.billed_on
        end as earned_from,
        case
            when lines.is_licensed and lines.period_to > lines.period_from
                then lines.period_to
            else invoices.billed_on + 1
        end as earned_to
    from invoices
    inner join lines on invoices.invoice_id = lines.invoice_id
    where invoices.invoice_status <> 'void' and invoices.subscription_id is not null

),

-- evenly over the days of the period that is billed
schedule as (

    select
        placed_lines.earned_from,
        placed_lines.earned_to,
        sum(placed_lines.net_local * fx.rate_to_usd)
        / (placed_lines.earned_to - placed_lines.earned_from) as daily_usd
    from placed_lines
    inner join fx
        on
            placed_lines.currency = fx.currency
            and placed_lines.billed_on = fx.date
    group by placed_lines.earned_from, placed_lines.earned_to

),

earned as (

    select
        months.month,
        sum(
            schedule.daily_usd
            * (
                least(schedule.earned_to, months.month_to)
                - greatest(schedule.earned_from, months.month)
            )
        ) as earned_usd
    from months
    inner join schedule
        on
            schedule.earned_from < months.month_to
            and schedule.earned_to > months.month
    group by months.month

),

given_back as (

    select
        payments.invoice_id,
        refunds.created_at,
        refunds.amount as amount_local
    from staging.stg_stripe__refund as refunds
    inner join payments on refunds.charge_id = payments.charge_id
    where
        refunds.refund_status = 'succeeded'
        and coalesce(refunds.refund_reason, '') <> 'duplicate'
        and not payments.is_double
    union all
    select
        notes.invoice_id,
        notes.created_at,
        round(
            notes.amount_minor::numeric
            / case upper(invoices.currency) when 'JPY' then 1 else 100 end,
            6
        ) as amount_local
    from staging.stg_stripe__credit_note as notes
    inner join invoices on notes.invoice_id = invoices.invoice_id
    where
        notes.credit_note_status = 'issued'
        and notes.refund_id is null
        and coalesce(notes.credit_note_reason, '') <> 'duplicate'

),

reversed as (

    select
        date_trunc('month', fx.date)::date as month,
        sum(
            round(
                given_back.amount_local
                * coalesce(invoices.billed_local / nullif(invoices.total_local, 0), 1)
                * fx.rate_to_usd,
                6
            )
        ) as reversed_usd
    from given_back
    inner join invoices on given_back.invoice_id = invoices.invoice_id
    inner join fx
        on
            invoices.currency = fx.currency
            and (given_back.created_at at time zone 'UTC')::date = fx.date
    where invoices.subscription_id is not null
    group by date_trunc('month', fx.date)

)

select
    months.month,
    round(coalesce(collected.collected_usd, 0), 2) as collected_usd,
    round(coalesce(earned.earned_usd, 0) - coalesce(reversed.reversed_usd, 0), 2)
        as recognised_revenue_usd,
    round(
        coalesce(collected.collected_usd, 0)
        / nullif(
            coalesce(earned.earned_usd, 0) - coalesce(reversed.reversed_usd, 0), 0
        ),
        3
    ) as cash_per_revenue_usd
from months
left join collected on months.month = collected.month
left join earned on months.month = earned.month
left join reversed on months.month = reversed.month
order by months.month
