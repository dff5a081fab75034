{{ config(tags=['daily']) }}

-- Spans of days on which a user counts among those of a feature: `used_7d` and
-- `used_30d` with a use in the last 7 or 30 days, `adopted` with at least two days of
-- use in the last 30. Spans of one kind never touch, so that a day's users are the
-- spans open on it. The same for accounts, where anybody's use counts (user_id null).
{%- set long = adoption_days() | int %}

with

uses as (

    select * from {{ ref('int_features__uses_daily') }}
    where uses > 0

),

use_days as (

    select
        user_id,
        account_id,
        feature_id,
        date
    from uses
    union all
    select distinct
        null as user_id,
        account_id,
        feature_id,
        date
    from uses

),

neighbours as (

    select
        use_days.*,
        lag(date) over one_by_one as previous_date,
        lag(date, 2) over one_by_one as date_before_that
    from use_days
    window one_by_one as (
        partition by account_id, user_id, feature_id order by date
    )

),

-- a span begins where the one before had already run out
numbered as (

    select
        neighbours.*,
        previous_date > date - {{ long }} as is_second,
        sum(case when previous_date >= date - 7 then 0 else 1 end)
            over one_by_one as span_7d,
        sum(case when previous_date >= date - {{ long }} then 0 else 1 end)
            over one_by_one as span_30d,
        sum(
            case
                when
                    previous_date > date - {{ long }}
                    and date_before_that > previous_date - {{ long }}
                    and date_before_that >= date - {{ long }}
                    then 0
                else 1
            end
        ) over one_by_one as span_adopted
    from neighbours
    window one_by_one as (
        partition by account_id, user_id, feature_id order by date
    )

)

select
    user_id,
    account_id,
    feature_id,
    'used_7d' as kind,
    min(date) as valid_from,
    max(date) + 7 as valid_to
from numbered
where user_id is not null
group by user_id, account_id, feature_id, span_7d
union all
select
    user_id,
    account_id,
    feature_id,
    'used_30d' as kind,
    min(date) as valid_from,
    max(date) + {{ long }} as valid_to
from numbered
group by user_id, account_id, feature_id, span_30d
union all
select
    user_id,
    account_id,
    feature_id,
    'adopted' as kind,
    min(date) as valid_from,
    max(previous_date) + {{ long }} as valid_to
from numbered
where is_second
group by user_id, account_id, feature_id, span_adopted
