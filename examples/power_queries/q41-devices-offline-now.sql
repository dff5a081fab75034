-- id: Q41
-- question: How many devices are offline now, by country and model?
-- dashboard: Operations
-- difficulty: easy
-- tables: entity_devices
-- key: country, model
-- reading: Devices in service that have been silent for more than ten minutes, beside
--     how many of the kind are in service. One silent venue can be several rows.
-- excludes: Devices that are retired or whose customer's service has ended.

select
    country,
    model,
    count(*) filter (where connectivity_status = 'offline') as devices_offline,
    count(*) as devices_in_service
from entities.entity_devices
where connectivity_status in ('online', 'offline')
group by country, model
having count(*) filter (where connectivity_status = 'offline') > 0
order by devices_offline desc, country asc, model asc
