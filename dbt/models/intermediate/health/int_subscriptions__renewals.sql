{{ config(tags=['daily'], indexes=[{'columns': ['subscription_id'], 'unique': true}]) }}

-- How likely a living subscription renews at its next renewal, by a rule on the
-- account's health at the end of the last complete day. What is set to end will not.
with

lifecycle as (

    select * from {{ ref('int_subscriptions__lifecycle') }}
    where is_alive

),

health as (

    select * from {{ ref('int_accounts__health_daily') }}
    where date = {{ as_of_date() }}

)

select
    lifecycle.subscription_id,
    case
        when lifecycle.is_cancel_at_period_end then 0
        else
            1 - {{ chance_of(leaving_points(
                'health.health_score', 'lifecycle.billing_interval',
                "lifecycle.subscription_status = 'past_due'"
            )) }}
    end as renewal_probability
from lifecycle
inner join health on lifecycle.account_id = health.account_id
