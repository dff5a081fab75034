{{ config(tags=['daily']) }}

-- What each customer account has adopted of the product, at the end of the last
-- complete day.
with

accounts as (

    select * from {{ ref('int_accounts__attributes') }}

),

spans as (

    select * from {{ ref('int_accounts__adoption_spans') }}
    where valid_from <= {{ as_of_date_once() }} and valid_to > {{ as_of_date_once() }}

)

select
    accounts.account_id,
    coalesce(spans.features_eligible, 0) as features_eligible,
    coalesce(spans.features_used_30d, 0) as features_used_30d,
    coalesce(spans.features_adopted, 0) as features_adopted,
    coalesce(spans.key_features_eligible, 0) as key_features_eligible,
    coalesce(spans.key_features_adopted, 0) as key_features_adopted,
    round(1.0 * spans.key_features_adopted / nullif(spans.key_features_eligible, 0), 6)
        as key_feature_adoption_pct
from accounts
left join spans on accounts.account_id = spans.account_id
