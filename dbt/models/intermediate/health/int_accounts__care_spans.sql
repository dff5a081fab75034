{{ config(
    tags=['daily'],
    materialized='incremental',
    incremental_strategy='by_key',
    unique_key='account_id',
    changes_from='int_accounts__news',
    indexes=[{'columns': ['account_id']}]
) }}

-- An account's status, plan and term and how it stands with support, billing and us, as
-- spans of days (first_day to last_day) in which none of it changes. What changes
-- seldom is cut here before it is spread over days, so that it is read once a span and
-- not once a day. The three tables of spans cover all days of an account they have.
with

attributes as (

    select * from {{ ref('int_accounts__attributes') }}
    where {{ only_changed('int_accounts__news', 'account_id') }}

),

versions as (

    select * from {{ ref('int_accounts__versions') }}
    where
        superseded_at = {{ far_future() }}
        and {{ only_changed('int_accounts__news', 'account_id') }}

),

support as (

    select * from {{ ref('int_accounts__support_spans') }}
    where {{ only_changed('int_accounts__news', 'account_id') }}

),

billing as (

    select * from {{ ref('int_accounts__billing_spans') }}
    where {{ only_changed('int_accounts__news', 'account_id') }}

),

relationships as (

    select * from {{ ref('int_accounts__relationship_spans') }}
    where {{ only_changed('int_accounts__news', 'account_id') }}

),

-- a term begins where the logo comes to life or the billing interval changes: renewals
-- are counted from there
versions_compared as (

    select
        versions.*,
        coalesce(
            customer_status in ('active', 'past_due', 'paused')
            and lag(customer_status) over (partition by account_id order by valid_from)
            in ('active', 'past_due', 'paused')
            and lag(billing_interval) over (partition by account_id order by valid_from)
            = billing_interval,
            false
        ) as is_same_term
    from versions

),

terms as (

    select
        versions_compared.*,
        max(case when not is_same_term then valid_from end) over (
            partition by account_id order by valid_from
        ) as term_started_at
    from versions_compared

),

account_versions as (

    select
        attributes.account_id,
        terms.customer_status,
        coalesce(terms.plan_tier, 'starter') as plan_tier,
        terms.billing_interval,
        {{ utc_date('terms.term_started_at') }} as term_started_on,
        case terms.billing_interval
            when 'month' then 1 when 'quarter' then 3 else 12
        end as term_months,
        greatest(
            attributes.rows_from, {{ first_day_shown('terms.valid_from') }}
        ) as first_day,
        least(
            coalesce(attributes.rows_to, '9999-12-31'::date),
            {{ first_day_shown('terms.valid_to') }} - 1
        ) as last_day
    from attributes
    inner join terms on attributes.account_id = terms.account_id

),

cut_by_support as (

    select
        account_versions.account_id,
        account_versions.customer_status,
        account_versions.plan_tier,
        account_versions.billing_interval,
        account_versions.term_started_on,
        account_versions.term_months,
        support.open_tickets,
        support.tickets_30d,
        support.p1_tickets_90d,
        support.ratings_90d,
        support.good_ratings_90d,
        greatest(account_versions.first_day, support.valid_from) as first_day,
        least(account_versions.last_day, support.valid_to - 1) as last_day
    from account_versions
    left join support
        on
            account_versions.account_id = support.account_id
            and account_versions.last_day >= support.valid_from
            and account_versions.first_day < support.valid_to

),

cut_by_billing as (

    select
        cut_by_support.account_id,
        cut_by_support.customer_status,
        cut_by_support.plan_tier,
        cut_by_support.billing_interval,
        cut_by_support.term_started_on,
        cut_by_support.term_months,
        cut_by_support.open_tickets,
        cut_by_support.tickets_30d,
        cut_by_support.p1_tickets_90d,
        cut_by_support.ratings_90d,
        cut_by_support.good_ratings_90d,
        billing.failed_payments_90d,
        billing.overdue_subscriptions,
        billing.ending_subscriptions,
        greatest(cut_by_support.first_day, billing.valid_from) as first_day,
        least(cut_by_support.last_day, billing.valid_to - 1) as last_day
    from cut_by_support
    left join billing
        on
            cut_by_support.account_id = billing.account_id
            and cut_by_support.last_day >= billing.valid_from
            and cut_by_support.first_day < billing.valid_to

)

select
    cut_by_billing.account_id,
    cut_by_billing.customer_status,
    cut_by_billing.plan_tier,
    cut_by_billing.billing_interval,
    cut_by_billing.term_started_on,
    cut_by_billing.term_months,
    cut_by_billing.open_tickets,
    cut_by_billing.tickets_30d,
    cut_by_billing.p1_tickets_90d,
    cut_by_billing.ratings_90d,
    cut_by_billing.good_ratings_90d,
    cut_by_billing.failed_payments_90d,
    cut_by_billing.overdue_subscriptions,
    cut_by_billing.ending_subscriptions,
    relationships.touches_90d,
    relationships.nps_answers_180d,
    relationships.nps_sum_180d,
    relationships.active_owners,
    greatest(cut_by_billing.first_day, relationships.valid_from) as first_day,
    least(cut_by_billing.last_day, relationships.valid_to - 1) as last_day
from cut_by_billing
left join relationships
    on
        cut_by_billing.account_id = relationships.account_id
        and cut_by_billing.last_day >= relationships.valid_from
        and cut_by_billing.first_day < relationships.valid_to
-- versions that no day's end saw leave nothing
where
    greatest(cut_by_billing.first_day, relationships.valid_from)
    <= least(cut_by_billing.last_day, relationships.valid_to - 1)
