{{ config(
    materialized='incremental',
    incremental_strategy='by_cell',
    unique_key=['device_id', 'date'],
    cells_from='int_devices__day_changes',
    indexes=[{'columns': ['device_id', 'date'], 'unique': true}]
) }}

-- Business days on which a device's beer temperature is not to be believed: the sensor
-- has read the same to the hundredth on five days in a row, or more than 7 degrees all
-- through two days in a row, which no cellar does (a warm one is noticed within 40
-- hours).
with

{% if is_incremental() -%}
-- a day is judged with the four before it
needed as (

    select
        cells.device_id,
        cells.date - earlier.days as business_date
    from {{ cells_table() }} as cells
    cross join (values (0), (1), (2), (3), (4)) as earlier (days)

),

{% endif -%}
readings as (

    select * from {{ ref('stg_iot__device_telemetry_daily') }}
    {% if is_incremental() -%}
    where
        (device_id, business_date) in (
            select
                needed.device_id,
                needed.business_date
            from needed
        )
    {%- endif %}

),

compared as (

    select
        device_id,
        business_date as date,
        liquid_temp_c is not null
        and liquid_temp_c = lag(liquid_temp_c, 1) over days
        and liquid_temp_c = lag(liquid_temp_c, 2) over days
        and liquid_temp_c = lag(liquid_temp_c, 3) over days
        and liquid_temp_c = lag(liquid_temp_c, 4) over days
        and lag(business_date, 4) over days = business_date - 4 as is_stuck,
        temp_out_of_range_minutes >= 1440
        and lag(temp_out_of_range_minutes) over days >= 1440
        and lag(business_date) over days = business_date - 1 as has_jumped
    from readings
    window days as (partition by device_id order by business_date)

)

select
    device_id,
    date,
    case when is_stuck then 'stuck' else 'jumped' end as sensor_fault
from compared
where
    (is_stuck or has_jumped)
    and {{ only_changed_cells('int_devices__day_changes', ['device_id', 'date']) }}
