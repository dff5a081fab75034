with

uses as (

    select
        features.feature_name,
        (calls.event_at at time zone 'UTC')::date
        - (features.released_at at time zone 'UTC')::date as days_since_release,
        calls.call_id,
        calls.event_kind
    from staging.stg_segment__calls as calls
    inner join staging.stg_app__features as features
        on calls.feature_key = features.feature_key
    inner join users on calls.user_id = users.user_id
    where
        (features.released_at at time zone 'UTC')::date
        between '2024-01-01' and as_of_date()
        and (calls.event_at at time zone 'UTC')::date
        between (features.released_at at time zone 'UTC')::date
        and least((features.released_at at time zone 'UTC')::date + 59, as_of_date())

),

-- the tracker may send a call more than once
spans as (

    select distinct
        feature_name,
        case
            when days_since_release < 7 then 1
            when days_since_release < 30 then 2
            else 3
        end as span_no,
        call_id,
        event_kind
    from uses

)

select
    feature_name,
    (count(*) filter (where span_no = 1))::int as events_week_1,
    round(
        1.0 * count(*) filter (where span_no = 1 and event_kind = 'error')
        / nullif(count(*) filter (where span_no = 1), 0),
        4
    ) as error_rate_week_1,
    (count(*) filter (where span_no = 2))::int as events_days_8_to_30,
    round(
        1.0 * count(*) filter (where span_no = 2 and event_kind = 'error')
        / nullif(count(*) filter (where span_no = 2), 0),
        4
    ) as error_rate_days_8_to_30,
    (count(*) filter (where span_no = 3))::int as events_days_31_to_60,
    round(
        1.0 * count(*) filter (where span_no = 3 and event_kind = 'error')
        / nullif(count(*) filter (where span_no = 3), 0),
        4
    ) as error_rate_days_31_to_60
from spans
group by feature_name
order by feature_name
