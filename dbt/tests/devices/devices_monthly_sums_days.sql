-- The months there are hold what their days hold, and none is missing whose days are
-- all kept.
with

days as (

    select
        date_trunc('month', date)::date as month,
        firmware_version,
        model,
        count(*) as device_days,
        sum(expected_heartbeats) as expected_heartbeats,
        sum(received_heartbeats) as received_heartbeats,
        sum(failures) as failures,
        sum(operating_hours) as operating_hours,
        sum(pours) as pours,
        sum(error_count) as error_count,
        sum(repairs_closed) as repairs_closed,
        sum(repair_minutes) as repair_minutes,
        sum(maintenance_cost_usd) as maintenance_cost_usd
    from {{ ref('entity_devices_daily') }}
    where date_trunc('month', date)::date >= {{ as_of() }} - interval '395 days'
    group by date_trunc('month', date)::date, firmware_version, model

),

months as (

    select
        month,
        firmware_version,
        model,
        sum(device_days) as device_days,
        sum(expected_heartbeats) as expected_heartbeats,
        sum(received_heartbeats) as received_heartbeats,
        sum(failures) as failures,
        sum(operating_hours) as operating_hours,
        sum(pours) as pours,
        sum(error_count) as error_count,
        sum(repairs_closed) as repairs_closed,
        sum(repair_minutes) as repair_minutes,
        sum(maintenance_cost_usd) as maintenance_cost_usd
    from {{ ref('entity_devices_monthly') }}
    group by month, firmware_version, model

),

only_in_days as (

    select * from days
    except
    select * from months

),

only_in_months as (

    select * from months
    except
    select * from days

)

select * from only_in_days
union all
select * from only_in_months
