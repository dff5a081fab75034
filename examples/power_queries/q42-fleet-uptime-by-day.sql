-- id: Q42
-- question: What is fleet uptime by day over the last 90 days, in open hours and
--     overall?
-- dashboard: Operations
-- difficulty: easy
-- tables: entity_devices_daily
-- key: date
-- reading: Heartbeats received over heartbeats due, weighted by what was due, so that a
--     device of half a day counts half. Open hours are what a guest notices; a power
--     cut at night is in the other figure only.
-- excludes: Days are the venues' local business days, so the last two rows still fill.

select
    date,
    count(*) as devices,
    round(1.0 * sum(received_heartbeats) / sum(expected_heartbeats), 4) as uptime,
    round(
        1.0 * sum(open_received_heartbeats) / nullif(sum(open_expected_heartbeats), 0),
        4
    ) as uptime_open_hours
from entities.entity_devices_daily
where date > as_of_date() - 90
group by date
order by date
