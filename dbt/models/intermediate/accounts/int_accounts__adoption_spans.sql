{{ config(tags=['daily'], indexes=[{'columns': ['account_id']}]) }}

-- How many features an account may use, uses and has adopted at the end of each day, as
-- spans of days in which none of it changes: day D lies in the span with valid_from <=
-- D < valid_to. Only features the plan has count, and only while the account's people
-- may use the product; at other times all numbers are 0.
with

use_spans as (

    select * from {{ ref('int_features__use_spans') }}
    where user_id is null and kind in ('used_30d', 'adopted')

),

plan_spans as (

    select * from {{ ref('int_accounts__plan_spans') }}
    where is_open

),

features as (

    select * from {{ ref('int_features__attributes') }}

),

feature_spans as (

    select * from {{ ref('int_features__spans') }}

),

-- when which feature stood open to the account
open_features as (

    select
        plan_spans.account_id,
        features.feature_id,
        features.is_key_feature,
        greatest(plan_spans.starts_on, feature_spans.valid_from, features.released_on)
            as valid_from,
        least(plan_spans.valid_to, feature_spans.valid_to) as valid_to
    from plan_spans
    inner join feature_spans on plan_spans.plan_rank >= feature_spans.min_plan_rank
    inner join features on feature_spans.feature_id = features.feature_id

),

counted as (

    select
        account_id,
        'eligible' as kind,
        is_key_feature,
        valid_from,
        valid_to
    from open_features
    union all
    select
        open_features.account_id,
        use_spans.kind,
        open_features.is_key_feature,
        greatest(open_features.valid_from, use_spans.valid_from) as valid_from,
        least(open_features.valid_to, use_spans.valid_to) as valid_to
    from use_spans
    inner join open_features
        on
            use_spans.account_id = open_features.account_id
            and use_spans.feature_id = open_features.feature_id
            and use_spans.valid_from < open_features.valid_to
            and open_features.valid_from < use_spans.valid_to

),

changes as (

    select
        account_id,
        valid_from as date,
        kind,
        is_key_feature,
        1 as change
    from counted
    where valid_from < valid_to
    union all
    select
        account_id,
        valid_to as date,
        kind,
        is_key_feature,
        -1 as change
    from counted
    where valid_from < valid_to

),

by_day as (

    select
        account_id,
        date,
        coalesce(sum(change) filter (where kind = 'eligible'), 0) as eligible,
        coalesce(sum(change) filter (where kind = 'eligible' and is_key_feature), 0)
            as key_eligible,
        coalesce(sum(change) filter (where kind = 'used_30d'), 0) as used_30d,
        coalesce(sum(change) filter (where kind = 'adopted'), 0) as adopted,
        coalesce(sum(change) filter (where kind = 'adopted' and is_key_feature), 0)
            as key_adopted
    from changes
    group by account_id, date

),

final as (

    select
        account_id,
        date as valid_from,
        coalesce(
            lead(date) over (partition by account_id order by date), '9999-12-31'::date
        ) as valid_to,
        (sum(eligible) over (partition by account_id order by date))::int
            as features_eligible,
        (sum(used_30d) over (partition by account_id order by date))::int
            as features_used_30d,
        (sum(adopted) over (partition by account_id order by date))::int
            as features_adopted,
        (sum(key_eligible) over (partition by account_id order by date))::int
            as key_features_eligible,
        (sum(key_adopted) over (partition by account_id order by date))::int
            as key_features_adopted
    from by_day
    where date < '9999-12-31'

)

select * from final
