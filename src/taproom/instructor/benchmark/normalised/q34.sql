with

features as (

    select
        feature_id,
        feature_key,
        feature_name,
        (released_at at time zone 'UTC')::date as released_on,
        case min_plan_tier
            when 'starter' then 1
            when 'growth' then 2
            when 'pro' then 3
            when 'enterprise' then 4
        end as min_plan_rank
    from staging.stg_app__features
    where
        (released_at at time zone 'UTC')::date > as_of_date() - interval '1 year'

),

-- the end of a feature's own 30th and 90th day
moments as (

    select
        features.*,
        ages.age,
        features.released_on + ages.age - 1 as date
    from features
    cross join (values (30), (90)) as ages (age)
    where features.released_on + ages.age - 1 <= as_of_date()

),

eligible as (

    select
        moments.feature_id,
        moments.feature_key,
        moments.age,
        moments.date,
        open_logins.user_id
    from moments
    inner join open_logins
        on
            moments.min_plan_rank <= open_logins.plan_rank
            and moments.date >= open_logins.valid_from
            and moments.date < open_logins.valid_to

),

use_days as (

    select distinct
        calls.user_id,
        calls.feature_key,
        (calls.event_at at time zone 'UTC')::date as date
    from staging.stg_segment__calls as calls
    inner join features on calls.feature_key = features.feature_key
    where calls.event_kind <> 'error'

),

adopters as (

    select
        moments.feature_id,
        moments.age,
        use_days.user_id
    from moments
    inner join use_days
        on
            moments.feature_key = use_days.feature_key
            and use_days.date > moments.date - 30
            and use_days.date <= moments.date
    group by moments.feature_id, moments.age, use_days.user_id
    having count(*) >= 2

),

rates as (

    select
        eligible.feature_id,
        eligible.age,
        round(1.0 * count(adopters.user_id) / count(*), 6) as adoption
    from eligible
    left join adopters
        on
            eligible.feature_id = adopters.feature_id
            and eligible.age = adopters.age
            and eligible.user_id = adopters.user_id
    group by eligible.feature_id, eligible.age

)

select
    features.feature_name,
    features.released_on,
    round(max(rates.adoption) filter (where rates.age = 30), 4) as adoption_30d,
    round(max(rates.adoption) filter (where rates.age = 90), 4) as adoption_90d
from features
left join rates on features.feature_id = rates.feature_id
group by features.feature_name, features.released_on
order by features.released_on, features.feature_name
