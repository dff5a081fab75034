with

figures as (

    select
        campaign_id,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(spend_usd) as spend_usd
    from ads_daily
    where date > as_of_date() - 30
    group by campaign_id
    having sum(impressions) > 0

),

trials as (

    select
        goals.campaign_id,
        count(*) as trials
    from goals
    inner join staging.stg_app__accounts as accounts
        on goals.account_id = accounts.account_id
    where
        goals.goal = 'sign_up'
        and accounts.trial_ends_at is not null
        and goals.goal_on > as_of_date() - 30
        and goals.goal_on <= as_of_date()
    group by goals.campaign_id

)

select
    figures.campaign_id,
    campaigns.campaign_name,
    round(1.0 * figures.clicks / figures.impressions, 4) as ctr,
    round(figures.spend_usd / nullif(figures.clicks, 0), 2) as cpc_usd,
    coalesce(trials.trials, 0)::int as trials,
    round(1.0 * coalesce(trials.trials, 0) / nullif(figures.clicks, 0), 4)
        as trials_per_click
from figures
inner join campaigns on figures.campaign_id = campaigns.campaign_id
left join trials on figures.campaign_id = trials.campaign_id
order by figures.spend_usd desc, figures.campaign_id asc
