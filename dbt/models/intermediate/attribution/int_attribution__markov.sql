{%- set squarings = 7 %}

-- Removal effects of channels in a Markov chain of order 1. States are the channels, a
-- start, the first payment and a null state, in which the paths of those end who never
-- paid and have not been seen for 30 days. A channel's removal effect is the share of
-- conversions that would fall away if everybody who reaches it were lost. The matrix of
-- transitions is squared seven times, which is 128 steps: more than any path has. In
-- numeric, so that the order of summing changes nothing.
--
-- The shares of the removal effects are the credits. Channels that are on no customer's
-- path take none, since they could not hand it on to a campaign.
with

customers as (

    select
        account_id as person_id,
        channel,
        touch_no,
        touch_count,
        first_mrr_usd,
        linear
    from {{ ref('int_attribution__credits_by_path') }}

),

touches as (

    select * from {{ ref('int_touches__touches') }}

),

-- who never paid and came last more than 30 days ago
lost as (

    select
        touches.person_id,
        max(touches.touched_at) as last_touch_at,
        bool_or(touches.channel <> 'direct') as has_other_than_direct
    from touches
    left join customers on touches.person_id = customers.person_id
    where customers.person_id is null
    group by touches.person_id
    having
        max(touches.touched_at)
        < {{ day_end(as_of_date_once()) }} - interval '30 days'

),

lost_paths as (

    select
        touches.person_id,
        touches.channel,
        row_number() over path as touch_no,
        count(*) over (partition by touches.person_id) as touch_count
    from touches
    inner join lost on touches.person_id = lost.person_id
    where
        touches.touched_at > lost.last_touch_at - interval '90 days'
        and (touches.channel <> 'direct' or not lost.has_other_than_direct)
    window path as (
        partition by touches.person_id order by touches.touched_at, touches.touch_id
    )

),

steps as (

    select
        person_id,
        channel,
        touch_no,
        touch_count,
        '(conversion)' as outcome
    from customers
    union all
    select
        person_id,
        channel,
        touch_no,
        touch_count,
        '(null)' as outcome
    from lost_paths

),

transitions as (

    select
        '(start)' as from_state,
        channel as to_state
    from steps
    where touch_no = 1
    union all
    select
        channel as from_state,
        coalesce(
            lead(channel) over (partition by person_id order by touch_no), outcome
        ) as to_state
    from steps

),

counted as (

    select
        from_state,
        to_state,
        count(*) as transition_count
    from transitions
    group by from_state, to_state

),

probabilities as (

    select
        from_state,
        to_state,
        round(
            transition_count / sum(transition_count) over (partition by from_state), 18
        ) as probability
    from counted
    union all
    select
        '(conversion)' as from_state,
        '(conversion)' as to_state,
        1 as probability
    union all
    select
        '(null)' as from_state,
        '(null)' as to_state,
        1 as probability

),

removals as (

    select '(none)' as removed
    union all
    select distinct channel as removed
    from steps

),

-- the matrix once for each channel taken out: who reaches it is lost
redirected as (

    select
        removals.removed,
        probabilities.from_state,
        case
            when probabilities.to_state = removals.removed then '(null)'
            else probabilities.to_state
        end as to_state,
        probabilities.probability
    from removals
    inner join probabilities on removals.removed <> probabilities.from_state

),

matrix_0 as (

    select
        removed,
        from_state,
        to_state,
        sum(probability) as probability
    from redirected
    group by removed, from_state, to_state

),
{% for n in range(1, squarings + 1) %}
matrix_{{ n }} as (

    select
        one.removed,
        one.from_state,
        two.to_state,
        round(sum(one.probability * two.probability), 18) as probability
    from matrix_{{ n - 1 }} as one
    inner join matrix_{{ n - 1 }} as two
        on one.removed = two.removed and one.to_state = two.from_state
    group by one.removed, one.from_state, two.to_state

),
{% endfor %}
conversion_rates as (

    select
        removals.removed,
        coalesce(matrix_{{ squarings }}.probability, 0) as conversion_rate
    from removals
    left join matrix_{{ squarings }}
        on
            removals.removed = matrix_{{ squarings }}.removed
            and matrix_{{ squarings }}.from_state = '(start)'
            and matrix_{{ squarings }}.to_state = '(conversion)'

),

by_channel as (

    select
        channel,
        sum(linear) as customers_linear,
        sum(linear * first_mrr_usd) as mrr_linear_usd
    from customers
    group by channel

),

effects as (

    select
        without.removed as channel,
        round(
            1 - without.conversion_rate / nullif(everything.conversion_rate, 0), 12
        ) as removal_effect
    from conversion_rates as without
    inner join conversion_rates as everything
        on without.removed <> '(none)' and everything.removed = '(none)'

),

shared as (

    select
        effects.channel,
        effects.removal_effect,
        by_channel.customers_linear,
        by_channel.mrr_linear_usd,
        round(
            effects.removal_effect / nullif(sum(effects.removal_effect) over (), 0), 12
        ) as credit_share,
        sum(by_channel.customers_linear) over () as customers,
        sum(by_channel.mrr_linear_usd) over () as mrr_usd
    from effects
    inner join by_channel on effects.channel = by_channel.channel

)

select
    channel,
    removal_effect,
    credit_share,
    customers_linear,
    mrr_linear_usd,
    -- what a touch's linear credit is multiplied by to become its Markov credit
    round(credit_share * customers / customers_linear, 12) as customer_factor,
    round(credit_share * mrr_usd / mrr_linear_usd, 12) as mrr_factor
from shared
