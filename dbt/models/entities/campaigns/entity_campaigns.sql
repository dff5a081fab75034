{{ config(indexes=[{'columns': ['campaign_id'], 'unique': true}]) }}

with

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

),

results as (

    select * from {{ ref('int_campaigns__results') }}

),

fx as (

    select * from {{ ref('int_finance__fx_daily') }}
    where date = {{ as_of_date() }}

),

margins as (

    select
        gross_margin,
        row_number() over (order by month desc) as recency
    from {{ ref('int_finance__gross_margin_monthly') }}

),

totals as (

    select
        campaign_id,
        sum(coalesce(spend_usd, 0)) as spend_usd,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(platform_conversions) as platform_conversions,
        sum(sessions)::integer as sessions,
        sum(engaged_sessions)::integer as engaged_sessions,
        sum(new_visitors)::integer as new_visitors,
        sum(leads)::integer as leads,
        sum(mqls)::integer as mqls,
        sum(sqls)::integer as sqls,
        sum(sign_ups)::integer as sign_ups,
        sum(trials)::integer as trials,
        sum(deals_opened - deals_won - deals_lost)::integer as deals_open,
        sum(deals_won)::integer as deals_won,
        sum(deals_lost)::integer as deals_lost,
        sum(deals_won_usd) as deals_won_usd,
        sum(deals_won_days) as deals_won_days,
        {%- for model in attribution_models() %}
        sum(customers_{{ model }}) as customers_{{ model }},
        sum(mrr_{{ model }}_usd) as mrr_{{ model }}_usd,
        {%- endfor %}
        sum(email_sends)::integer as email_sends,
        sum(email_deliveries)::integer as email_deliveries,
        sum(email_opens)::integer as email_opens,
        sum(email_clicks)::integer as email_clicks,
        sum(unsubscribes)::integer as unsubscribes
    from {{ ref('int_campaigns__daily') }}
    group by campaign_id

),

measured as (

    select
        campaigns.*,
        coalesce(totals.spend_usd, 0) as spend_usd,
        coalesce(totals.impressions, 0) as impressions,
        coalesce(totals.clicks, 0) as clicks,
        coalesce(totals.platform_conversions, 0) as platform_conversions,
        coalesce(totals.sessions, 0) as sessions,
        coalesce(totals.engaged_sessions, 0) as engaged_sessions,
        coalesce(totals.new_visitors, 0) as new_visitors,
        coalesce(totals.leads, 0) as leads,
        coalesce(totals.mqls, 0) as mqls,
        coalesce(totals.sqls, 0) as sqls,
        coalesce(totals.sign_ups, 0) as sign_ups,
        coalesce(totals.trials, 0) as trials,
        coalesce(totals.deals_open, 0) as deals_open,
        coalesce(totals.deals_won, 0) as deals_won,
        coalesce(totals.deals_lost, 0) as deals_lost,
        coalesce(totals.deals_won_usd, 0) as deals_won_usd,
        totals.deals_won_days,
        {%- for model in attribution_models() %}
        coalesce(totals.customers_{{ model }}, 0) as customers_{{ model }},
        coalesce(totals.mrr_{{ model }}_usd, 0) as mrr_{{ model }}_usd,
        {%- endfor %}
        coalesce(totals.email_sends, 0) as email_sends,
        coalesce(totals.email_deliveries, 0) as email_deliveries,
        coalesce(totals.email_opens, 0) as email_opens,
        coalesce(totals.email_clicks, 0) as email_clicks,
        coalesce(totals.unsubscribes, 0) as unsubscribes,
        results.avg_days_to_convert,
        results.retention_90d,
        results.billed_12m_usd,
        results.attributed_ltv_usd,
        results.lead_to_customer_rate,
        results.deals_open_usd,
        fx.rate_to_usd,
        margins.gross_margin
    from campaigns
    inner join results on campaigns.campaign_id = results.campaign_id
    left join totals on campaigns.campaign_id = totals.campaign_id
    left join fx on campaigns.currency = fx.currency
    inner join margins on margins.recency = 1

)

select
    -- what it is
    campaign_id,
    platform,
    platform_account_id,
    campaign_name,
    utm_campaign,
    area,
    channel,
    {{ channel_group('channel') }} as channel_group,
    objective,
    is_pseudo,
    campaign_status,
    started_on,
    ended_on,
    replaces_campaign_id,
    currency,
    daily_budget_local::numeric(18, 6) as daily_budget_local,
    round(daily_budget_local * rate_to_usd, 6)::numeric(18, 6) as daily_budget_usd,

    -- what the platform reports
    spend_usd::numeric(18, 6) as spend_usd,
    impressions,
    clicks,
    round(1.0 * clicks / nullif(impressions, 0), 6)::numeric(9, 6) as ctr,
    round(spend_usd / nullif(clicks, 0), 6)::numeric(18, 6) as cpc_usd,
    round(1000 * spend_usd / nullif(impressions, 0), 6)::numeric(18, 6) as cpm_usd,
    platform_conversions::numeric(18, 6) as platform_conversions,

    -- what came of it
    sessions,
    engaged_sessions,
    new_visitors,
    leads,
    mqls,
    sqls,
    sign_ups,
    trials,
    lead_to_customer_rate::numeric(9, 6) as lead_to_customer_rate,
    avg_days_to_convert::numeric(9, 2) as avg_days_to_convert,
    deals_open,
    deals_open_usd::numeric(18, 6) as deals_open_usd,
    deals_won,
    deals_lost,
    deals_won_usd::numeric(18, 6) as deals_won_usd,
    round(1.0 * deals_won / nullif(deals_won + deals_lost, 0), 6)::numeric(9, 6)
        as deal_win_rate,
    round(deals_won_days / nullif(deals_won, 0), 2)::numeric(9, 2)
        as avg_sales_cycle_days,
    retention_90d::numeric(9, 6) as retention_90d,

    -- whose merit it was
    {%- for model in attribution_models() %}
    customers_{{ model }}::numeric(18, 6) as customers_{{ model }},
    {%- endfor %}
    {%- for model in attribution_models() %}
    mrr_{{ model }}_usd::numeric(18, 6) as mrr_{{ model }}_usd,
    {%- endfor %}

    -- whether it paid
    case
        when spend_usd > 0
            then round(spend_usd / nullif(round(customers_last_touch), 0), 6)
    end::numeric(18, 6) as cac_usd,
    case
        when spend_usd > 0
            then
                round(
                    spend_usd / nullif(mrr_last_touch_usd * gross_margin, 0), 6
                )
    end::numeric(18, 6) as payback_months,
    case
        when spend_usd > 0 and ended_on + 455 <= {{ as_of_date_once() }}
            then round(billed_12m_usd * gross_margin / spend_usd - 1, 6)
    end::numeric(18, 6) as roi_12m,
    attributed_ltv_usd::numeric(18, 6) as attributed_ltv_usd,
    case when spend_usd > 0 then round(attributed_ltv_usd / spend_usd, 6) end::numeric(
        18, 6
    ) as ltv_to_cac,

    -- e-mails
    email_sends,
    email_deliveries,
    email_opens,
    email_clicks,
    unsubscribes,
    round(1.0 * email_opens / nullif(email_deliveries, 0), 6)::numeric(9, 6)
        as email_open_rate,
    round(1.0 * email_clicks / nullif(email_deliveries, 0), 6)::numeric(9, 6)
        as email_click_rate,
    round(1.0 * unsubscribes / nullif(email_deliveries, 0), 6)::numeric(9, 6)
        as unsubscribe_rate
from measured
