{{ config(materialized='view') }}

-- Uses of features by user and UTC day, under the accounts and features as they are
-- known now; without test accounts. A view, so that a merge or a newly found test
-- account needs no day counted anew.
with

uses as (

    select * from {{ ref('int_features__uses') }}

),

users as (

    select * from {{ ref('int_users__attributes') }}

),

features as (

    select * from {{ ref('int_features__attributes') }}

)

select
    uses.user_id,
    users.account_id,
    users.raw_account_id,
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
inner join users on uses.user_id = users.user_id
inner join features on uses.feature_key = features.feature_key
