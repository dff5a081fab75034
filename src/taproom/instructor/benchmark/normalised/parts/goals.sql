-- Form fills, sign-ups and first payments with the last touch of the 90 days before;
-- direct visits count only where there is nothing else.
with

signups as (

    select
        customers.account_id,
        min(accounts.created_at) as signup_at
    from staging.stg_app__accounts as accounts
    inner join customers on accounts.account_id = customers.raw_account_id
    group by customers.account_id

),

-- a customer counts from the first day at whose end there is MRR
first_days as (

    select
        account_id,
        min(valid_from) as first_paid_on
    from mrr_spans
    where mrr_local > 0
    group by account_id

),

reached as (

    select
        'lead' as goal,
        person_id,
        account_id,
        contact_id,
        lead_at as goal_at,
        ((lead_at - interval '1 microsecond') at time zone 'UTC')::date as goal_on
    from contacts
    where lead_at is not null
    union all
    select
        'sign_up' as goal,
        account_id as person_id,
        account_id,
        null::bigint as contact_id,
        signup_at as goal_at,
        ((signup_at - interval '1 microsecond') at time zone 'UTC')::date as goal_on
    from signups
    union all
    select
        'customer' as goal,
        first_days.account_id as person_id,
        first_days.account_id,
        null::bigint as contact_id,
        first_payments.first_paid_at as goal_at,
        first_days.first_paid_on as goal_on
    from first_days
    inner join first_payments on first_days.account_id = first_payments.account_id

)

select distinct on (reached.goal, reached.person_id, reached.contact_id)
    reached.goal,
    reached.account_id,
    reached.contact_id,
    reached.goal_at,
    reached.goal_on,
    coalesce(touches.channel, 'direct') as channel,
    coalesce(touches.campaign_id, 'none-direct') as campaign_id
from reached
left join touches
    on
        reached.person_id = touches.person_id
        and touches.touched_at <= reached.goal_at
        and touches.touched_at > reached.goal_at - interval '90 days'
order by
    reached.goal asc,
    reached.person_id asc,
    reached.contact_id asc,
    touches.channel = 'direct' asc,
    touches.touched_at desc,
    touches.touch_id desc
