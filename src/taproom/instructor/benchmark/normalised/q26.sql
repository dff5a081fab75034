with

versions as (

    select
        subscription_versions.*,
        subscription_status in ('active', 'past_due', 'paused') as is_alive,
        lag(subscription_status) over in_order as previous_status,
        coalesce(lag(is_cancel_at_period_end) over in_order, false)
            as was_to_be_cancelled,
        row_number() over (
            partition by subscription_id
            order by valid_from desc, version_started_at desc
        ) as recency
    from subscription_versions
    where valid_from < valid_to
    window in_order as (partition by subscription_id order by valid_from)

),

ends as (

    select distinct on (subscription_id)
        subscription_id,
        account_id,
        valid_from as ended_at,
        case
            when
                subscription_status = 'unpaid'
                or (previous_status = 'past_due' and not was_to_be_cancelled)
                then 'involuntary'
            else 'voluntary'
        end as churn_type
    from versions
    where
        not is_alive and previous_status in ('active', 'past_due', 'paused')
    order by subscription_id asc, valid_from desc

),

living as (

    select distinct account_id
    from versions
    where recency = 1 and is_alive

),

last_ends as (

    select distinct on (ends.account_id)
        ends.account_id,
        ends.churn_type,
        coalesce(versions.cancel_feedback, versions.cancel_reason) as churn_reason
    from ends
    inner join versions
        on ends.subscription_id = versions.subscription_id and versions.recency = 1
    left join living on ends.account_id = living.account_id
    where living.account_id is null
    order by ends.account_id asc, ends.ended_at desc, ends.subscription_id asc

)

select
    churn_type,
    churn_reason,
    count(*) as customers,
    round(1.0 * count(*) / sum(count(*)) over (), 4) as share
from last_ends
group by churn_type, churn_reason
order by customers desc, churn_type asc, churn_reason asc
