{{ config(materialized='table') }}

-- What growth was won with, by quarter: gains against losses, and new customers and ARR
-- against what sales and marketing cost.
with

mrr_daily as (

    select * from {{ ref('executive_mrr_daily') }}

),

margins as (

    select
        date_trunc('quarter', month)::date as quarter,
        avg(gross_margin) as gross_margin
    from {{ ref('int_finance__gross_margin_monthly') }}
    group by date_trunc('quarter', month)

),

by_quarter as (

    select
        date_trunc('quarter', date)::date as quarter,
        max(date) as last_date,
        sum(mrr_new_usd + mrr_expansion_usd + mrr_reactivation_usd) as mrr_gained_usd,
        -sum(mrr_contraction_usd + mrr_churn_usd) as mrr_lost_usd,
        sum(mrr_new_usd) as mrr_new_usd,
        sum(new_logos) as new_logos,
        -- a quarter that finance has not closed has no expense yet, not a smaller one
        case
            when count(*) = count(sm_spend_usd)
                then round(sum(sm_spend_usd), 2)
        end as sm_spend_usd
    from mrr_daily
    group by date_trunc('quarter', date)

),

with_quarter_before as (

    select
        by_quarter.*,
        12 * (mrr_gained_usd - mrr_lost_usd) as net_new_arr_usd,
        lag(sm_spend_usd) over (order by quarter) as sm_spend_prior_quarter_usd,
        sm_spend_usd / nullif(new_logos, 0) as cac_usd,
        mrr_new_usd / nullif(new_logos, 0) as new_arpa_usd
    from by_quarter

)

select
    with_quarter_before.quarter,
    to_char(with_quarter_before.quarter, 'YYYY-"Q"Q') as quarter_name,
    with_quarter_before.mrr_gained_usd,
    with_quarter_before.mrr_lost_usd,
    round(
        with_quarter_before.mrr_gained_usd
        / nullif(with_quarter_before.mrr_lost_usd, 0),
        4
    ) as quick_ratio,
    with_quarter_before.net_new_arr_usd,
    with_quarter_before.sm_spend_usd,
    with_quarter_before.sm_spend_prior_quarter_usd,
    round(
        with_quarter_before.net_new_arr_usd
        / nullif(with_quarter_before.sm_spend_prior_quarter_usd, 0),
        4
    ) as magic_number,
    with_quarter_before.new_logos,
    round(with_quarter_before.new_arpa_usd, 6) as new_arpa_usd,
    round(with_quarter_before.cac_usd, 6) as cac_usd,
    round(
        with_quarter_before.cac_usd
        / nullif(with_quarter_before.new_arpa_usd * margins.gross_margin, 0),
        4
    ) as payback_months,
    {{ as_of_date_once() }}
    >= (with_quarter_before.quarter + interval '3 months')::date - 1 as is_complete,
    {{ as_of_date_once() }} - with_quarter_before.last_date as days_ago
from with_quarter_before
left join margins on with_quarter_before.quarter = margins.quarter
