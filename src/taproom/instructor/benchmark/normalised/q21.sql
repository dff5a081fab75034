with

spend as (

    select
        campaign_id,
        sum(spend_usd) as spend_usd
    from ads_daily
    group by campaign_id
    having sum(spend_usd) > 0

),

billed as (

    select
        goals.campaign_id,
        sum(round(invoices.billed_local * fx.rate_to_usd, 6)) as billed_12m_usd
    from goals
    inner join invoices
        on
            goals.account_id = invoices.account_id
            and invoices.billed_on < goals.goal_on + 365
    inner join fx
        on invoices.currency = fx.currency and invoices.billed_on = fx.date
    where
        goals.goal = 'customer'
        and goals.goal_on <= as_of_date()
        and invoices.invoice_status <> 'void'
    group by goals.campaign_id

),

margins as (

    select margin
    from staging.stg_finance__gross_margin
    where month <= as_of_date()
    order by month desc
    limit 1

),

measured as (

    select
        campaigns.objective,
        campaigns.channel,
        spend.spend_usd,
        round(
            coalesce(billed.billed_12m_usd, 0) * margins.margin / spend.spend_usd - 1, 6
        ) as roi_12m
    from spend
    inner join campaigns on spend.campaign_id = campaigns.campaign_id
    left join billed on spend.campaign_id = billed.campaign_id
    cross join margins
    where campaigns.ended_on + 455 <= as_of_date()

)

select
    objective,
    channel,
    count(*) as campaigns,
    round(sum(spend_usd), 2) as spend_usd,
    round(sum(roi_12m * spend_usd) / sum(spend_usd), 4) as roi_12m
from measured
group by objective, channel
order by roi_12m, objective, channel
