{{ config(indexes=[{'columns': ['goal_id']}, {'columns': ['account_id']}]) }}

-- The touches that led to a goal: a form fill, a sign-up or a first payment. Touches of
-- the 90 days before it, up to the goal itself. Direct visits count only where there is
-- nothing else; who has no touch at all came directly.
with

contacts as (

    select * from {{ ref('int_touches__contacts') }}
    where lead_at is not null

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

touches as (

    select * from {{ ref('int_touches__touches') }}

),

-- the day an account's first MRR shows: who pauses on the day of the first payment is
-- no customer until the pause ends
first_days as (

    select
        account_id,
        min(first_paid_on) as first_paid_on
    from {{ ref('int_subscriptions__lifecycle') }}
    where first_paid_on is not null
    group by account_id

),

goals as (

    select
        'lead-' || contact_id as goal_id,
        'lead' as goal,
        person_id,
        account_id,
        contact_id,
        lead_at as goal_at,
        {{ first_day_shown('lead_at') }} as goal_on
    from contacts
    union all
    select
        'sign_up-' || account_id as goal_id,
        'sign_up' as goal,
        account_id as person_id,
        account_id,
        null::bigint as contact_id,
        signup_at as goal_at,
        {{ first_day_shown('signup_at') }} as goal_on
    from attributes
    union all
    select
        'customer-' || attributes.account_id as goal_id,
        'customer' as goal,
        attributes.account_id as person_id,
        attributes.account_id,
        null::bigint as contact_id,
        attributes.first_paid_at as goal_at,
        first_days.first_paid_on as goal_on
    from attributes
    inner join first_days on attributes.account_id = first_days.account_id
    where attributes.first_paid_at is not null

),

candidates as (

    select
        goals.*,
        touches.touch_id,
        touches.touched_at,
        touches.channel,
        touches.campaign_id,
        touches.country_code,
        touches.region,
        touches.touch_source,
        bool_or(coalesce(touches.channel <> 'direct', false)) over (
            partition by goals.goal_id
        ) as has_other_than_direct
    from goals
    left join touches
        on
            goals.person_id = touches.person_id
            and touches.touched_at <= goals.goal_at
            and touches.touched_at > goals.goal_at - interval '90 days'

),

counted as (

    select
        candidates.*,
        row_number() over (
            partition by goal_id order by touched_at, touch_id
        ) as touch_no,
        count(*) over (partition by goal_id) as touch_count
    from candidates
    where channel <> 'direct' or not has_other_than_direct

)

select
    -- ids
    goal_id,
    account_id,
    contact_id,
    person_id,
    coalesce(touch_id, 'none-' || goal_id) as touch_id,
    coalesce(campaign_id, 'none-direct') as campaign_id,

    -- text
    goal,
    coalesce(channel, 'direct') as channel,
    coalesce(touch_source, 'none') as touch_source,
    country_code,
    region,

    -- numbers
    touch_no::integer as touch_no,
    touch_count::integer as touch_count,

    -- timestamps
    coalesce(touched_at, goal_at) as touched_at,
    goal_at,
    goal_on
from counted
