{{ config(materialized='ephemeral') }}

-- Finance reports a margin after the month has closed; a month still open carries the
-- last.
with

margins as (

    select * from {{ ref('stg_finance__gross_margin') }}

),

months as (

    select distinct month from {{ ref('int_calendar__days') }}

),

spans as (

    select
        margin,
        case
            when row_number() over (order by month) = 1 then '1900-01-01'::date
            else month
        end as valid_from,
        coalesce(lead(month) over (order by month), '9999-12-31'::date) as valid_to,
        month as reported_for
    from margins

)

select
    months.month,
    spans.margin as gross_margin,
    spans.reported_for = months.month as is_reported
from months
inner join spans
    on months.month >= spans.valid_from and months.month < spans.valid_to
