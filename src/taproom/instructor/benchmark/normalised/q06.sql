with

ranked as (

    select
        mrr_today.*,
        sum(mrr_usd) over (partition by account_id) as account_mrr_usd,
        row_number() over (
            partition by account_id
            order by
                is_alive desc,
                subscription_status = 'trialing' desc,
                mrr_local desc,
                valid_from desc,
                subscription_id asc
        ) as place
    from mrr_today

)

select
    plan_tier,
    count(*) as paying_customers,
    round(sum(account_mrr_usd), 2) as mrr_usd,
    round(avg(account_mrr_usd), 2) as arpa_usd
from ranked
where place = 1 and account_mrr_usd > 0
group by plan_tier
order by arpa_usd, plan_tier
