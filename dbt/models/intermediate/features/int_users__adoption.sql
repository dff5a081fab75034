{{ config(tags=['daily']) }}

-- Users who have adopted at least one feature by the end of the last complete day.
with

spans as (

    select * from {{ ref('int_features__use_spans') }}
    where
        user_id is not null
        and kind = 'adopted'
        and valid_from <= {{ as_of_date_once() }}
        and valid_to > {{ as_of_date_once() }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

)

select
    spans.user_id,
    count(*)::int as features_adopted,
    (count(*) filter (where features.is_key_feature))::int as key_features_adopted
from spans
inner join features on spans.feature_id = features.feature_id
group by spans.user_id
