{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__changes',
    indexes=[
        {'columns': ['account_id']}
    ]
) }}

-- Every instant at which something about an account may have changed, once for each
-- state of knowledge. Knowledge is compared at midnights: an event that arrived in time
-- for the first midnight after it happened opens no new epoch; one that came later
-- does, because a table saved in between did not know it.
with

plans as (

    select * from {{ ref('int_accounts__plans') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

locations as (

    select * from {{ ref('int_accounts__locations') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

subscription_states as (

    select * from {{ ref('int_subscriptions__states') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

owners as (

    select * from {{ ref('int_accounts__owners') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

events as (

    select
        account_id,
        valid_from,
        arrived_at,
        {{ far_future() }} as superseded_at
    from plans
    union all
    select
        account_id,
        valid_from,
        arrived_at,
        {{ far_future() }} as superseded_at
    from owners
    union all
    -- the end of a trial comes by itself
    select
        account_id,
        trial_ends_at as valid_from,
        greatest(arrived_at, trial_ends_at) as arrived_at,
        {{ far_future() }} as superseded_at
    from plans
    where trial_ends_at < {{ as_of() }}
    union all
    select
        account_id,
        valid_from,
        arrived_at,
        {{ far_future() }} as superseded_at
    from locations
    union all
    select
        states.account_id,
        states.valid_from,
        states.recorded_at as arrived_at,
        states.superseded_at
    from subscription_states as states

),

late as (

    select distinct
        account_id,
        arrived_at as known_until
    from events
    where
        arrived_at >= {{ next_midnight('valid_from') }}
        and valid_from < {{ as_of() }}
    union distinct
    select distinct
        account_id,
        superseded_at as known_until
    from events
    where superseded_at < {{ far_future() }}

),

accounts as (

    select distinct
        account_id,
        signup_at
    from plans

),

epoch_ends as (

    select
        account_id,
        known_until
    from late
    union all
    select
        account_id,
        {{ far_future() }} as known_until
    from accounts

),

{{ epochs_of('epoch_ends', 'account_id') }}

select
    epochs.account_id,
    epochs.epoch_no,
    epochs.known_from,
    epochs.known_until,
    accounts.signup_at,
    greatest(events.valid_from, accounts.signup_at) as valid_from,
    min(events.arrived_at) as arrived_at
from epochs
inner join accounts on epochs.account_id = accounts.account_id
inner join events
    on
        epochs.account_id = events.account_id
        and events.arrived_at < epochs.known_until
        and events.superseded_at >= epochs.known_until
group by 1, 2, 3, 4, 5, 6
