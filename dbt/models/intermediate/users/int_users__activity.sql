{{ config(
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='user_id',
    changes_from='int_users__activity_changes',
    indexes=[{'columns': ['user_id'], 'unique': true}]
) }}

{%- set is_changed = only_changed('int_users__activity_changes', 'user_id') %}

-- One row a user the tracker ever saw: the first and the last of everything. Reaches
-- the world's clock, so a day that still runs is in it.
with

daily as (

    select * from {{ ref('int_users__daily') }}
    where {{ is_changed }}

),

uses as (

    select * from {{ ref('int_features__uses') }}
    where
        first_used_at is not null
        and {{ is_changed }}

),

browsers as (

    select * from {{ ref('int_users__browsers') }}
    where {{ is_changed }}

),

guest_views as (

    select * from {{ ref('int_users__guest_views') }}

),

days as (

    select
        user_id,
        min(first_event_at) as first_seen_at,
        max(last_event_at) as last_seen_at,
        min(date) filter (where is_active) as first_active_on,
        max(date) filter (where is_active) as last_active_on,
        (count(*) filter (where is_active))::integer as active_days_lifetime
    from daily
    group by user_id

),

features as (

    select
        user_id,
        feature_key,
        min(first_used_at) as first_used_at
    from uses
    group by user_id, feature_key

),

ranked_features as (

    select
        user_id,
        feature_key,
        row_number() over (
            partition by user_id order by first_used_at, feature_key
        ) as rank_first,
        count(*) over (partition by user_id)::integer as features_used_lifetime
    from features

),

guests as (

    select
        browsers.user_id,
        min(guest_views.viewed_at) as first_guest_view_at,
        count(*)::integer as guest_views
    from browsers
    inner join guest_views on browsers.anonymous_id = guest_views.anonymous_id
    group by browsers.user_id

),

people as (

    select user_id from days
    union distinct
    select user_id from guests

)

select
    people.user_id,
    days.first_seen_at,
    days.last_seen_at,
    days.first_active_on,
    days.last_active_on,
    coalesce(days.active_days_lifetime, 0) as active_days_lifetime,
    ranked_features.feature_key as first_feature_key,
    coalesce(ranked_features.features_used_lifetime, 0) as features_used_lifetime,
    guests.first_guest_view_at,
    coalesce(guests.guest_views, 0) as guest_views
from people
left join days on people.user_id = days.user_id
left join ranked_features
    on people.user_id = ranked_features.user_id and ranked_features.rank_first = 1
left join guests on people.user_id = guests.user_id
