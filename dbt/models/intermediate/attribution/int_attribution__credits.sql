{{ config(indexes=[{'columns': ['account_id']}, {'columns': ['campaign_id']}]) }}

{%- set path_models = [
    'first_touch', 'last_touch', 'linear', 'u_shaped', 'w_shaped', 'time_decay', 'shapley'
] %}

-- Credits of every model for every touch of a new customer's path: parts of the
-- customer, and of its first MRR. Markov knows channels only; a channel's credit is
-- split over its touches as linear attribution splits the channel's customers (and, for
-- MRR, the channel's MRR).
with

credits as (

    select * from {{ ref('int_attribution__credits_by_path') }}

),

markov as (

    select * from {{ ref('int_attribution__markov') }}

)

select
    credits.account_id,
    credits.touch_id,
    credits.campaign_id,
    credits.channel,
    credits.touch_no,
    credits.touch_count,
    credits.touched_at,
    credits.first_paid_on,
    credits.first_mrr_usd,
    {% for model in path_models -%}
    credits.{{ model }} as customers_{{ model }},
    round(credits.{{ model }} * credits.first_mrr_usd, 9) as mrr_{{ model }}_usd,
    {% endfor -%}
    round(credits.linear * markov.customer_factor, 9) as customers_markov,
    round(credits.linear * credits.first_mrr_usd * markov.mrr_factor, 9)
        as mrr_markov_usd
from credits
inner join markov on credits.channel = markov.channel
