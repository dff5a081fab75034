{{ config(tags=['daily'], indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- What an account did, how its devices ran, how it stands with support and how well it
-- is, at the end of the last complete day. Null where nothing measures it.
with

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

usage_days as (

    select * from {{ ref('int_accounts__usage_daily') }}
    where date > {{ as_of_date() }} - 30 and date <= {{ as_of_date() }}

),

device_days as (

    select * from {{ ref('int_accounts__devices_daily') }}
    where date > {{ as_of_date() }} - 30 and date <= {{ as_of_date() }}

),

users as (

    select * from {{ ref('int_users__attributes') }}

),

activity as (

    select * from {{ ref('int_users__activity') }}

),

support as (

    select * from {{ ref('int_accounts__support_spans') }}
    where valid_from <= {{ as_of_date() }} and valid_to > {{ as_of_date() }}

),

support_days as (

    select * from {{ ref('int_accounts__support_daily') }}
    where date > {{ as_of_date() }} - 90 and date <= {{ as_of_date() }}

),

people as (

    select * from {{ ref('int_users__identity_map') }}
    where nps_latest is not null

),

adoption as (

    select * from {{ ref('int_accounts__adoption') }}

),

health as (

    select * from {{ ref('int_accounts__health_daily') }}
    where date = {{ as_of_date() }}

),

health_before as (

    select * from {{ ref('int_accounts__health_daily') }}
    where date = {{ as_of_date() }} - 30

),

loaded as (

    select count(*) > 0 as has_usage
    from activity

),

usage_by_account as (

    select
        account_id,
        sum(active_users) as person_days,
        sum(events)::integer as events_30d,
        sum(sessions)::integer as sessions_30d,
        max(active_users_7d) filter (where date = {{ as_of_date_once() }})
            as active_users_7d,
        max(active_users_30d) filter (where date = {{ as_of_date_once() }})
            as active_users_30d
    from usage_days
    group by account_id

),

last_seen as (

    select
        users.account_id,
        max(activity.last_seen_at) as last_activity_at
    from activity
    inner join users on activity.user_id = users.user_id
    group by users.account_id

),

devices_by_account as (

    select
        account_id,
        max(device_count) filter (where date = {{ as_of_date_once() }}) as device_count,
        max(devices_online) filter (where date = {{ as_of_date_once() }})
            as online_device_count,
        sum(outages)::integer as device_outages_30d,
        round(
            1.0 * sum(received_heartbeats) / nullif(sum(expected_heartbeats), 0), 6
        ) as device_uptime_30d
    from device_days
    group by account_id

),

support_by_account as (

    select
        account_id,
        round(
            sum(first_reply_minutes) / 60.0 / nullif(sum(tickets_first_replied), 0), 6
        ) as first_reply_hours_90d,
        round(sum(solving_minutes) / 60.0 / nullif(sum(tickets_solved), 0), 6)
            as solving_hours_90d,
        round(1.0 * sum(tickets_reopened) / nullif(sum(tickets_solved), 0), 6)
            as reopened_share_90d
    from support_days
    group by account_id

),

-- the last answer anybody of the account gave
answers as (

    select distinct on (account_id)
        account_id,
        nps_latest
    from people
    order by account_id asc, nps_responded_at desc, user_id asc

)

select
    accounts.account_id,

    -- usage
    case when loaded.has_usage then coalesce(usage_by_account.active_users_7d, 0) end
        as active_users_7d,
    case when loaded.has_usage then coalesce(usage_by_account.active_users_30d, 0) end
        as active_users_30d,
    case when loaded.has_usage then coalesce(usage_by_account.events_30d, 0) end
        as events_30d,
    case when loaded.has_usage then coalesce(usage_by_account.sessions_30d, 0) end
        as sessions_30d,
    round(
        usage_by_account.person_days / 30.0
        / nullif(usage_by_account.active_users_30d, 0),
        6
    ) as dau_mau_30d,
    last_seen.last_activity_at,
    adoption.features_adopted,
    adoption.key_feature_adoption_pct,

    -- devices
    coalesce(devices_by_account.device_count, 0) as device_count,
    coalesce(devices_by_account.online_device_count, 0) as online_device_count,
    devices_by_account.device_uptime_30d,
    coalesce(devices_by_account.device_outages_30d, 0) as device_outages_30d,

    -- support and voice
    coalesce(support.tickets_30d, 0) as tickets_30d,
    coalesce(support.open_tickets, 0) as open_tickets,
    coalesce(support.p1_tickets_90d, 0) as p1_tickets_90d,
    round(1.0 * support.good_ratings_90d / nullif(support.ratings_90d, 0), 6)
        as csat_90d,
    support_by_account.first_reply_hours_90d,
    support_by_account.solving_hours_90d,
    support_by_account.reopened_share_90d,
    answers.nps_latest,

    -- health and risk
    health.usage_trend_28d,
    health.health_usage,
    health.health_adoption,
    health.health_device,
    health.health_support,
    health.health_billing,
    health.health_relationship,
    health.health_score,
    health.health_band,
    health_before.health_score as health_score_30d_ago,
    health.churn_probability_90d,
    health.churn_risk_band,
    health.churn_risk_top_driver,
    health.expansion_probability_90d
from accounts
cross join loaded
left join usage_by_account on accounts.account_id = usage_by_account.account_id
left join last_seen on accounts.account_id = last_seen.account_id
left join adoption on accounts.account_id = adoption.account_id
left join devices_by_account on accounts.account_id = devices_by_account.account_id
left join support on accounts.account_id = support.account_id
left join support_by_account
    on accounts.account_id = support_by_account.account_id
left join answers on accounts.account_id = answers.account_id
left join health on accounts.account_id = health.account_id
left join health_before on accounts.account_id = health_before.account_id
