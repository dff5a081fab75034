-- id: Q12
-- question: What did we spend by platform and month in the last 12 months?
-- dashboard: Marketing
-- difficulty: easy
-- tables: entity_campaigns_daily
-- key: platform, month
-- reading: Advertising cost in US dollars at the rate of each day. The last days still
--     move: platforms correct cost for three days and clicks for 30.
-- excludes: Salaries and tools (they are in sales and marketing expense), and channels
--     nobody is paid for. Months are those of the ad account's own time zone.

select
    platform,
    date_trunc('month', date)::date as month,
    round(sum(spend_usd), 2) as spend_usd,
    sum(clicks)::bigint as clicks
from entities.entity_campaigns_daily
where
    date > date_trunc('month', as_of_date()) - interval '11 months' - interval '1 day'
    and platform in ('google_ads', 'facebook_ads', 'linkedin_ads')
group by platform, date_trunc('month', date)
order by platform, month
