{{ config(indexes=[{'columns': ['account_id']}]) }}

{%- set models = [
    'first_touch', 'last_touch', 'linear', 'u_shaped', 'w_shaped', 'time_decay', 'shapley'
] %}

-- Credits by the models that look at one path alone. Each gives weights to the touches
-- of a path; a weight's share of their sum is the credit, so that a rule whose parts
-- fall together (one touch, two touches, form fill by the first touch) still gives out
-- one customer. Nine decimals; the last touch takes what rounding leaves.
--
-- Shapley: a set of channels is worth the customers whose whole path lies in it. Such a
-- game is the sum of one game a customer, in which only the path's own channels matter
-- and all of them are needed, so each gets an equal part: the value over all coalitions
-- without going through them. A channel's part is split evenly over its touches.
with

paths as (

    select * from {{ ref('int_attribution__paths') }}

),

channels as (

    select
        account_id,
        channel,
        count(*) as channel_touches,
        count(*) over (partition by account_id) as channel_count
    from paths
    group by account_id, channel

),

weighted as (

    select
        paths.*,
        case when paths.touch_no = 1 then 1.0 else 0.0 end as first_touch_weight,
        case when paths.touch_no = paths.touch_count then 1.0 else 0.0 end
            as last_touch_weight,
        1.0 as linear_weight,
        -- 40 for the first touch, 40 for the one that made the lead, 20 for the others
        case when paths.touch_no = 1 then 0.4 else 0 end
        + case when paths.is_lead_touch then 0.4 else 0 end
        + case
            when not (paths.touch_no = 1 or paths.is_lead_touch)
                then
                    0.2 / count(*) filter (
                        where not (paths.touch_no = 1 or paths.is_lead_touch)
                    ) over path
            else 0
        end as u_shaped_weight,
        -- 30 each for first touch, lead and opportunity, 10 for the others
        case when paths.touch_no = 1 then 0.3 else 0 end
        + case when paths.is_lead_touch then 0.3 else 0 end
        + case when paths.is_opportunity_touch then 0.3 else 0 end
        + case
            when
                not (
                    paths.touch_no = 1
                    or paths.is_lead_touch
                    or paths.is_opportunity_touch
                )
                then
                    0.1 / count(*) filter (
                        where not (
                            paths.touch_no = 1
                            or paths.is_lead_touch
                            or paths.is_opportunity_touch
                        )
                    ) over path
            else 0
        end as w_shaped_weight,
        -- half after every seven days before the payment
        round(
            power(
                2.0::numeric,
                -extract(epoch from paths.first_paid_at - paths.touched_at)::numeric
                / (7 * 86400)
            ),
            15
        ) as time_decay_weight,
        1.0 / (channels.channel_count * channels.channel_touches) as shapley_weight
    from paths
    inner join channels
        on
            paths.account_id = channels.account_id
            and paths.channel = channels.channel
    window path as (partition by paths.account_id)

),

shares as (

    select
        weighted.*,
        {%- for model in models %}
        {{ share_of_path(model ~ '_weight') }} as {{ model }}_share
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from weighted
    window path as (partition by account_id)

),

credits as (

    select
        shares.*,
        {%- for model in models %}
        case
            when touch_no < touch_count then {{ model }}_share
            else
                1 + {{ model }}_share
                - sum({{ model }}_share) over (partition by account_id)
        end as {{ model }}_credit{% if not loop.last %},{% endif %}
        {%- endfor %}
    from shares

)

select
    account_id,
    touch_id,
    campaign_id,
    channel,
    touch_no,
    touch_count,
    touched_at,
    first_paid_on,
    first_mrr_usd,
    {%- for model in models %}
    {{ model }}_credit as {{ model }}{% if not loop.last %},{% endif %}
    {%- endfor %}
from credits
