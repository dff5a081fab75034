{{ config(materialized='ephemeral') }}

-- Monthly logo churn and lifetime of a segment over the last twelve complete months. A
-- rate on fewer than 30 ends of logos is not worth a lifetime value, so it is not
-- given.
with

days as (

    select * from {{ ref('int_calendar__days') }}

),

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where superseded_at = {{ far_future() }}

),

margins as (

    select * from {{ ref('int_finance__gross_margin_monthly') }}

),

last_twelve as (

    select distinct
        month,
        month_end
    from days
    where
        month_end <= {{ as_of_date() }}
        and month_end > ({{ as_of_date() }} - interval '1 year')::date
        and month >= {{ course_start() }}

),

-- customers living at the start of a month, and whether they live at its end
cohorts as (

    select
        last_twelve.month,
        starts.account_id,
        starts.segment,
        ends.account_id is null as is_gone
    from last_twelve
    inner join versions as starts
        on
            starts.valid_from <= last_twelve.month
            and starts.valid_to > last_twelve.month
            and starts.customer_status in ('active', 'past_due', 'paused')
    left join versions as ends
        on
            starts.account_id = ends.account_id
            and ends.valid_from <= {{ day_end('last_twelve.month_end') }}
            and ends.valid_to > {{ day_end('last_twelve.month_end') }}
            and ends.customer_status in ('active', 'past_due', 'paused')

),

by_segment as (

    select
        segment,
        count(*) as customer_months,
        sum(case when is_gone then 1 else 0 end) as churn_events
    from cohorts
    group by segment

),

newest_margin as (

    select gross_margin from margins
    where month = (select max(months.month) from margins as months)

)

select
    by_segment.segment,
    by_segment.customer_months,
    by_segment.churn_events,
    newest_margin.gross_margin,
    1.0 * by_segment.churn_events / nullif(by_segment.customer_months, 0)
        as monthly_logo_churn,
    case
        when by_segment.churn_events >= 30
            then
                least(
                    60.0, 1.0 * by_segment.customer_months / by_segment.churn_events
                )
    end as lifetime_months
from by_segment
cross join newest_margin
