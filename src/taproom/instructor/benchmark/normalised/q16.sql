with

-- finance's sheet, in dollars at the rate of the month's end
sheet as (

    select
        month,
        currency,
        sum(amount) as amount
    from staging.stg_finance__sm_expense
    group by month, currency

),

expenses as (

    select
        sheet.month,
        round(sum(sheet.amount * fx.rate_to_usd), 2) as sm_expense_usd
    from sheet
    inner join fx
        on
            sheet.currency = fx.currency
            and least(
                (sheet.month + interval '1 month - 1 day')::date, as_of_date()
            ) = fx.date
    group by sheet.month

),

quarters as (

    select
        date_trunc('quarter', month)::date as quarter,
        sum(sm_expense_usd) as sm_expense_usd
    from expenses
    group by date_trunc('quarter', month)

),

won as (

    select
        goals.account_id,
        goals.channel,
        date_trunc('quarter', goals.goal_on)::date as quarter
    from goals
    inner join expenses
        on date_trunc('month', goals.goal_on)::date = expenses.month
    where goals.goal = 'customer'

),

spend as (

    select
        date_trunc('quarter', ads_daily.date)::date as quarter,
        campaigns.channel,
        sum(ads_daily.spend_usd) as spend_usd
    from ads_daily
    inner join campaigns on ads_daily.campaign_id = campaigns.campaign_id
    inner join expenses
        on date_trunc('month', ads_daily.date)::date = expenses.month
    group by date_trunc('quarter', ads_daily.date), campaigns.channel

),

by_channel as (

    select
        won.quarter,
        won.channel,
        count(*) as customers,
        coalesce(max(spend.spend_usd), 0) as spend_usd
    from won
    left join spend on won.quarter = spend.quarter and won.channel = spend.channel
    group by won.quarter, won.channel

),

by_quarter as (

    select
        quarter,
        sum(customers) as customers,
        sum(spend_usd) as spend_usd
    from by_channel
    group by quarter

),

costs as (

    select
        won.account_id,
        won.channel,
        round(
            by_channel.spend_usd / by_channel.customers
            + (quarters.sm_expense_usd - by_quarter.spend_usd) / by_quarter.customers,
            6
        ) as cac_usd
    from won
    inner join by_channel
        on won.quarter = by_channel.quarter and won.channel = by_channel.channel
    inner join by_quarter on won.quarter = by_quarter.quarter
    inner join quarters on won.quarter = quarters.quarter

),

-- venues of an account at the ends of months, which make its segment
venue_versions as (

    select
        customers.account_id,
        versions.location_id,
        versions.location_status <> 'closed' and not versions.is_deleted as is_counted,
        case
            when row_number() over in_order = 1
                then least(versions.created_at, versions.updated_at)
            else versions.updated_at
        end as valid_from,
        coalesce(
            lead(versions.updated_at) over in_order,
            '9999-12-31 00:00:00+00'::timestamptz
        ) as valid_to
    from staging.stg_app__locations_versions as versions
    inner join customers on versions.account_id = customers.raw_account_id
    window
        in_order as (
            partition by versions.location_id
            order by versions.updated_at, versions._arrived_at
        )

),

months as (

    select
        month,
        count(*) as logos
    from month_end_mrr
    group by month

),

segments as (

    select
        months.month,
        venue_versions.account_id,
        case
            when count(*) >= 10 then 'chain'
            when count(*) >= 2 then 'group'
            else 'solo'
        end as segment
    from months
    inner join venue_versions
        on
            venue_versions.valid_from
            <= least((months.month + interval '1 month')::date, as_of_date() + 1)
            and venue_versions.valid_to
            > least((months.month + interval '1 month')::date, as_of_date() + 1)
    where venue_versions.is_counted
    group by months.month, venue_versions.account_id

),

-- of the logos at each of twelve months' starts those that were gone at its end
churn as (

    select
        coalesce(segments.segment, 'solo') as segment,
        count(*) as customer_months,
        count(*) filter (where ends.account_id is null) as churn_events
    from month_end_mrr as starts
    left join segments
        on starts.account_id = segments.account_id and starts.month = segments.month
    left join month_end_mrr as ends
        on
            starts.account_id = ends.account_id
            and ends.month = (starts.month + interval '1 month')::date
    where
        (starts.month + interval '2 months - 1 day')::date <= as_of_date()
        and (starts.month + interval '2 months - 1 day')::date
        > (as_of_date() - interval '1 year')::date
    group by coalesce(segments.segment, 'solo')

),

margins as (

    select margin
    from staging.stg_finance__gross_margin
    where month <= as_of_date()
    order by month desc
    limit 1

),

living as (

    select
        account_id,
        sum(mrr_usd) as mrr_usd
    from mrr_today
    group by account_id
    having bool_or(is_alive)

),

lifetime_values as (

    select
        living.account_id,
        round(
            living.mrr_usd * margins.margin
            * case
                when churn.churn_events >= 30
                    then least(60.0, 1.0 * churn.customer_months / churn.churn_events)
            end,
            2
        ) as ltv_usd
    from living
    cross join margins
    left join segments
        on
            living.account_id = segments.account_id
            and segments.month = date_trunc('month', as_of_date())
    inner join churn on coalesce(segments.segment, 'solo') = churn.segment

)

select
    costs.channel as acquisition_channel,
    count(*) as customers,
    round(avg(costs.cac_usd), 2) as cac_usd,
    round(
        sum(lifetime_values.ltv_usd)
        / nullif(
            sum(costs.cac_usd) filter (where lifetime_values.ltv_usd is not null), 0
        ),
        2
    ) as ltv_to_cac
from costs
left join lifetime_values on costs.account_id = lifetime_values.account_id
group by costs.channel
order by customers desc, acquisition_channel asc
