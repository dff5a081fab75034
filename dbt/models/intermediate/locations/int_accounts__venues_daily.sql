{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['account_id', 'date'],
    cells_from='int_accounts__venues_changes',
    also_cells='account_days_without_telemetry',
    indexes=[
        {'columns': ['account_id', 'date'], 'unique': true},
        {'columns': ['date']}
    ]
) }}

-- depends_on: {{ ref('int_calendar__business_days') }}
-- depends_on: {{ ref('int_locations__attributes') }}

-- What the venues of an account poured and sold, by the date of their local business
-- days. The newest dates are not complete before the day has ended in every zone.
with

venue_days as (

    select * from {{ ref('int_locations__daily') }}
    where
        {{ only_changed_cells('int_accounts__venues_changes', ['account_id', 'date']) }}

)

select
    account_id,
    date,
    count(*)::int as venue_count,
    sum(pours)::int as pours,
    sum(volume_l)::numeric(18, 6) as pour_volume_l,
    sum(pos_revenue_usd)::numeric(18, 6) as pos_revenue_usd
from venue_days
group by account_id, date
