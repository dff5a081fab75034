{{ config(tags=['daily']) }}

-- One row a user and feature ever used: when it first stood open to the user, when it
-- was first used, and whether the user came back in the fifth week.
with

uses as (

    select * from {{ ref('int_features__uses_daily') }}
    where uses > 0 and date <= {{ as_of_date_once() }}

),

eligible_spans as (

    select * from {{ ref('int_features__eligible_spans') }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

),

first_uses as (

    select
        user_id,
        feature_id,
        min(date) as first_used_on
    from uses
    group by user_id, feature_id

),

-- when the feature was out, the login worked and the plan had it
openings as (

    select
        first_uses.user_id,
        first_uses.feature_id,
        min(greatest(eligible_spans.valid_from, features.released_on)) as opened_on
    from first_uses
    inner join features on first_uses.feature_id = features.feature_id
    inner join eligible_spans
        on
            first_uses.user_id = eligible_spans.user_id
            and eligible_spans.plan_rank >= features.min_plan_rank
            and eligible_spans.valid_to > features.released_on
    group by first_uses.user_id, first_uses.feature_id

),

returns as (

    select
        first_uses.user_id,
        first_uses.feature_id,
        count(*) as days_of_use
    from first_uses
    inner join uses
        on
            first_uses.user_id = uses.user_id
            and first_uses.feature_id = uses.feature_id
            and uses.date >= first_uses.first_used_on + 28
            and uses.date <= first_uses.first_used_on + 34
    group by first_uses.user_id, first_uses.feature_id

)

select
    first_uses.user_id,
    first_uses.feature_id,
    first_uses.first_used_on,
    openings.opened_on,
    -- the tracker began on 2023-11-01: what had opened before was perhaps used before
    case
        when openings.opened_on > {{ tracking_start() }}
            then greatest(first_uses.first_used_on - openings.opened_on, 0)
    end as days_to_first_use,
    case
        when first_uses.first_used_on + 34 <= {{ as_of_date_once() }}
            then returns.days_of_use is not null
    end as is_retained_w4
from first_uses
left join openings
    on
        first_uses.user_id = openings.user_id
        and first_uses.feature_id = openings.feature_id
left join returns
    on
        first_uses.user_id = returns.user_id
        and first_uses.feature_id = returns.feature_id
