{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__changes',
    indexes=[{'columns': ['account_id']}]
) }}

-- The segment of an account at the end of each day: a day D lies in the span with
-- valid_from <= D < valid_to.
with

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where
        superseded_at = {{ far_future() }}
        and {{ only_changed('int_accounts__changes', 'account_id') }}

),

-- of several versions that begin on one day only the last is seen at the day's end
day_ends as (

    select
        account_id,
        segment,
        location_count,
        {{ first_day_shown('valid_from') }} as first_day,
        row_number() over (
            partition by account_id, {{ first_day_shown('valid_from') }}
            order by valid_from desc
        ) as recency
    from versions

)

select
    account_id,
    segment,
    location_count,
    case
        when row_number() over (partition by account_id order by first_day) = 1
            then '1900-01-01'::date
        else first_day
    end as valid_from,
    coalesce(
        lead(first_day) over (partition by account_id order by first_day),
        '9999-12-31'::date
    ) as valid_to
from day_ends
where recency = 1
