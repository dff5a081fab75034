with

reached as (

    select
        campaign_id,
        stage
    from leads
    where date <= as_of_date()
    union all
    select
        goals.campaign_id,
        'trial' as stage
    from goals
    inner join staging.stg_app__accounts as accounts
        on goals.account_id = accounts.account_id
    where
        goals.goal = 'sign_up'
        and accounts.trial_ends_at is not null
        and goals.goal_on <= as_of_date()
    union all
    select
        campaign_id,
        goal as stage
    from goals
    where goal = 'customer' and goal_on <= as_of_date()

)

select
    campaigns.channel_group,
    (count(*) filter (where reached.stage = 'lead'))::int as leads,
    (count(*) filter (where reached.stage = 'mql'))::int as mqls,
    (count(*) filter (where reached.stage = 'sql'))::int as sqls,
    (count(*) filter (where reached.stage = 'trial'))::int as trials,
    (count(*) filter (where reached.stage = 'customer'))::int as customers
from reached
inner join campaigns on reached.campaign_id = campaigns.campaign_id
group by campaigns.channel_group
order by leads desc, campaigns.channel_group asc
