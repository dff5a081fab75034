{{ config(materialized='table') }}

-- What the geo holdouts say a channel adds, beside what the models credit it with, both
-- as spreads of which a box plot draws box and whiskers. Treated markets during the
-- test against the half year before, and both against all other markets, which had the
-- same season: one less the ratio of the ratios is the share of form fills and sign-ups
-- that the ads account for. Half a count is added to each of the four counts.
with

weeks as (

    select * from {{ ref('marketing_holdouts_weekly') }}

),

attribution as (

    select * from {{ ref('marketing_attribution') }}

),

switched_off as (

    select
        'social' as channel,
        week,
        country,
        region
    from weeks
    where is_social_off
    union all
    select
        'brand_search' as channel,
        week,
        country,
        region
    from weeks
    where is_brand_search_off

),

tests as (

    select
        channel,
        min(week) as started_on,
        max(week) as last_week
    from switched_off
    group by channel

),

treated as (

    select distinct
        channel,
        country,
        region
    from switched_off

),

counted as (

    select
        tests.channel,
        tests.started_on,
        tests.last_week + 6 as ended_on,
        sum(weeks.leads + weeks.sign_ups) filter (
            where treated.channel is not null and weeks.week >= tests.started_on
        ) as treated_during,
        sum(weeks.leads + weeks.sign_ups) filter (
            where treated.channel is not null and weeks.week < tests.started_on
        ) as treated_before,
        sum(weeks.leads + weeks.sign_ups) filter (
            where treated.channel is null and weeks.week >= tests.started_on
        ) as others_during,
        sum(weeks.leads + weeks.sign_ups) filter (
            where treated.channel is null and weeks.week < tests.started_on
        ) as others_before
    from tests
    inner join weeks
        on
            weeks.week >= tests.started_on - 26 * 7
            and weeks.week <= tests.last_week
    left join treated
        on
            tests.channel = treated.channel
            and weeks.country = treated.country
            and weeks.region = treated.region
    group by tests.channel, tests.started_on, tests.last_week

),

estimates as (

    select
        counted.*,
        ln(
            (coalesce(treated_during, 0) + 0.5) / (coalesce(treated_before, 0) + 0.5)
            / (coalesce(others_during, 0) + 0.5) * (coalesce(others_before, 0) + 0.5)
        ) as log_ratio,
        sqrt(
            1 / (coalesce(treated_during, 0) + 0.5)
            + 1 / (coalesce(treated_before, 0) + 0.5)
            + 1 / (coalesce(others_during, 0) + 0.5)
            + 1 / (coalesce(others_before, 0) + 0.5)
        ) as log_error
    from counted

),

-- quantiles of a normal distribution: of 5 values a box plot draws each as it is
normal_quantiles as (

    select *
    from
        (
            values
            (0.025, 1.96), (0.25, 0.6745), (0.5, 0), (0.75, -0.6745), (0.975, -1.96)
        ) as quantiles (quantile, z)

)

select
    estimates.channel,
    'holdout' as judged_by,
    normal_quantiles.quantile,
    round(
        1 - exp(estimates.log_ratio + normal_quantiles.z * estimates.log_error), 6
    ) as conversions_share,
    estimates.started_on,
    estimates.ended_on
from estimates
cross join normal_quantiles
union all
select
    tests.channel,
    'models' as judged_by,
    normal_quantiles.quantile,
    round(
        (
            percentile_cont(
                case normal_quantiles.quantile
                    when 0.025 then 0 when 0.975 then 1 else normal_quantiles.quantile
                end
            ) within group (order by attribution.new_customers_share)
        )::numeric,
        6
    ) as conversions_share,
    tests.started_on,
    tests.last_week + 6 as ended_on
from tests
inner join attribution on tests.channel = attribution.channel
cross join normal_quantiles
group by
    tests.channel, normal_quantiles.quantile, tests.started_on, tests.last_week
