-- Finance books what the platforms bill: a closed month's advertising by vendor equals
-- the platform's spend of the month to the cent.
with

sheet as (

    select
        month,
        lower(trim(vendor)) as vendor,
        sum(amount) as amount
    from {{ ref('stg_finance__sm_expense') }}
    where category = 'ads'
    group by 1, 2

),

spend as (

    select
        date_trunc('month', date)::date as month,
        case platform
            when 'google_ads' then 'google ads'
            when 'facebook_ads' then 'meta'
            when 'linkedin_ads' then 'linkedin'
        end as vendor,
        sum(spend_usd) as spend_usd
    from {{ ref('entity_campaigns_daily') }}
    group by 1, 2

)

select
    sheet.month,
    sheet.vendor,
    sheet.amount,
    spend.spend_usd
from sheet
left join spend on sheet.month = spend.month and sheet.vendor = spend.vendor
where
    -- a duplicate line of the spreadsheet is finance's, not the platform's
    abs(sheet.amount - coalesce(spend.spend_usd, 0)) >= 0.01
