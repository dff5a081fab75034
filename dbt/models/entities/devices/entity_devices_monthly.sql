{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['device_id', 'month'],
    cells_from='int_devices__month_changes',
    also_cells='moved_device_months',
    keep_days=['month', 395],
    indexes=[
        {
            'columns': ['device_id', 'month', 'firmware_version', 'location_id'],
            'unique': true
        }
    ]
) }}

-- depends_on: {{ ref('int_devices__month_changes') }}
-- depends_on: {{ ref('int_devices__changes') }}, {{ ref('int_devices__assignments') }}

-- The days of entity_devices_daily summed by month: one row a device and month, and
-- another for each further firmware or venue it had in the month.
with

days as (

    select
        daily.*,
        date_trunc('month', daily.date)::date as month
    from {{ ref('entity_devices_daily') }} as daily
    {% if is_incremental() %}
    inner join {{ cells_table() }} as cells
        on
            daily.device_id = cells.device_id
            and daily.date >= cells.month
            and daily.date < (cells.month + interval '1 month')::date
    {% endif %}

),

summed as (

    select
        -- keys
        month,
        device_id,
        location_id,
        account_id,
        country,

        -- device
        device_type,
        model,
        firmware_version,
        count(*)::integer as device_days,

        -- heartbeats, one a minute
        sum(expected_heartbeats)::integer as expected_heartbeats,
        sum(received_heartbeats)::integer as received_heartbeats,
        sum(open_expected_heartbeats)::integer as open_expected_heartbeats,
        sum(open_received_heartbeats)::integer as open_received_heartbeats,

        -- silences and failures
        sum(outages)::integer as outages,
        sum(failures)::integer as failures,
        sum(operating_hours)::numeric(12, 4) as operating_hours,

        -- pours and readings
        sum(pours)::integer as pours,
        sum(volume_l)::numeric(12, 3) as volume_l,
        sum(error_count)::integer as error_count,

        -- alerts and field service
        sum(alerts_opened)::integer as alerts_opened,
        sum(repairs_closed)::integer as repairs_closed,
        sum(repair_minutes)::integer as repair_minutes,
        sum(maintenance_cost_usd)::numeric(18, 6) as maintenance_cost_usd
    from days
    group by
        month,
        device_id,
        location_id,
        account_id,
        country,
        device_type,
        model,
        firmware_version

)

select * from summed
where {{ is_kept() }}
