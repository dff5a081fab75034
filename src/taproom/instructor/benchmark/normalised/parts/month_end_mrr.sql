-- MRR of each living customer at the ends of months; the running month at the last
-- complete day.
with

month_ends as (

    select
        first_day::date as month,
        least((first_day + interval '1 month - 1 day')::date, as_of_date()) as date
    from
        generate_series(
            '2024-01-01'::timestamp, as_of_date()::timestamp, interval '1 month'
        ) as months (first_day)

)

select
    month_ends.month,
    spans.account_id,
    coalesce(sum(round(spans.mrr_local * fx.rate_to_usd, 6)), 0) as mrr_usd
from month_ends
inner join mrr_spans as spans
    on spans.valid_from <= month_ends.date and spans.valid_to > month_ends.date
left join fx
    on
        spans.currency = fx.currency
        and greatest(
            spans.mrr_changed_on,
            (date_trunc('month', month_ends.date + 1) - interval '1 day')::date
        ) = fx.date
where spans.is_alive
group by month_ends.month, spans.account_id
