-- What each subscription is worth now, at the rate of its last change or month-end.
select
    spans.subscription_id,
    spans.account_id,
    spans.plan_tier,
    spans.subscription_status,
    spans.is_alive,
    spans.mrr_local,
    spans.valid_from,
    coalesce(round(spans.mrr_local * fx.rate_to_usd, 6), 0) as mrr_usd
from mrr_spans as spans
left join fx
    on
        spans.currency = fx.currency
        and greatest(
            case
                when spans.valid_from <= as_of_date() then spans.mrr_changed_on
                else spans.previous_mrr_changed_on
            end,
            (date_trunc('month', as_of_date() + 1) - interval '1 day')::date
        ) = fx.date
where spans.valid_to = '9999-12-31'
