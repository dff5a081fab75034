-- MRR movements of accounts: the net of an account's subscriptions on a day, the effect
-- of exchange rates apart. Nothing moves but where a span begins and at month ends.
with

month_ends as (

    select (first_day + interval '1 month - 1 day')::date as date
    from
        generate_series(
            '2024-01-01'::timestamp, as_of_date()::timestamp, interval '1 month'
        ) as months (first_day)

),

moments as (

    select
        spans.*,
        spans.valid_from as date
    from mrr_spans as spans
    where spans.valid_from between '2024-01-01' and as_of_date()
    union all
    select
        spans.*,
        month_ends.date
    from mrr_spans as spans
    inner join month_ends
        on month_ends.date > spans.valid_from and month_ends.date < spans.valid_to
    where month_ends.date <= as_of_date() and spans.mrr_local > 0

),

opened as (

    select
        account_id,
        date,
        currency,
        mrr_local,
        case when date = valid_from then opening_mrr_local else mrr_local end
            as opening_local,
        greatest(
            mrr_changed_on,
            (date_trunc('month', date + 1) - interval '1 day')::date
        ) as rate_date,
        greatest(
            case
                when date = valid_from then previous_mrr_changed_on else mrr_changed_on
            end,
            date_trunc('month', date)::date - 1
        ) as opening_rate_date
    from moments

),

by_account as (

    select
        opened.account_id,
        opened.date,
        sum(round(opened.mrr_local * fx.rate_to_usd, 6)) as mrr_usd,
        sum(round(opened.opening_local * opening_fx.rate_to_usd, 6)) as opening_usd,
        sum(round((opened.mrr_local - opened.opening_local) * fx.rate_to_usd, 6))
            as movement_usd
    from opened
    inner join fx on opened.currency = fx.currency and opened.rate_date = fx.date
    inner join fx as opening_fx
        on
            opened.currency = opening_fx.currency
            and opened.opening_rate_date = opening_fx.date
    group by opened.account_id, opened.date

),

first_days as (

    select
        account_id,
        min(valid_from) as first_paid_on
    from mrr_spans
    where mrr_local > 0
    group by account_id

),

-- whether any subscription of the account lived at the day's end, and the evening
-- before
lives as (

    select
        by_account.account_id,
        by_account.date,
        bool_or(
            spans.is_alive
            and spans.valid_from <= by_account.date
            and spans.valid_to > by_account.date
        ) as is_alive,
        bool_or(
            spans.is_alive
            and spans.valid_from < by_account.date
            and spans.valid_to >= by_account.date
        ) as was_alive
    from by_account
    inner join mrr_spans as spans on by_account.account_id = spans.account_id
    where by_account.movement_usd <> 0
    group by by_account.account_id, by_account.date

)

select
    by_account.account_id,
    by_account.date,
    by_account.movement_usd,
    by_account.mrr_usd - by_account.opening_usd - by_account.movement_usd as fx_usd,
    case
        when by_account.movement_usd = 0 then 'none'
        when by_account.mrr_usd > 0 and first_days.first_paid_on >= by_account.date
            then 'new'
        when lives.was_alive and lives.is_alive and by_account.movement_usd > 0
            then 'expansion'
        when lives.was_alive and lives.is_alive then 'contraction'
        when lives.was_alive then 'churn'
        when lives.is_alive then 'reactivation'
        when by_account.movement_usd > 0 then 'expansion'
        else 'contraction'
    end as movement_type
from by_account
left join first_days on by_account.account_id = first_days.account_id
left join lives
    on by_account.account_id = lives.account_id and by_account.date = lives.date
