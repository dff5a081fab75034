-- id: Q31
-- question: Did accounts with device outages file more tickets?
-- dashboard: Customer Success
-- difficulty: hard
-- tables: entity_customers
-- key: had_low_uptime
-- reading: Tickets of 30 days per account, and per device, of accounts whose devices
--     were heard less than 95% of the time, and of the others. Large accounts have more
--     of both, so the column per device is the fairer one. Neither is a cause.
-- excludes: Accounts without devices, trials and former customers.

select
    device_uptime_30d < 0.95 as had_low_uptime,
    count(*) as customers,
    sum(tickets_30d) as tickets,
    round(avg(tickets_30d), 4) as tickets_per_customer,
    round(1.0 * sum(tickets_30d) / sum(device_count), 4) as tickets_per_device
from entities.entity_customers
where
    device_count > 0
    and device_uptime_30d is not null
    and customer_status in ('active', 'past_due', 'paused')
group by device_uptime_30d < 0.95
order by had_low_uptime desc
