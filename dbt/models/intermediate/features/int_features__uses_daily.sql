{{ config(materialized='view') }}

-- Uses of features by user and UTC day, under the accounts and features as they are known
-- now; without test accounts. A view, so that a merge or a newly found test account needs no
-- day counted anew.
with

uses as (

    select * from {{ ref('int_features__uses') }}

),

identity as (

    select * from {{ ref('int_accounts__identity') }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

)

select
    uses.user_id,
    identity.account_id,
    uses.raw_account_id,
    features.feature_id,
    uses.feature_key,
    features.is_key_feature,
    uses.date,
    uses.events,
    uses.errors,
    uses.events - uses.errors as uses,
    uses.mobile_events,
    uses.first_used_at,
    uses.last_used_at
from uses
inner join identity on uses.raw_account_id = identity.raw_account_id
inner join features on uses.feature_key = features.feature_key
where not identity.is_test
