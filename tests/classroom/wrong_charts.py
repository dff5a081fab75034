"""Every misconception of the labs as a chart of a learner would have it: SQL on the entities.

`RIGHT` holds right answers to the same questions, among them such as a chart lays out otherwise:
under other names, a category along the columns, with more columns than were asked for.
"""

WRONG: dict[tuple[str, str], str] = {}
RIGHT: dict[str, list[str]] = {}

IN_2025 = "date between '2025-01-01' and '2025-12-31'"
MONTH = "date_trunc('month', date)::date"
MONTH_END = "extract(day from date + 1) = 1"

# --- 17-01 ------------------------------------------------------------------------------------
BY_PLAN = """
    select date_trunc('month', day.date) as "When", {plan} as "Plan", {value} as "MRR in USD"
    from entities.entity_subscriptions_daily as day {more}
    where day.date between '2025-01-01' and '2025-12-31' and {where}
    group by 1, 2 having sum(day.mrr_usd) > 0
"""
NOW = "inner join entities.entity_subscriptions as now using (subscription_id)"
ENDS = "extract(day from day.date + 1) = 1"
DAYS = "extract(day from date_trunc('month', min(day.date)) + interval '1 month - 1 day')"
for name, plan, value, more, where in (
    (None, "day.plan_tier", "sum(day.mrr_usd)", "", ENDS),
    ("days_added", "day.plan_tier", "sum(day.mrr_usd)", "", "true"),
    ("month_average", "day.plan_tier", f"sum(day.mrr_usd) / {DAYS}", "", "true"),
    ("todays_plan", "now.plan_tier", "sum(day.mrr_usd)", NOW, ENDS),
    ("constant_rates", "day.plan_tier", "sum(day.mrr_constant_fx_usd)", "", ENDS),
):
    text = BY_PLAN.format(plan=plan, value=value, more=more, where=where)
    if name:
        WRONG["17-01", name] = text
    else:
        RIGHT["17-01"] = [text]
PLANS = ("starter", "growth", "pro", "enterprise")
RIGHT["17-01"].append(
    "select date as month, "
    + ", ".join(
        f"sum(mrr_usd) filter (where plan_tier = '{one}') as \"MRR, {one}\"" for one in PLANS
    )
    + f" from entities.entity_subscriptions_daily where {IN_2025} and {MONTH_END} group by 1"
)

# --- 17-02 ------------------------------------------------------------------------------------
NET = """
    select {month} as m, sum({what}) as net
    from entities.entity_customers_daily where {year} group by 1
"""
GAINS = "(mrr_new_usd + mrr_expansion_usd + mrr_reactivation_usd)"
LOSSES = "(mrr_contraction_usd + mrr_churn_usd)"


def net(what: str) -> str:
    return NET.format(month=MONTH, what=what, year=IN_2025)


RIGHT["17-02"] = [
    net(f"{GAINS} + {LOSSES}"),
    f"""
    select to_char(date, 'YYYY-MM') as period, count(*) as days_of_accounts,
        sum(mrr_usd - opening_mrr_usd - mrr_fx_usd) as "Net new MRR (USD)"
    from entities.entity_customers_daily where {IN_2025} group by 1
    """,
]
WRONG["17-02", "fx_counted"] = net(f"{GAINS} + {LOSSES} + mrr_fx_usd")
WRONG["17-02", "new_only"] = net("mrr_new_usd")
WRONG["17-02", "losses_left_out"] = net(GAINS)
WRONG["17-02", "losses_added"] = net(f"{GAINS} - {LOSSES}")

# --- 17-03 ------------------------------------------------------------------------------------
QUICK = """
    select date_trunc('quarter', date) as quarter, {gains} / nullif({losses}, 0) as ratio
    from {source} where {year} group by 1 having {losses} <> 0
"""
CUSTOMERS = "entities.entity_customers_daily"


def quick(gains: str = GAINS, losses: str = LOSSES, source: str = CUSTOMERS) -> str:
    return QUICK.format(
        gains=f"sum({gains})", losses=f"-sum({losses})", source=source, year=IN_2025
    )


RIGHT["17-03"] = [quick()]
WRONG["17-03", "churn_only"] = quick(losses="mrr_churn_usd")
WRONG["17-03", "new_only"] = quick(gains="mrr_new_usd")
WRONG["17-03", "mean_of_months"] = f"""
    select date_trunc('quarter', month) as quarter, avg(ratio) as ratio
    from (
        select date_trunc('month', date) as month, sum({GAINS}) / -sum({LOSSES}) as ratio
        from {CUSTOMERS} where {IN_2025} group by 1 having sum({LOSSES}) <> 0
    ) as months group by 1
"""

# --- 18-01 ------------------------------------------------------------------------------------
ADS = "platform in ('google_ads', 'facebook_ads', 'linkedin_ads')"
CAMPAIGNS = f"from entities.entity_campaigns_daily where {IN_2025} and {ADS}"
CPC = f"select platform, {{value}} as value {CAMPAIGNS} group by platform"
RIGHT["18-01"] = [
    CPC.format(value="sum(spend_usd) / sum(clicks)"),
    "select "
    + ", ".join(
        f"sum(spend_usd) filter (where platform = '{one}')"
        f" / sum(clicks) filter (where platform = '{one}') as {one}"
        for one in ("google_ads", "facebook_ads", "linkedin_ads")
    )
    + f" {CAMPAIGNS}",
]
WRONG["18-01", "mean_of_rows"] = CPC.format(value="avg(spend_usd / nullif(clicks, 0))")
WRONG["18-01", "upside_down"] = CPC.format(value="sum(clicks) / sum(spend_usd)")
WRONG["18-01", "impressions_divided"] = CPC.format(value="sum(spend_usd) / sum(impressions)")
WRONG["18-01", "mean_of_campaigns"] = f"""
    select platform, avg(cpc) as cpc from (
        select platform, campaign_id, sum(spend_usd) / sum(clicks) as cpc {CAMPAIGNS}
        group by 1, 2 having sum(clicks) > 0
    ) as campaigns group by 1
"""

# --- 18-02 ------------------------------------------------------------------------------------
CLAIM = f"""
    select date_trunc('quarter', date) as quarter, sum(spend_usd) / {{below}} as cost
    {CAMPAIGNS} group by 1 having {{below}} > 0
"""
CLAIMED = "sum(platform_conversions)"
RIGHT["18-02"] = [CLAIM.format(below=CLAIMED)]
WRONG["18-02", "per_click"] = CLAIM.format(below="sum(clicks)")
WRONG["18-02", "one_platform"] = CLAIM.format(
    below=f"{CLAIMED} filter (where platform='google_ads')"
)
WRONG["18-02", "mean_of_months"] = f"""
    select date_trunc('quarter', month) as quarter, avg(cost) as cost from (
        select date_trunc('month', date) as month, sum(spend_usd) / {CLAIMED} as cost
        {CAMPAIGNS} group by 1 having {CLAIMED} > 0
    ) as months group by 1
"""

# --- 18-03 ------------------------------------------------------------------------------------
MAIL = f"""
    select {MONTH} as month, {{value}} as rate
    from entities.entity_campaigns_daily where {IN_2025}
    group by 1 having sum(email_deliveries) > 0
"""
RIGHT["18-03"] = [MAIL.format(value="1.0 * sum(email_clicks) / sum(email_deliveries)")]
WRONG["18-03", "of_opens"] = MAIL.format(value="1.0 * sum(email_clicks) / sum(email_opens)")
WRONG["18-03", "of_sends"] = MAIL.format(value="1.0 * sum(email_clicks) / sum(email_sends)")
WRONG["18-03", "opens_counted"] = MAIL.format(
    value="1.0 * sum(email_opens) / sum(email_deliveries)"
)
WRONG["18-03", "mean_of_rows"] = MAIL.format(
    value="avg(1.0 * email_clicks / nullif(email_deliveries, 0))"
)

# --- 19-01 ------------------------------------------------------------------------------------
HEALTH = """
    select health_band as band, count(*) as n, {amount} as usd
    from entities.entity_customers where {where} group by 1
"""
ALIVE = "customer_status in ('active', 'past_due', 'paused')"
RIGHT["19-01"] = [HEALTH.format(amount="sum(mrr_usd)", where=ALIVE)]
WRONG["19-01", "trials_counted"] = HEALTH.format(
    amount="sum(mrr_usd)", where="health_band is not null"
)
WRONG["19-01", "active_only"] = HEALTH.format(
    amount="sum(mrr_usd)", where="customer_status = 'active'"
)
WRONG["19-01", "mean_mrr"] = HEALTH.format(amount="avg(mrr_usd)", where=ALIVE)
WRONG["19-01", "yearly"] = HEALTH.format(amount="sum(arr_usd)", where=ALIVE)

# --- 19-02 ------------------------------------------------------------------------------------
LOST = f"""
    select {MONTH} as month, {{count}} as customers, -sum({{lost}}) as usd
    from {CUSTOMERS} where {IN_2025} group by 1 having {{count}} <> 0 or sum({{lost}}) <> 0
"""
CHURNED = "count(*) filter (where is_churned_logo)"
FELL = "mrr_usd = 0 and opening_mrr_usd > 0"
RIGHT["19-02"] = [LOST.format(count=CHURNED, lost="mrr_churn_usd")]
WRONG["19-02", "contraction_counted"] = LOST.format(count=CHURNED, lost=LOSSES)
WRONG["19-02", "zero_is_churn"] = LOST.format(
    count=f"count(*) filter (where {FELL})",
    lost=f"case when {FELL} then mrr_usd - opening_mrr_usd - mrr_fx_usd else 0 end",
)
WRONG["19-02", "net_of_returns"] = LOST.format(
    count=f"({CHURNED} - count(*) filter (where mrr_reactivation_usd > 0))",
    lost="(mrr_churn_usd + mrr_reactivation_usd)",
)

# --- 20-01 ------------------------------------------------------------------------------------
ACTIVE = """
    select date_trunc('month', date) as month, {count} as users
    from entities.entity_users_daily as days {more}
    where date between '2025-07-01' and '2025-12-31' and {where} group by 1
"""
DISTINCT = "count(distinct days.user_id)"
RIGHT["20-01"] = [ACTIVE.format(count=DISTINCT, more="", where="is_active")]
WRONG["20-01", "days_added"] = ACTIVE.format(count="count(*)", more="", where="is_active")
WRONG["20-01", "daily_average"] = ACTIVE.format(
    count="count(*)"
    " / extract(day from max(date_trunc('month', date)) + interval '1 month - 1 day')",
    more="",
    where="is_active",
)
WRONG["20-01", "seen_counted"] = ACTIVE.format(count=DISTINCT, more="", where="true")
WRONG["20-01", "open_logins_only"] = ACTIVE.format(
    count=DISTINCT,
    more="inner join entities.entity_users as users using (user_id)",
    where="is_active and users.user_status = 'active'",
)

# --- 20-02 ------------------------------------------------------------------------------------
ADOPT = """
    select feature_area, {value} as adoption
    from entities.entity_features_daily where date = '2025-12-31' and eligible_users > 0
    group by 1
"""
RIGHT["20-02"] = [ADOPT.format(value="1.0 * sum(users_adopted_30d) / sum(eligible_users)")]
WRONG["20-02", "mean_of_rates"] = ADOPT.format(value="avg(adoption_rate_users_30d)")
WRONG["20-02", "key_features_only"] = ADOPT.format(
    value="1.0 * sum(users_adopted_30d) / sum(eligible_users)"
).replace("eligible_users > 0", "eligible_users > 0 and is_key_feature")
WRONG["20-02", "share_of_adopters"] = ADOPT.format(
    value="sum(users_adopted_30d) / sum(sum(users_adopted_30d)) over ()"
)

# --- 21-01 ------------------------------------------------------------------------------------
UPTIME = """
    select country, {value} as uptime
    from entities.entity_devices_daily
    where date between '2025-11-01' and '2025-11-30' group by 1
"""
OPEN_HOURS = "1.0 * sum(open_received_heartbeats) / sum(open_expected_heartbeats)"
OF_THE_DAY = "1.0 * open_received_heartbeats / nullif(open_expected_heartbeats, 0)"
ALL_HOURS = "1.0 * sum(received_heartbeats) / sum(expected_heartbeats)"
RIGHT["21-01"] = [UPTIME.format(value=OPEN_HOURS)]
WRONG["21-01", "all_hours"] = UPTIME.format(value=ALL_HOURS)
WRONG["21-01", "mean_of_days"] = UPTIME.format(value=f"avg({OF_THE_DAY})")
WRONG["21-01", "days_off_as_zero"] = UPTIME.format(value=f"avg(coalesce({OF_THE_DAY}, 0))")

# --- 21-02 ------------------------------------------------------------------------------------
SILENT = """
    select country, {value} as share
    from entities.entity_devices where {where} group by 1
"""
SHARE = "avg(({}))"
for name, condition, where in (
    (None, "connectivity_status = 'offline'", "is_in_service"),
    ("failed_only", "device_status = 'faulty'", "is_in_service"),
    ("out_of_service_counted", "connectivity_status = 'offline' or not is_in_service", "true"),
    ("alerts_counted", "open_alerts > 0", "is_in_service"),
):
    text = SILENT.format(value=f"avg(({condition})::int)", where=where)
    if name:
        WRONG["21-02", name] = text
    else:
        RIGHT["21-02"] = [text]
WRONG["21-02", "share_of_the_silent"] = SILENT.format(
    value="count(*) filter (where connectivity_status = 'offline')"
    " / nullif(sum(count(*) filter (where connectivity_status = 'offline')) over (), 0)",
    where="is_in_service",
)

# --- 22-01 ------------------------------------------------------------------------------------
WEEK = """
    select {value} as uptime from entities.entity_devices_daily
    where date > (select max(date) from entities.entity_customers_daily) - {days}
    and date <= (select max(date) from entities.entity_customers_daily)
"""
RIGHT["22-01"] = [WEEK.format(value=OPEN_HOURS, days=7)]
WRONG["22-01", "all_hours"] = WEEK.format(value=ALL_HOURS, days=7)
WRONG["22-01", "mean_of_days"] = WEEK.format(value=f"avg({OF_THE_DAY})", days=7)
WRONG["22-01", "last_day_only"] = f"""
    select {OPEN_HOURS} as uptime from entities.entity_devices_daily
    where date = (select max(date) from entities.entity_devices_daily)
"""

# --- 22-02 ------------------------------------------------------------------------------------
CHANGE = """
    select {value} as change from (
        select sum({column}) filter (where date = today) as now,
            sum({column}) filter (where date = today - 30) as before,
            sum(mrr_new_usd) filter (where date > today - 30) as new
        from entities.entity_customers_daily,
            (select max(date) as today from entities.entity_customers_daily) as clock
    ) as sums
"""
CONSTANT, CURRENT = "mrr_constant_fx_usd", "mrr_usd"
RIGHT["22-02"] = [CHANGE.format(value="now / before - 1", column=CONSTANT)]
WRONG["22-02", "current_rates"] = CHANGE.format(value="now / before - 1", column=CURRENT)
WRONG["22-02", "level"] = CHANGE.format(value="now", column=CONSTANT)
WRONG["22-02", "ratio"] = CHANGE.format(value="now / before", column=CONSTANT)
WRONG["22-02", "new_only"] = CHANGE.format(value="new / before", column=CURRENT)
