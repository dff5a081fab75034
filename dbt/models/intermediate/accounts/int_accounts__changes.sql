{{ config(materialized='view') }}

-- For each account the batches that hold a row about it, and the one in which its trial
-- ended: incremental models rebuild every account that stands here with a batch newer
-- than their own build. A merged account is listed beside its survivor, so that its old
-- rows vanish.
with

app_deliveries as (

    select * from {{ ref('stg_app__deliveries') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

subscription_changes as (

    select * from {{ ref('int_subscriptions__changes') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

crm_rows as (

    select * from {{ ref('stg_hubspot__deliveries') }}
    where company_id is not null

),

companies as (

    select * from {{ ref('int_identity__companies') }}
    where system = 'hubspot.company' and account_id is not null

),

touched as (

    select
        account_id,
        _batch_seq as batch_seq
    from app_deliveries
    union all
    select
        account_id,
        _batch_seq as batch_seq
    from customers
    union all
    select
        account_id,
        batch_seq
    from subscription_changes
    union all
    -- who looks after it
    select
        companies.account_id,
        crm_rows._batch_seq as batch_seq
    from crm_rows
    inner join companies on crm_rows.company_id::text = companies.source_id
    union all
    -- the end of a trial comes by itself
    select
        app_deliveries.account_id,
        batches.batch_seq
    from {{ batches() }} as batches
    inner join app_deliveries
        on
            batches.from_at <= app_deliveries.trial_ends_at
            and batches.to_at > app_deliveries.trial_ends_at

),

final as (

    select
        account_id,
        batch_seq
    from touched
    where account_id is not null
    union all
    select
        identity.account_id,
        touched.batch_seq
    from touched
    inner join identity on touched.account_id = identity.raw_account_id
    where identity.is_merged

)

select * from final
