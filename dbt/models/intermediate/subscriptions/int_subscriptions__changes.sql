-- For each subscription the newest batch that holds anything which concerns it.
-- Incremental models rebuild the subscriptions that changed since they were built.
-- Subscriptions of test accounts stay listed, so that one found to be a test later
-- vanishes.
with

history as (

    select
        subscription_id,
        stripe_customer_id,
        max(_batch_seq) as batch_seq
    from {{ ref('stg_stripe__subscription_history_versions') }}
    group by subscription_id, stripe_customer_id

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

customers as (

    select * from {{ ref('stg_stripe__customer') }}

),

accounts as (

    select * from {{ ref('stg_app__accounts') }}

),

locations as (

    select * from {{ ref('stg_app__locations') }}

),

users as (

    select * from {{ ref('stg_app__users') }}

),

items as (

    select * from {{ ref('int_subscriptions__items') }}

),

versions as (

    select * from {{ ref('int_subscriptions__versions') }}

),

discounts as (

    select * from {{ ref('int_subscriptions__discounts') }}

),

invoices as (

    select * from {{ ref('int_invoices__invoices') }}

),

payments as (

    select * from {{ ref('int_invoices__payments') }}

),

money_back as (

    select * from {{ ref('int_invoices__money_back') }}

),

late_rates as (

    select
        from_currency,
        max(_batch_seq) as batch_seq
    from {{ ref('stg_finance__fx_rate') }}
    -- a rate that came after its day has been built restates that day
    where _arrived_at > {{ day_end('rate_date') }}
    group by from_currency

),

-- whose subscription it is, whether it is a test, and the segment of its days
account_rows as (

    select
        account_id,
        _batch_seq as batch_seq
    from accounts
    union all
    select
        account_id,
        _batch_seq as batch_seq
    from locations
    union all
    select
        account_id,
        _batch_seq as batch_seq
    from users

),

-- merged accounts change together with their survivor
families as (

    select
        identity.account_id,
        max(account_rows.batch_seq) as batch_seq
    from identity
    inner join account_rows on identity.raw_account_id = account_rows.account_id
    group by identity.account_id

),

concerning as (

    select
        subscription_id,
        batch_seq
    from history
    union all
    select
        history.subscription_id,
        customers._batch_seq as batch_seq
    from history
    inner join customers on history.stripe_customer_id = customers.stripe_customer_id
    union all
    select
        history.subscription_id,
        families.batch_seq
    from history
    inner join identity on history.stripe_customer_id = identity.stripe_customer_id
    inner join families on identity.account_id = families.account_id
    union all
    select
        subscription_id,
        batch_seq
    from versions
    union all
    select
        subscription_id,
        batch_seq
    from items
    union all
    select
        subscription_id,
        batch_seq
    from discounts
    union all
    select
        subscription_id,
        batch_seq
    from invoices
    where subscription_id is not null
    union all
    select
        subscription_id,
        batch_seq
    from payments
    where subscription_id is not null
    union all
    select
        subscription_id,
        batch_seq
    from money_back
    where subscription_id is not null
    union all
    select
        items.subscription_id,
        late_rates.batch_seq
    from items
    inner join late_rates on items.currency = late_rates.from_currency

),

newest as (

    select
        subscription_id,
        max(batch_seq) as batch_seq
    from concerning
    group by subscription_id

),

final as (

    select
        newest.subscription_id,
        max(identity.account_id) as account_id,
        max(newest.batch_seq) as batch_seq
    from newest
    left join history on newest.subscription_id = history.subscription_id
    left join identity on history.stripe_customer_id = identity.stripe_customer_id
    group by newest.subscription_id

)

select * from final
