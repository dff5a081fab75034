-- id: Q43
-- question: What are MTBF and MTTR by device model over the last 12 complete months?
-- dashboard: Operations
-- difficulty: medium
-- tables: entity_devices_monthly
-- key: model
-- reading: Hours a device operates between two failures of its own, and hours from the
--     opening of a repair to its end. Failures are few: a model with one or two says
--     little.
-- excludes: Silences for want of network or power, planned visits, repairs still open,
--     the running month.

select
    model,
    sum(failures) as failures,
    round(sum(operating_hours) / nullif(sum(failures), 0), 0) as mtbf_hours,
    sum(repairs_closed) as repairs_closed,
    round(sum(repair_minutes) / 60.0 / nullif(sum(repairs_closed), 0), 1) as mttr_hours
from entities.entity_devices_monthly
where
    month >= date_trunc('month', (select as_of_date()) + 1) - interval '12 months'
    and month < date_trunc('month', (select as_of_date()) + 1)
group by model
order by model
