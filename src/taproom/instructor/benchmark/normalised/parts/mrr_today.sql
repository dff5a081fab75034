-- What each subscription is worth at the end of the last complete day.
select
    spans.subscription_id,
    spans.account_id,
    spans.plan_tier,
    spans.subscription_status,
    spans.is_alive,
    spans.mrr_local,
    spans.valid_from,
    round(spans.mrr_local * fx.rate_to_usd, 6) as mrr_usd
from mrr_spans as spans
inner join fx
    on
        spans.currency = fx.currency
        and greatest(
            spans.mrr_changed_on,
            (date_trunc('month', as_of_date() + 1) - interval '1 day')::date
        ) = fx.date
where spans.valid_from <= as_of_date() and spans.valid_to > as_of_date()
