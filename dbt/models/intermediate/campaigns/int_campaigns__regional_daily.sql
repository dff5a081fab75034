-- What came of a campaign on a day, by place. Visits and form fills stand where the
-- network address of the visit is, sign-ups and customers in the country of the
-- account, in the region of the visit if that lies in the same country.
with

sessions as (

    select * from {{ ref('int_touches__sessions_regional_daily') }}
    where date <= {{ as_of_date() }}

),

leads as (

    select
        campaign_id,
        {{ first_day_shown('lead_at') }} as date,
        country_code,
        region
    from {{ ref('int_campaigns__leads') }}
    where lead_at is not null

),

goals as (

    select * from {{ ref('int_touches__goals') }}
    where goal in ('sign_up', 'customer') and goal_on <= {{ as_of_date() }}

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

first_mrr as (

    select
        account_id,
        max(first_mrr_usd) as first_mrr_usd
    from {{ ref('int_attribution__paths') }}
    group by account_id

),

placed_goals as (

    select
        goals.goal,
        goals.campaign_id,
        goals.goal_on as date,
        attributes.country as country_code,
        case when goals.country_code = attributes.country then goals.region end
            as region,
        attributes.trial_started_at is not null as has_trial,
        first_mrr.first_mrr_usd
    from goals
    inner join attributes on goals.account_id = attributes.account_id
    left join first_mrr on goals.account_id = first_mrr.account_id

),

counted as (

    select
        date,
        campaign_id,
        country_code,
        region,
        sessions,
        engaged_sessions,
        new_visitors,
        mobile_sessions,
        0 as leads,
        0 as sign_ups,
        0 as trials,
        0 as new_customers,
        0 as new_mrr_usd
    from sessions
    union all
    select
        date,
        campaign_id,
        country_code,
        region,
        0 as sessions,
        0 as engaged_sessions,
        0 as new_visitors,
        0 as mobile_sessions,
        1 as leads,
        0 as sign_ups,
        0 as trials,
        0 as new_customers,
        0 as new_mrr_usd
    from leads
    where date <= {{ as_of_date() }}
    union all
    select
        date,
        campaign_id,
        country_code,
        region,
        0 as sessions,
        0 as engaged_sessions,
        0 as new_visitors,
        0 as mobile_sessions,
        0 as leads,
        case when goal = 'sign_up' then 1 else 0 end as sign_ups,
        case when goal = 'sign_up' and has_trial then 1 else 0 end as trials,
        case when goal = 'customer' then 1 else 0 end as new_customers,
        case when goal = 'customer' then coalesce(first_mrr_usd, 0) else 0 end
            as new_mrr_usd
    from placed_goals

)

select
    date,
    campaign_id,
    country_code,
    region,
    sum(sessions)::integer as sessions,
    sum(engaged_sessions)::integer as engaged_sessions,
    sum(new_visitors)::integer as new_visitors,
    sum(mobile_sessions)::integer as mobile_sessions,
    sum(leads)::integer as leads,
    sum(sign_ups)::integer as sign_ups,
    sum(trials)::integer as trials,
    sum(new_customers)::integer as new_customers,
    sum(new_mrr_usd) as new_mrr_usd
from counted
group by date, campaign_id, country_code, region
