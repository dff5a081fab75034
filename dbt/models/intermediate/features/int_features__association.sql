{{ config(tags=['daily']) }}

-- How accounts that use a feature fared beside accounts that could and did not, and how
-- active users of it are beside other people: associations. Eager people take to
-- features and are active anyway, and active accounts stay anyway, so none of this is
-- what the feature does. The adjusted difference compares accounts of like activity
-- only (thirds by active days before the period), which takes away part of the
-- difference.
with

features as (

    select * from {{ ref('int_features__attributes') }}

),

feature_spans as (

    select * from {{ ref('int_features__spans') }}

),

plan_spans as (

    select * from {{ ref('int_accounts__plan_spans') }}

),

versions as (

    select
        int_accounts__versions.*,
        {{ first_day_shown('valid_from') }} as first_day,
        {{ first_day_shown('valid_to') }} as end_day
    from {{ ref('int_accounts__versions') }} as int_accounts__versions
    where superseded_at = {{ far_future() }}

),

uses as (

    select * from {{ ref('int_features__uses_daily') }}
    where uses > 0

),

eligible_spans as (

    select * from {{ ref('int_features__eligible_spans') }}

),

used_then as (

    select distinct
        account_id,
        feature_id
    from {{ ref('int_features__use_spans') }}
    where
        user_id is null
        and kind = 'used_30d'
        and valid_from <= {{ as_of_date_once() }} - 90
        and valid_to > {{ as_of_date_once() }} - 90

),

-- accounts: customers 90 days ago
customers_then as (

    select account_id
    from versions
    where
        customer_status in ('active', 'past_due', 'paused')
        and first_day <= {{ as_of_date_once() }} - 90
        and end_day > {{ as_of_date_once() }} - 90

),

churned as (

    select distinct account_id
    from versions
    where
        customer_status = 'churned'
        and first_day > {{ as_of_date_once() }} - 90
        and first_day <= {{ as_of_date_once() }}

),

activity_then as (

    select
        account_id,
        count(distinct user_id || date::text) as active_days
    from uses
    where
        date > {{ as_of_date_once() }} - 120
        and date <= {{ as_of_date_once() }} - 90
    group by account_id

),

accounts_then as (

    select
        customers_then.account_id,
        churned.account_id is not null as is_churned,
        ntile(3) over (
            order by coalesce(activity_then.active_days, 0), customers_then.account_id
        ) as activity_third
    from customers_then
    left join churned on customers_then.account_id = churned.account_id
    left join activity_then on customers_then.account_id = activity_then.account_id

),

compared_accounts as (

    select
        features.feature_id,
        accounts_then.account_id,
        accounts_then.activity_third,
        accounts_then.is_churned,
        used_then.account_id is not null as is_user
    from accounts_then
    inner join plan_spans
        on
            accounts_then.account_id = plan_spans.account_id
            and plan_spans.valid_from <= {{ as_of_date_once() }} - 90
            and plan_spans.valid_to > {{ as_of_date_once() }} - 90
    inner join feature_spans
        on
            plan_spans.plan_rank >= feature_spans.min_plan_rank
            and feature_spans.valid_from <= {{ as_of_date_once() }} - 90
            and feature_spans.valid_to > {{ as_of_date_once() }} - 90
    inner join features
        on
            feature_spans.feature_id = features.feature_id
            and features.released_on <= {{ as_of_date_once() }} - 90
    left join used_then
        on
            accounts_then.account_id = used_then.account_id
            and features.feature_id = used_then.feature_id

),

by_third as (

    select
        feature_id,
        activity_third,
        count(*) filter (where is_user) as users,
        count(*) filter (where not is_user) as others,
        count(*) filter (where is_user and is_churned) as users_churned,
        count(*) filter (where not is_user and is_churned) as others_churned
    from compared_accounts
    group by feature_id, activity_third

),

account_rates as (

    select
        feature_id,
        sum(users) as user_accounts,
        sum(others) as nonuser_accounts,
        sum(users_churned) / nullif(sum(users), 0) as user_churn_rate,
        sum(others_churned) / nullif(sum(others), 0) as nonuser_churn_rate,
        -- each third weighs what it holds; thirds without both sides compare nothing
        sum(
            (users + others) * 1.0 * users_churned / nullif(users, 0)
            - (users + others) * 1.0 * others_churned / nullif(others, 0)
        ) / nullif(sum(case when users > 0 and others > 0 then users + others end), 0)
            as adjusted_difference
    from by_third
    group by feature_id

),

-- people: who could be active through the last 28 days
people as (

    select
        user_id,
        plan_rank
    from eligible_spans
    where
        valid_from < {{ as_of_date_once() }} - 27
        and valid_to > {{ as_of_date_once() }} - 28

),

still_here as (

    select user_id
    from eligible_spans
    where valid_from <= {{ as_of_date_once() }} and valid_to > {{ as_of_date_once() }}

),

activity_now as (

    select
        user_id,
        count(distinct date) as active_days
    from uses
    where date > {{ as_of_date_once() }} - 28 and date <= {{ as_of_date_once() }}
    group by user_id

),

used_before as (

    select distinct
        user_id,
        feature_id
    from uses
    where
        date > {{ as_of_date_once() }} - 56
        and date <= {{ as_of_date_once() }} - 28

),

user_activity as (

    select
        features.feature_id,
        avg(coalesce(activity_now.active_days, 0)) filter (
            where used_before.user_id is not null
        ) as user_active_days,
        avg(coalesce(activity_now.active_days, 0)) filter (
            where used_before.user_id is null
        ) as nonuser_active_days
    from people
    inner join still_here on people.user_id = still_here.user_id
    inner join features
        on
            people.plan_rank >= features.min_plan_rank
            and features.released_on <= {{ as_of_date_once() }} - 28
    left join used_before
        on
            people.user_id = used_before.user_id
            and features.feature_id = used_before.feature_id
    left join activity_now on people.user_id = activity_now.user_id
    group by features.feature_id

)

select
    features.feature_id,
    coalesce(account_rates.user_accounts, 0)::int as user_accounts_90d_ago,
    coalesce(account_rates.nonuser_accounts, 0)::int as nonuser_accounts_90d_ago,
    round(account_rates.user_churn_rate, 6) as user_account_churn_rate_90d,
    round(account_rates.nonuser_churn_rate, 6) as nonuser_account_churn_rate_90d,
    round(account_rates.user_churn_rate - account_rates.nonuser_churn_rate, 6)
        as churn_rate_difference_90d,
    round(account_rates.adjusted_difference, 6) as churn_rate_difference_adjusted_90d,
    round(user_activity.user_active_days, 6) as user_active_days_28d,
    round(user_activity.nonuser_active_days, 6) as nonuser_active_days_28d,
    round(
        user_activity.user_active_days / nullif(user_activity.nonuser_active_days, 0), 6
    ) as activity_ratio_28d
from features
left join account_rates on features.feature_id = account_rates.feature_id
left join user_activity on features.feature_id = user_activity.feature_id
