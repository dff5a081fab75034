-- Status and plan of accounts at the end of each day, as spans of days. The
-- subscription that speaks for an account is a living one, then the one with most MRR.
with

signups as (

    select
        customers.account_id,
        min(accounts.created_at) as signup_at
    from staging.stg_app__accounts_versions as accounts
    inner join customers on accounts.account_id = customers.raw_account_id
    group by customers.account_id

),

app_plans as (

    select
        versions.account_id,
        versions.plan_tier,
        versions.trial_ends_at,
        versions._arrived_at,
        case
            when row_number() over in_order = 1 then signups.signup_at
            else greatest(versions.updated_at, signups.signup_at)
        end as valid_from
    from staging.stg_app__accounts_versions as versions
    inner join signups on versions.account_id = signups.account_id
    window
        in_order as (
            partition by versions.account_id
            order by versions.updated_at, versions._arrived_at
        )

),

app_days as (

    select distinct on (account_id, day)
        app_plans.*,
        ((valid_from - interval '1 microsecond') at time zone 'UTC')::date as day
    from app_plans
    order by account_id asc, day asc, valid_from desc, _arrived_at desc

),

app_spans as (

    select
        app_days.*,
        coalesce(
            lead(day) over (partition by account_id order by day), '9999-12-31'::date
        ) as to_day
    from app_days

),

points as (

    select
        account_id,
        day
    from app_days
    union
    select
        account_id,
        ((trial_ends_at - interval '1 microsecond') at time zone 'UTC')::date as day
    from app_plans
    where trial_ends_at < (select clock.as_of from ops.clock as clock)
    union
    select
        account_id,
        valid_from as day
    from mrr_spans

),

started as (

    select points.*
    from points
    inner join signups
        on
            points.account_id = signups.account_id
            and points.day
            >= ((signups.signup_at - interval '1 microsecond') at time zone 'UTC')::date

),

subscriptions as (

    select
        started.account_id,
        started.day,
        spans.plan_tier,
        spans.subscription_status,
        spans.is_alive,
        row_number() over (
            partition by started.account_id, started.day
            order by
                spans.is_alive desc,
                spans.subscription_status = 'trialing' desc,
                spans.mrr_local desc,
                spans.valid_from desc,
                spans.subscription_id asc
        ) as place
    from started
    inner join mrr_spans as spans
        on
            started.account_id = spans.account_id
            and started.day >= spans.valid_from
            and started.day < spans.valid_to

),

first_lives as (

    select
        account_id,
        min(valid_from) as first_alive_on
    from mrr_spans
    where is_alive
    group by account_id

),

summaries as (

    select
        account_id,
        day,
        bool_or(subscription_status = 'active') as has_active,
        bool_or(subscription_status = 'past_due') as has_past_due,
        bool_or(is_alive) as is_alive,
        bool_or(subscription_status = 'trialing') as has_trialing,
        max(plan_tier) filter (where place = 1) as plan_tier
    from subscriptions
    group by account_id, day

)

select
    started.account_id,
    started.day as valid_from,
    coalesce(
        lead(started.day) over (partition by started.account_id order by started.day),
        '9999-12-31'::date
    ) as valid_to,
    case
        when summaries.has_active then 'active'
        when summaries.has_past_due then 'past_due'
        when summaries.is_alive then 'paused'
        when first_lives.first_alive_on <= started.day then 'churned'
        when summaries.has_trialing then 'trial'
        when
            (
                (app_spans.trial_ends_at - interval '1 microsecond') at time zone 'UTC'
            )::date
            <= started.day
            then 'expired_trial'
        else 'trial'
    end as customer_status,
    coalesce(summaries.plan_tier, app_spans.plan_tier) as plan_tier
from started
left join summaries
    on started.account_id = summaries.account_id and started.day = summaries.day
left join first_lives on started.account_id = first_lives.account_id
left join app_spans
    on
        started.account_id = app_spans.account_id
        and started.day >= app_spans.day
        and started.day < app_spans.to_day
