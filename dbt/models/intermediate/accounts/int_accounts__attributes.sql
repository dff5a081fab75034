{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__changes',
    indexes=[{'columns': ['account_id'], 'unique': true}]
) }}

-- One row a customer account (survivors of merges, no test accounts) as it stands now.
with

accounts as (

    select * from {{ ref('stg_app__accounts') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

users as (

    select * from {{ ref('stg_app__users') }}

),

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where
        superseded_at = {{ far_future() }}
        and {{ only_changed('int_accounts__changes', 'account_id') }}

),

lifecycles as (

    select * from {{ ref('int_subscriptions__lifecycle') }}
    where {{ only_changed('int_accounts__changes', 'account_id') }}

),

signups as (

    select
        identity.account_id,
        min(accounts.created_at) as signup_at
    from accounts
    inner join identity on accounts.account_id = identity.raw_account_id
    where not identity.is_test
    group by identity.account_id

),

user_counts as (

    select
        identity.account_id,
        count(*)::integer as user_count
    from users
    inner join identity on users.account_id = identity.raw_account_id
    where not users.is_deleted and users.user_status <> 'deactivated'
    group by identity.account_id

),

-- a logo lives in these statuses; its ends and returns are the borders between versions
lives as (

    select
        versions.*,
        customer_status in ('active', 'past_due', 'paused') as is_alive,
        lag(customer_status) over (partition by account_id order by valid_from)
            as previous_status
    from versions

),

life_events as (

    select
        account_id,
        min(valid_from) filter (where is_alive) as first_alive_at,
        max(valid_from) filter (
            where customer_status = 'churned' and previous_status <> 'churned'
        ) as churned_at,
        max(valid_from) filter (where is_alive and previous_status = 'churned')
            as reactivated_at
    from lives
    group by account_id

),

first_payments as (

    select
        account_id,
        min(first_paid_at) as first_paid_at
    from lifecycles
    group by account_id

),

current_versions as (

    select * from versions
    where valid_to = {{ far_future() }}

)

select
    -- ids
    accounts.account_id,
    identity.stripe_customer_id,

    -- text
    accounts.account_name,
    accounts.venue_group_type as venue_type,
    accounts.country,
    accounts.timezone,
    accounts.currency as billing_currency,
    current_versions.segment,
    current_versions.customer_status,
    current_versions.plan_tier,
    current_versions.billing_interval,

    -- numbers
    current_versions.location_count,
    current_versions.active_location_count,
    current_versions.seats_purchased,
    coalesce(user_counts.user_count, 0) as user_count,

    -- booleans
    current_versions.is_deleted,

    -- timestamps
    signups.signup_at,
    case when accounts.trial_ends_at is not null then signups.signup_at end
        as trial_started_at,
    accounts.trial_ends_at,
    case when accounts.trial_ends_at is not null then life_events.first_alive_at end
        as trial_converted_at,
    life_events.first_alive_at,
    first_payments.first_paid_at,
    life_events.churned_at,
    life_events.reactivated_at,

    -- days that entity_customers_daily has rows for; open-ended while rows_to is null
    greatest({{ utc_date('signups.signup_at') }}, {{ course_start() }}) as rows_from,
    case
        when life_events.first_alive_at is null
            then {{ utc_date('accounts.trial_ends_at') }} + 30
    end as rows_to
from accounts
inner join identity
    on accounts.account_id = identity.raw_account_id and not identity.is_merged
inner join signups on accounts.account_id = signups.account_id
inner join current_versions on accounts.account_id = current_versions.account_id
left join user_counts on accounts.account_id = user_counts.account_id
left join life_events on accounts.account_id = life_events.account_id
left join first_payments on accounts.account_id = first_payments.account_id
where not identity.is_test
