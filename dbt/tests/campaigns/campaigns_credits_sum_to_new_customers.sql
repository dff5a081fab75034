-- Every model credits each new customer once, and its first MRR: over all campaigns,
-- and since the course's first day as the accounts' movements tell it.
-- Markov moves credit between days, so it is held to the whole only.
with

credited as (

    select
        date,
        {%- for model in attribution_models() %}
        sum(new_customers_{{ model }}) as customers_{{ model }},
        sum(new_mrr_{{ model }}_usd) as mrr_{{ model }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('entity_campaigns_daily') }}
    group by date

),

-- new logos of the day, from the course's first day on
moved as (

    select
        date,
        count(*) as customers,
        sum(mrr_new_usd) as mrr
    from {{ ref('int_accounts__mrr_daily') }}
    where is_new_logo
    group by date

),

totals as (

    select
        {%- for model in attribution_models() %}
        sum(credited.customers_{{ model }}) as customers_{{ model }},
        sum(credited.mrr_{{ model }}) as mrr_{{ model }},
        {%- endfor %}
        sum(moved.customers) as customers,
        sum(moved.mrr) as mrr
    from credited
    left join moved on credited.date = moved.date
    where credited.date >= {{ course_start() }}

),

everybody as (

    select count(distinct account_id) as customers
    from {{ ref('int_subscriptions__lifecycle') }}
    where first_paid_on <= {{ as_of_date() }}

),

all_time as (

    select  -- noqa: disable=LT02
        {%- for model in attribution_models() %}
        sum(customers_{{ model }}) as customers_{{ model }},
        sum(mrr_{{ model }}_usd) as mrr_{{ model }}{% if not loop.last %},{% endif %}
        {%- endfor %}
        -- noqa: enable=LT02
    from {{ ref('entity_campaigns') }}

)

{% for model in attribution_models() -%}
select
    '{{ model }} of all time' as what,
    all_time.customers_{{ model }} as credited,
    everybody.customers as won
from all_time
cross join everybody
where abs(all_time.customers_{{ model }} - everybody.customers) > 0.001
union all
select
    '{{ model }}, first MRR' as what,
    all_time.mrr_{{ model }} as credited,
    all_time.mrr_linear as won
from all_time
where abs(all_time.mrr_{{ model }} - all_time.mrr_linear) > 0.01
{% if model != 'markov' %}
union all
select
    '{{ model }} since the first day' as what,
    customers_{{ model }} as credited,
    customers as won
from totals
where
    abs(customers_{{ model }} - customers) > 0.001
    or abs(mrr_{{ model }} - mrr) > 0.01
{% endif %}
{% if not loop.last %}union all{% endif %}
{% endfor %}
