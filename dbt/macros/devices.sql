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
    Devices whose rows stand under another account than the devices do now: accounts were
    merged, or one turned out to be a test. One row a device tells it, the newest.
-#}
{% macro moved_devices(at) -%}
    select devices.device_id
    from (
        select distinct device_id from {{ ref('int_devices__changes') }}
    ) as devices
    left join (
        select
            device_id,
            max(account_id) as account_id
        from {{ ref('int_devices__assignments') }}
        group by device_id
    ) as owners on devices.device_id = owners.device_id
    left join lateral (
        select built.account_id
        from {{ this }} as built
        where built.device_id = devices.device_id
        order by built.{{ at }} desc
        limit 1
    ) as built on true
    where built.account_id is distinct from owners.account_id
{%- endmacro %}

{#- Business days of those devices, for also_cells. -#}
{% macro moved_device_days() -%}
    select
        changes.device_id,
        changes.date
    from {{ ref('int_devices__day_changes') }} as changes
    where changes.device_id in {{ look_up_list(moved_devices('date')) }}
{%- endmacro %}

{#- Hours of those devices, for also_cells. -#}
{% macro moved_device_hours() -%}
    select
        changes.device_id,
        changes.hour_at
    from {{ ref('int_devices__hour_changes') }} as changes
    where changes.device_id in {{ look_up_list(moved_devices('hour_at')) }}
{%- endmacro %}

{#-
    Cells of int_accounts__devices_daily that no delivered row names: new days of all accounts
    with devices, and all days of accounts that have rows and should not, or the reverse.
-#}
{% macro new_account_device_days() -%}
    select
        spans.account_id,
        days.date
    from (
        select
            account_id,
            min(valid_from) as first_installed_at
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
            days.date > {{ built_date() }}
            or (
                built.is_built is null
                and days.date >= {{ utc_date('spans.first_installed_at') }}
            )
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
