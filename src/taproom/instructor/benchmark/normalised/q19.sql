with

signups as (

    select
        customers.account_id,
        min(accounts.created_at) as trial_started_at
    from staging.stg_app__accounts as accounts
    inner join customers on accounts.account_id = customers.raw_account_id
    group by customers.account_id

),

lives as (

    select distinct account_id
    from subscription_versions
    where
        subscription_status in ('active', 'past_due', 'paused')
        and valid_from < valid_to

),

channels as (

    select distinct on (account_id)
        account_id,
        channel
    from goals
    where goal in ('sign_up', 'customer')
    order by account_id asc, goal asc

),

trials as (

    select
        date_trunc('month', signups.trial_started_at)::date as signup_month,
        channels.channel as acquisition_channel,
        lives.account_id is not null as is_converted
    from signups
    inner join staging.stg_app__accounts as accounts
        on signups.account_id = accounts.account_id
    inner join channels on signups.account_id = channels.account_id
    left join lives on signups.account_id = lives.account_id
    where
        accounts.trial_ends_at is not null
        and signups.trial_started_at
        >= date_trunc('month', as_of_date()) - interval '11 months'
        and (
            lives.account_id is not null
            or accounts.trial_ends_at < (select clock.as_of from ops.clock as clock)
        )

)

select
    signup_month,
    acquisition_channel,
    count(*) as trials,
    count(*) filter (where is_converted) as converted,
    round(1.0 * count(*) filter (where is_converted) / count(*), 4) as conversion
from trials
group by signup_month, acquisition_channel
order by signup_month, acquisition_channel
