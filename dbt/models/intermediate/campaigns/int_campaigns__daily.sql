{{ config(indexes=[{'columns': ['campaign_id', 'date'], 'unique': true}]) }}

-- Everything counted of a campaign on a day. Ads have a row for each day of their
-- flight, pseudo-campaigns for every day, and all a row for each day on which something
-- came of them, if long after the end. Figures of the platforms are of the ad account's
-- date, all else of the UTC day.
with

campaigns as (

    select * from {{ ref('int_campaigns__campaigns') }}

),

days as (

    select * from {{ ref('int_calendar__days') }}

),

ads as (

    select * from {{ ref('int_campaigns__ads_daily') }}
    where date <= {{ as_of_date() }}

),

emails as (

    select * from {{ ref('int_campaigns__email_daily') }}
    where date <= {{ as_of_date() }}

),

sessions as (

    select * from {{ ref('int_touches__sessions_daily') }}
    where date <= {{ as_of_date() }}

),

leads as (

    select * from {{ ref('int_campaigns__leads') }}

),

deals as (

    select * from {{ ref('int_deals__deals') }}
    where deal_type = 'newbusiness'

),

goals as (

    select * from {{ ref('int_touches__goals') }}
    where goal = 'sign_up' and goal_on <= {{ as_of_date() }}

),

attributes as (

    select * from {{ ref('int_accounts__attributes') }}

),

credits as (

    select * from {{ ref('int_attribution__credits') }}

),

versions as (

    select * from {{ ref('int_campaigns__versions') }}
    where superseded_at = {{ far_future() }}

),

fx as (

    select * from {{ ref('int_finance__fx_daily') }}

),

stage_events as (

    select
        campaign_id,
        {{ first_day_shown('lead_at') }} as date,
        'lead' as stage
    from leads
    where lead_at is not null
    union all
    select
        campaign_id,
        {{ first_day_shown('mql_at') }} as date,
        'mql' as stage
    from leads
    where mql_at is not null
    union all
    select
        campaign_id,
        {{ first_day_shown('sql_at') }} as date,
        'sql' as stage
    from leads
    where sql_at is not null

),

stages as (

    select
        campaign_id,
        date,
        (count(*) filter (where stage = 'lead'))::integer as leads,
        (count(*) filter (where stage = 'mql'))::integer as mqls,
        (count(*) filter (where stage = 'sql'))::integer as sqls
    from stage_events
    where date <= {{ as_of_date() }}
    group by campaign_id, date

),

sign_ups as (

    select
        goals.campaign_id,
        goals.goal_on as date,
        count(*)::integer as sign_ups,
        (count(*) filter (where attributes.trial_started_at is not null))::integer
            as trials
    from goals
    inner join attributes on goals.account_id = attributes.account_id
    group by goals.campaign_id, goals.goal_on

),

deal_events as (

    select
        campaign_id,
        {{ first_day_shown('opened_at') }} as date,
        'opened' as what,
        null::numeric as amount_usd,
        null::numeric as days_to_close
    from deals
    union all
    select
        campaign_id,
        {{ first_day_shown('closed_at') }} as date,
        deal_status as what,
        amount_usd,
        days_to_close
    from deals
    where closed_at is not null

),

deals_by_day as (

    select
        campaign_id,
        date,
        (count(*) filter (where what = 'opened'))::integer as deals_opened,
        (count(*) filter (where what = 'won'))::integer as deals_won,
        (count(*) filter (where what = 'lost'))::integer as deals_lost,
        coalesce(sum(amount_usd) filter (where what = 'won'), 0) as deals_won_usd,
        sum(days_to_close) filter (where what = 'won') as deals_won_days
    from deal_events
    where date <= {{ as_of_date() }}
    group by campaign_id, date

),

credits_by_day as (

    select
        campaign_id,
        first_paid_on as date,
        {%- for model in attribution_models() %}
        sum(customers_{{ model }}) as customers_{{ model }},
        sum(mrr_{{ model }}_usd) as mrr_{{ model }}_usd
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from credits
    group by campaign_id, first_paid_on

),

flights as (

    select
        campaigns.campaign_id,
        days.date
    from campaigns
    inner join days
        on
            campaigns.started_on <= days.date
            and coalesce(campaigns.ended_on, '9999-12-31'::date) >= days.date
    where campaigns.platform <> 'hubspot'

),

cells as (

    select
        campaign_id,
        date
    from flights
    {%- for part in [
        'ads', 'emails', 'sessions', 'stages', 'sign_ups', 'deals_by_day',
        'credits_by_day'
    ] %}
    union distinct
    select
        campaign_id,
        date
    from {{ part }}
    {%- endfor %}

),

-- a date the platform has told of; a campaign not in it has spent nothing
reported as (

    select distinct
        campaigns.platform,
        ads.date
    from ads
    inner join campaigns on ads.campaign_id = campaigns.campaign_id

),

described as (

    select
        cells.campaign_id,
        cells.date,
        campaigns.platform in ('google_ads', 'facebook_ads', 'linkedin_ads')
        and not campaigns.is_pseudo as is_ads,
        reported.date is not null as is_reported,
        cells.date >= campaigns.started_on
        and cells.date <= coalesce(campaigns.ended_on, cells.date) as is_in_flight,
        campaigns.currency,
        coalesce(versions.campaign_status, 'active') as campaign_status,
        versions.excluded_regions,
        versions.daily_budget_local,
        fx.rate_to_usd
    from cells
    inner join campaigns on cells.campaign_id = campaigns.campaign_id
    left join reported
        on campaigns.platform = reported.platform and cells.date = reported.date
    left join versions
        on
            cells.campaign_id = versions.campaign_id
            and {{ day_end('cells.date') }} >= versions.valid_from
            and {{ day_end('cells.date') }} < versions.valid_to
    left join fx on cells.date = fx.date and campaigns.currency = fx.currency

)

select
    -- ids
    described.campaign_id,
    described.date,

    -- state at the day's end
    described.campaign_status,
    described.excluded_regions,
    described.is_in_flight,

    -- the platform's figures
    case
        when not described.is_ads then 0
        when described.is_reported then coalesce(ads.spend_usd, 0)
    end as spend_usd,
    case
        when described.is_ads and described.is_reported
            then coalesce(ads.spend_local, 0)
    end as spend_local,
    ads.spend_first_reported_usd,
    coalesce(ads.is_restated, false) as is_restated,
    case
        when described.is_in_flight and described.campaign_status <> 'ended'
            then round(described.daily_budget_local * described.rate_to_usd, 6)
    end as budget_usd,
    coalesce(ads.impressions, 0) as impressions,
    coalesce(ads.clicks, 0) as clicks,
    coalesce(ads.platform_conversions, 0) as platform_conversions,

    -- our own
    coalesce(sessions.sessions, 0) as sessions,
    coalesce(sessions.engaged_sessions, 0) as engaged_sessions,
    coalesce(sessions.new_visitors, 0) as new_visitors,
    coalesce(sessions.mobile_sessions, 0) as mobile_sessions,
    coalesce(stages.leads, 0) as leads,
    coalesce(stages.mqls, 0) as mqls,
    coalesce(stages.sqls, 0) as sqls,
    coalesce(sign_ups.sign_ups, 0) as sign_ups,
    coalesce(sign_ups.trials, 0) as trials,
    coalesce(deals_by_day.deals_opened, 0) as deals_opened,
    coalesce(deals_by_day.deals_won, 0) as deals_won,
    coalesce(deals_by_day.deals_lost, 0) as deals_lost,
    coalesce(deals_by_day.deals_won_usd, 0) as deals_won_usd,
    deals_by_day.deals_won_days,
    {%- for model in attribution_models() %}
    coalesce(credits_by_day.customers_{{ model }}, 0) as customers_{{ model }},
    coalesce(credits_by_day.mrr_{{ model }}_usd, 0) as mrr_{{ model }}_usd,
    {%- endfor %}

    -- e-mails sent on the day
    coalesce(emails.email_sends, 0) as email_sends,
    coalesce(emails.email_deliveries, 0) as email_deliveries,
    coalesce(emails.email_opens, 0) as email_opens,
    coalesce(emails.email_clicks, 0) as email_clicks,
    coalesce(emails.unsubscribes, 0) as unsubscribes
from described
left join ads
    on
        described.campaign_id = ads.campaign_id
        and described.date = ads.date
left join emails
    on
        described.campaign_id = emails.campaign_id
        and described.date = emails.date
left join sessions
    on
        described.campaign_id = sessions.campaign_id
        and described.date = sessions.date
left join stages
    on
        described.campaign_id = stages.campaign_id
        and described.date = stages.date
left join sign_ups
    on
        described.campaign_id = sign_ups.campaign_id
        and described.date = sign_ups.date
left join deals_by_day
    on
        described.campaign_id = deals_by_day.campaign_id
        and described.date = deals_by_day.date
left join credits_by_day
    on
        described.campaign_id = credits_by_day.campaign_id
        and described.date = credits_by_day.date
