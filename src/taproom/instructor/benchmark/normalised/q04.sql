with

venues as (

    select
        customers.account_id,
        count(*) filter (
            where locations.location_status <> 'closed' and not locations.is_deleted
        ) as location_count
    from staging.stg_app__locations as locations
    inner join customers on locations.account_id = customers.raw_account_id
    where locations.created_at < as_of_date() + 1
    group by customers.account_id

),

budget_rates as (

    select
        currency,
        rate
    from staging.stg_finance__budget_rate
    where currency <> 'USD'
    union all
    select
        'USD' as currency,
        1.0 as rate

),

accounts as (

    select
        spans.account_id,
        sum(round(spans.mrr_local * budget_rates.rate, 6)) filter (
            where spans.valid_from <= as_of_date() and spans.valid_to > as_of_date()
        ) as mrr_usd,
        sum(round(spans.mrr_local * budget_rates.rate, 6)) filter (
            where
            spans.valid_from <= (as_of_date() - interval '1 year')::date
            and spans.valid_to > (as_of_date() - interval '1 year')::date
        ) as mrr_12m_ago_usd
    from mrr_spans as spans
    inner join budget_rates on spans.currency = budget_rates.currency
    group by spans.account_id

),

placed as (

    select
        case
            when venues.location_count >= 10 then 'chain'
            when venues.location_count >= 2 then 'group'
            else 'solo'
        end as segment,
        coalesce(accounts.mrr_usd, 0) as mrr_usd,
        accounts.mrr_12m_ago_usd
    from accounts
    left join venues on accounts.account_id = venues.account_id
    where accounts.mrr_12m_ago_usd > 0

)

select
    case when grouping(segment) = 1 then 'all' else segment end as segment,
    count(*) as accounts_12m_ago,
    round(sum(mrr_usd) / sum(mrr_12m_ago_usd), 4) as nrr,
    round(sum(least(mrr_usd, mrr_12m_ago_usd)) / sum(mrr_12m_ago_usd), 4) as grr
from placed
group by rollup (segment)
order by grouping(placed.segment), segment
