with

features as (

    select
        feature_id,
        feature_key,
        feature_name,
        feature_area,
        case min_plan_tier
            when 'starter' then 1
            when 'growth' then 2
            when 'pro' then 3
            when 'enterprise' then 4
        end as min_plan_rank
    from staging.stg_app__features
    where (released_at at time zone 'UTC')::date <= as_of_date()

),

logins as (

    select
        user_id,
        plan_rank
    from open_logins
    where valid_from <= as_of_date() and valid_to > as_of_date()

),

eligible as (

    select
        features.feature_id,
        count(*) as users
    from features
    inner join logins on features.min_plan_rank <= logins.plan_rank
    group by features.feature_id

),

-- two days of use in the last 30
adopters as (

    select
        user_id,
        feature_key
    from staging.stg_segment__calls
    where
        feature_key is not null
        and event_kind <> 'error'
        and (event_at at time zone 'UTC')::date > as_of_date() - 30
        and (event_at at time zone 'UTC')::date <= as_of_date()
    group by user_id, feature_key
    having count(distinct(event_at at time zone 'UTC')::date) >= 2

),

adopted as (

    select
        features.feature_id,
        count(*) as users
    from adopters
    inner join features on adopters.feature_key = features.feature_key
    inner join logins
        on
            adopters.user_id = logins.user_id
            and features.min_plan_rank <= logins.plan_rank
    group by features.feature_id

)

select
    features.feature_name,
    features.feature_area,
    eligible.users::int as eligible_users,
    coalesce(adopted.users, 0)::int as users_adopted,
    round(round(1.0 * coalesce(adopted.users, 0) / eligible.users, 6), 4) as adoption
from features
inner join eligible on features.feature_id = eligible.feature_id
left join adopted on features.feature_id = adopted.feature_id
where round(1.0 * coalesce(adopted.users, 0) / eligible.users, 6) < 0.1
order by
    round(1.0 * coalesce(adopted.users, 0) / eligible.users, 6), features.feature_name
