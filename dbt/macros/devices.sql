{#-
    Health of a device on a business day, 0 to 100: points for each thing that is known of the
    day, as a share of what they could have been. Uptime 40 (none at 80 %, all at 99 %), errors
    20 (half for one, none for more), temperature 15 (none after four hours out of range),
    signal 10 (none at -85 dBm, all at -65), age 10 (none after five years), line cleaning 5
    (none when overdue). Of a silent day only uptime, age and cleaning are known.
-#}
{% macro device_health_score(
    uptime_pct, error_count, temp_minutes, rssi_dbm, age_days, days_since_cleaning
) -%}
    {%- set parts = [
        (40, uptime_pct, '(' ~ uptime_pct ~ ' - 0.80) / 0.19'),
        (
            20,
            'case when ' ~ uptime_pct ~ ' > 0 then ' ~ error_count ~ ' end',
            '1 - ' ~ error_count ~ ' / 2.0'
        ),
        (15, temp_minutes, '1 - ' ~ temp_minutes ~ ' / 240.0'),
        (10, rssi_dbm, '(' ~ rssi_dbm ~ ' + 85) / 20.0'),
        (10, age_days, '1 - ' ~ age_days ~ ' / 1825.0'),
        (
            5,
            days_since_cleaning,
            'case when ' ~ days_since_cleaning ~ ' > 14 then 0 else 1 end'
        ),
    ] -%}
    round(
        100 * (
            {%- for weight, known, share in parts %}
            case
                when {{ known }} is not null
                    then {{ weight }} * least(1, greatest(0, {{ share }}))
                else 0
            end{{ ' +' if not loop.last }}
            {%- endfor %}
        )
        / nullif(
            {%- for weight, known, share in parts %}
            case when {{ known }} is not null then {{ weight }} else 0 end
            {{- ' +' if not loop.last }}
            {%- endfor %},
            0
        ),
        2
    )
{%- endmacro %}

{#- Bands of a score from 0 to 100: green from 70 on, yellow from 40 on, red below. -#}
{% macro score_band(score) -%}
    case
        when {{ score }} >= 70 then 'green'
        when {{ score }} >= 40 then 'yellow'
        when {{ score }} is not null then 'red'
    end
{%- endmacro %}

{#-
    Devices whose rows stand under another account than they should: accounts were merged, or
    one turned out to be a test, or not to be one. The newest row of each service tells it, and
    a service that ended before all rows that are kept needs none.
-#}
{% macro moved_devices(at, service_from, service_to, kept_from) -%}
    select newest.device_id
    from (
        select distinct device_id from {{ ref('int_devices__changes') }}
    ) as devices
    cross join lateral (
        select built.*
        from {{ this }} as built
        where built.device_id = devices.device_id
        order by built.{{ at }} desc
        limit 1
    ) as newest
    where not exists (
        select 1 from {{ ref('int_devices__assignments') }} as services
        where
            services.device_id = newest.device_id
            and services.account_id = newest.account_id
    )
    union
    select services.device_id
    from {{ ref('int_devices__assignments') }} as services
    left join lateral (
        select built.account_id
        from {{ this }} as built
        where
            built.device_id = services.device_id
            and built.{{ at }} >= services.{{ service_from }}
            and built.{{ at }} <= services.{{ service_to }}
        order by built.{{ at }} desc
        limit 1
    ) as newest on true
    where
        newest.account_id is distinct from services.account_id
        and services.{{ service_to }} >= {{ kept_from }}
{%- endmacro %}

{#- Business days of those devices, as they are and as they will be, for also_cells. -#}
{% macro moved_device_days() -%}
    {%- set moved = look_up_list(moved_devices(
        'date', 'first_day', 'last_day', as_of_date() ~ ' - 396'
    )) -%}
    select
        built.device_id,
        built.date
    from {{ this }} as built
    where built.device_id in {{ moved }}
    union
    select
        readings.device_id,
        readings.date
    from {{ ref('int_devices__daily') }} as readings
    where readings.device_id in {{ moved }}
{%- endmacro %}

{#- Months of those devices, by the days built for them and by the months there are. -#}
{% macro moved_device_months() -%}
    {%- set moved = look_up_list(moved_devices(
        'month', 'first_day', 'last_day', as_of_date() ~ ' - 396'
    )) -%}
    select
        device_id,
        date_trunc('month', date)::date as month
    from {{ ref('entity_devices_daily') }}
    where device_id in {{ moved }}
    union
    select
        device_id,
        month
    from {{ this }}
    where device_id in {{ moved }}
{%- endmacro %}

{#- Hours of those devices, for also_cells. -#}
{% macro moved_device_hours() -%}
    {%- set moved = look_up_list(moved_devices(
        'hour_at', 'valid_from', 'valid_to', as_of() ~ " - interval '15 days'"
    )) -%}
    select
        built.device_id,
        built.hour_at
    from {{ this }} as built
    where built.device_id in {{ moved }}
    union
    select
        hours.device_id,
        hours.hour_at
    from {{ ref('int_devices__hourly') }} as hours
    where hours.device_id in {{ moved }}
{%- endmacro %}

{#-
    Cells of int_accounts__devices_daily that no delivered row names: new days of all accounts
    with devices, and all days of accounts that have rows and should not, or the reverse.
    Accounts whose devices were gone before the first day have none, and never will.
-#}
{% macro new_account_device_days() -%}
    select
        spans.account_id,
        days.date
    from (
        select
            account_id,
            min(valid_from) as first_installed_at,
            max(valid_to) as last_removed_at
        from {{ ref('int_devices__assignments') }}
        group by account_id
    ) as spans
    left join lateral (
        select true as is_built
        from {{ this }} as built
        where built.account_id = spans.account_id
        limit 1
    ) as built on true
    inner join {{ ref('int_calendar__days') }} as days
        on
            days.date >= {{ utc_date('spans.first_installed_at') }}
            and days.date <= {{ utc_date('spans.last_removed_at') }}
            and (days.date > {{ built_date() }} or built.is_built is null)
    union
    select
        built.account_id,
        built.date
    from {{ this }} as built
    where built.account_id in (
        select raw_account_id from {{ ref('int_accounts__identity') }}
        where is_merged or is_test
    )
{%- endmacro %}

{#-
    Query for events of devices beside the service they fall in: the last that had begun. An
    event noted after a device was taken away belongs to the service it left.
-#}
{% macro events_in_service(events, assignments) -%}
    select *
    from (
        select
            {{ assignments }}.device_id,
            {{ assignments }}.location_id,
            {{ assignments }}.account_id,
            {{ assignments }}.timezone,
            {{ assignments }}.valid_from,
            {{ assignments }}.valid_to,
            {{ events }}.device_event_id,
            {{ events }}.event_type,
            {{ events }}.event_code,
            {{ events }}.severity,
            {{ events }}.event_at,
            row_number() over (
                partition by {{ events }}.device_event_id
                order by {{ assignments }}.valid_from desc
            ) as recency
        from {{ events }}
        inner join {{ assignments }}
            on
                {{ events }}.device_id = {{ assignments }}.device_id
                and {{ events }}.event_at >= {{ assignments }}.valid_from
    ) as ranked
    where ranked.recency = 1
{%- endmacro %}
