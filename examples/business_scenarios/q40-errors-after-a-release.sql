-- id: Q40
-- question: How did the error rate of a feature change after its release?
-- dashboard: Product
-- difficulty: medium
-- tables: entity_features_daily
-- key: feature_name
-- reading: Of the events of a feature the share that were errors, in its first week, in
--     the rest of its first month and in the second. It should fall. Rates of a handful
--     of events say nothing, so the number of events stands beside each.
-- excludes: Features released before the table begins. A feature nobody touched in its
--     first 60 days has no row; a span without events has no rate.

with

spans as (

    select
        feature_name,
        days_since_release,
        case
            when days_since_release < 7 then 1
            when days_since_release < 30 then 2
            else 3
        end as span_no,
        events,
        errors
    from entities.entity_features_daily
    where days_since_release between 0 and 59

)

select
    feature_name,
    coalesce(sum(events) filter (where span_no = 1), 0)::int as events_week_1,
    round(
        1.0 * sum(errors) filter (where span_no = 1)
        / nullif(sum(events) filter (where span_no = 1), 0),
        4
    ) as error_rate_week_1,
    coalesce(sum(events) filter (where span_no = 2), 0)::int as events_days_8_to_30,
    round(
        1.0 * sum(errors) filter (where span_no = 2)
        / nullif(sum(events) filter (where span_no = 2), 0),
        4
    ) as error_rate_days_8_to_30,
    coalesce(sum(events) filter (where span_no = 3), 0)::int as events_days_31_to_60,
    round(
        1.0 * sum(errors) filter (where span_no = 3)
        / nullif(sum(events) filter (where span_no = 3), 0),
        4
    ) as error_rate_days_31_to_60
from spans
group by feature_name
having sum(events) > 0 and min(days_since_release) = 0
order by feature_name
