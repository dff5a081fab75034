with

claimed as (

    select
        campaign_id,
        sum(platform_conversions) as platform_conversions
    from ads_daily
    group by campaign_id

),

seen as (

    select campaign_id
    from leads
    where stage = 'lead' and date <= as_of_date()
    union all
    select campaign_id
    from goals
    where goal = 'sign_up' and goal_on <= as_of_date()

),

own as (

    select
        campaign_id,
        count(*) as own_conversions
    from seen
    group by campaign_id

)

select
    claimed.campaign_id,
    campaigns.campaign_name,
    round(claimed.platform_conversions, 2) as platform_conversions,
    coalesce(own.own_conversions, 0)::int as own_conversions,
    round(claimed.platform_conversions - coalesce(own.own_conversions, 0), 2)
        as claimed_too_much
from claimed
inner join campaigns on claimed.campaign_id = campaigns.campaign_id
left join own on claimed.campaign_id = own.campaign_id
where claimed.platform_conversions > coalesce(own.own_conversions, 0)
order by
    claimed.platform_conversions - coalesce(own.own_conversions, 0) desc,
    claimed.campaign_id asc
limit 20
