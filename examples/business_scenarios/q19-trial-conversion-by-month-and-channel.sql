-- id: Q19
-- question: What is trial-to-paid conversion by signup month and channel in the last 12
--     months?
-- dashboard: Marketing
-- difficulty: medium
-- tables: entity_customers
-- key: signup_month, acquisition_channel
-- reading: Of the trials begun in a month that are over, the share that became
--     customers. Cells hold few trials: add months before you compare channels.
-- excludes: Trials that still run, since they can only raise the share; accounts that
--     bought without a trial.

select
    date_trunc('month', trial_started_at)::date as signup_month,
    acquisition_channel,
    count(*) as trials,
    count(trial_converted_at) as converted,
    round(1.0 * count(trial_converted_at) / count(*), 4) as conversion
from entities.entity_customers
where
    trial_started_at >= date_trunc('month', as_of_date()) - interval '11 months'
    and (trial_converted_at is not null or customer_status <> 'trial')
group by date_trunc('month', trial_started_at), acquisition_channel
order by signup_month, acquisition_channel
