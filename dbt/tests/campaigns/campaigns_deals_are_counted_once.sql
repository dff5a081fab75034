-- Every deal of a first purchase stands with one campaign, on the day it was opened and
-- on the day it was closed: the days sum to the deals, and so do the campaigns.
with

daily as (

    select
        sum(deals_opened) as opened,
        sum(deals_won) as won,
        sum(deals_lost) as lost,
        sum(deals_won_days) as won_days,
        sum(deals_won_usd) as won_usd
    from {{ ref('entity_campaigns_daily') }}

),

campaigns as (

    select
        sum(deals_open + deals_won + deals_lost) as opened,
        sum(deals_won) as won,
        sum(deals_won_usd) as won_usd,
        count(*) filter (where deals_open = 0 and deals_open_usd > 0) as odd
    from {{ ref('entity_campaigns') }}

),

deals as (

    select
        count(*) filter (
            where {{ first_day_shown('opened_at') }} <= {{ as_of_date() }}
        ) as opened,
        count(*) filter (
            where
            deal_status = 'won'
            and {{ first_day_shown('closed_at') }} <= {{ as_of_date() }}
        ) as won,
        count(*) filter (
            where
            deal_status = 'lost'
            and {{ first_day_shown('closed_at') }} <= {{ as_of_date() }}
        ) as lost,
        sum(days_to_close) filter (
            where
            deal_status = 'won'
            and {{ first_day_shown('closed_at') }} <= {{ as_of_date() }}
        ) as won_days
    from {{ ref('int_deals__deals') }}
    where deal_type = 'newbusiness'

)

select
    daily.opened,
    daily.won,
    daily.lost,
    deals.opened as deals_opened,
    deals.won as deals_won,
    deals.lost as deals_lost
from daily
cross join campaigns
cross join deals
where
    daily.opened <> deals.opened
    or daily.won <> deals.won
    or daily.lost <> deals.lost
    or daily.won_days is distinct from deals.won_days
    or campaigns.opened <> deals.opened
    or campaigns.won <> deals.won
    or campaigns.won_usd <> daily.won_usd
    or campaigns.odd > 0
