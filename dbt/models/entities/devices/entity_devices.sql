{{ config(indexes=[{'columns': ['device_id'], 'unique': true}]) }}

-- One row a customer's device as it stands now.
with

attributes as (

    select * from {{ ref('int_devices__attributes') }}

),

measures as (

    select * from {{ ref('int_devices__measures') }}

),

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

failure_rates as (

    select * from {{ ref('int_devices__failure_rates') }}

),

joined as (

    select
        attributes.*,
        accounts.account_name,
        accounts.segment,
        (
            {{ as_of_date_once() }} - {{ utc_date('attributes.installed_at') }}
        )::integer as age_days,
        (
            {{ as_of_date_once() }}
            - {{ business_date('measures.last_cleaning_at', 'attributes.timezone') }}
        )::integer as days_since_line_cleaning
    from attributes
    inner join measures on attributes.device_id = measures.device_id
    left join accounts on attributes.account_id = accounts.account_id

),

final as (

    select
        -- ids
        joined.device_id,
        joined.serial_number,
        joined.account_id,
        joined.account_name,
        joined.segment as account_segment,
        joined.location_id,
        joined.location_name,
        joined.city,
        joined.country,
        joined.timezone,

        -- device
        joined.device_type,
        joined.device_model as model,
        joined.hardware_revision as hardware_rev,
        joined.production_batch,
        joined.firmware_version,
        joined.is_latest_firmware,
        measures.firmware_updates_lifetime,
        measures.failed_firmware_updates_lifetime,
        joined.line_count as lines_monitored,
        joined.installer,

        -- life
        joined.installed_at,
        joined.decommissioned_at,
        joined.age_days,
        joined.device_status,
        joined.is_in_service,
        joined.connectivity_status,
        measures.last_seen_at,
        (extract(epoch from {{ as_of() }} - measures.last_seen_at) / 3600)
        ::numeric(12, 4) as hours_since_seen,

        -- uptime
        measures.uptime_24h::numeric(9, 6) as uptime_24h,
        measures.uptime_7d::numeric(9, 6) as uptime_7d,
        measures.uptime_30d::numeric(9, 6) as uptime_30d,
        measures.uptime_30d_open_hours::numeric(9, 6) as uptime_30d_open_hours,
        measures.downtime_minutes_30d,
        measures.open_downtime_minutes_30d as downtime_open_hours_minutes_30d,
        measures.outages_30d,

        -- failures and repairs
        measures.failures_lifetime,
        measures.operating_hours_lifetime::numeric(14, 4) as operating_hours_lifetime,
        (measures.operating_hours_lifetime / nullif(measures.failures_lifetime, 0))
        ::numeric(14, 4) as mtbf_hours,
        measures.repairs_lifetime,
        (measures.repair_hours_lifetime / nullif(measures.repairs_lifetime, 0))
        ::numeric(14, 4) as mttr_hours,
        measures.repair_hours_to_arrival::numeric(14, 4) as repair_hours_to_arrival,
        measures.last_repair_cause,
        joined.open_repairs,
        (extract(epoch from {{ as_of() }} - measures.oldest_open_repair_at) / 3600)
        ::numeric(12, 4) as open_repair_hours,

        -- pours and readings
        measures.pours_24h,
        measures.pours_30d,
        measures.volume_l_30d::numeric(14, 3) as volume_l_30d,
        measures.avg_temp_c_24h::numeric(6, 2) as avg_temp_c_24h,
        measures.temp_out_of_range_hours_24h,
        measures.sensor_fault,
        measures.avg_pressure_psi_24h::numeric(6, 2) as avg_pressure_psi_24h,

        -- errors, alerts and care
        measures.error_count_7d,
        measures.error_count_30d,
        measures.last_error_code,
        measures.last_error_at,
        joined.open_alerts,
        joined.critical_alerts,
        joined.open_work_orders,
        measures.last_maintenance_at,
        joined.days_since_line_cleaning,
        joined.is_in_service
        and coalesce(joined.days_since_line_cleaning > 14, false)
            as is_line_cleaning_overdue,
        measures.maintenance_cost_12m_usd::numeric(18, 6) as maintenance_cost_12m_usd,

        -- scores
        measures.device_health_score::numeric(5, 2) as device_health_score,
        {{ score_band('measures.device_health_score') }} as device_health_band,
        case when joined.is_in_service then failure_rates.failure_probability_30d end
        ::numeric(9, 6) as failure_probability_30d
    from joined
    inner join measures on joined.device_id = measures.device_id
    left join failure_rates
        on
            joined.production_batch = failure_rates.production_batch
            and failure_rates.age_band
            = case
                when joined.age_days < 365 then 0
                when joined.age_days < 730 then 1
                else 2
            end

)

select * from final
