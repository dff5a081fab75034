{{ config(tags=['daily'], indexes=[{'columns': ['account_id'], 'unique': true}]) }}

-- What an account's deals come to. The first purchase is one deal or none: most
-- customers buy by themselves.
with

deals as (

    select * from {{ ref('int_deals__deals') }}
    where account_id is not null

)

select
    account_id,
    (count(*) filter (where deal_status = 'open'))::integer as open_deals,
    coalesce(sum(amount_usd) filter (where deal_status = 'open'), 0)
        as open_deal_amount_usd,
    (count(*) filter (where deal_status = 'won' and deal_type = 'existingbusiness'))
    ::integer as existing_deals_won,
    (count(*) filter (where deal_status = 'lost' and deal_type = 'existingbusiness'))
    ::integer as existing_deals_lost,
    min(days_to_close) filter (where deal_status = 'won' and deal_type = 'newbusiness')
        as sales_cycle_days
from deals
group by account_id
