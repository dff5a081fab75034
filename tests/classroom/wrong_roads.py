"""Every misconception as a learner would write it: wrong SQL and pandas on the course's tables."""

from math import exp

import pandas as pd

ROADS = {}


def road(exercise, misconception):
    def mark(function):
        ROADS[exercise, misconception] = function
        return function

    return mark


def query(exercise, misconception, text):
    ROADS[exercise, misconception] = lambda read: read(text)


COUNTED = "subscription_status in ('active', 'past_due')"
ALIVE = "customer_status in ('active', 'past_due', 'paused')"

# --- 05-01 ------------------------------------------------------------------------------------
TODAY = "select sum({}) from entities.entity_subscriptions where {}"
query("05-01", "past_due_dropped", TODAY.format("mrr_usd", "subscription_status = 'active'"))
query("05-01", "list_price", TODAY.format("list_mrr_local * fx_rate_to_usd", COUNTED))
query("05-01", "currencies_added", TODAY.format("net_mrr_local", "true"))
query("05-01", "constant_rates", TODAY.format("mrr_constant_fx_usd", "true"))
query("05-01", "yearly", TODAY.format("arr_usd", "true"))
STATUS_IS = "subscription_status in ('active', 'past_due', '{}')"

# --- 05-02 ------------------------------------------------------------------------------------
ITEMS = """
    select subscriptions.billing_interval, sum({amount}) as list_mrr_usd
    from entities.entity_subscriptions as subscriptions
    inner join staging.stg_stripe__subscription_item as items using (subscription_id)
    inner join staging.stg_stripe__price as prices using (price_id)
    where prices.usage_type = 'licensed' and {where}
    group by 1
"""
DOLLARS = "prices.currency = 'USD' and "
MONTHLY = "items.quantity * prices.unit_amount / prices.interval_months"
UNITS = "(items.quantity > 0)::int * prices.unit_amount / prices.interval_months"
for name, amount, where in (
    ("annual_not_divided", "items.quantity * prices.unit_amount", DOLLARS + COUNTED),
    ("quantity_forgotten", UNITS, DOLLARS + COUNTED),
    ("trials_counted", MONTHLY, DOLLARS + STATUS_IS.format("trialing")),
    ("past_due_dropped", MONTHLY, DOLLARS + "subscription_status = 'active'"),
    ("currencies_added", MONTHLY, COUNTED),
):
    query("05-02", name, ITEMS.format(amount=amount, where=where))

# --- 05-03 ------------------------------------------------------------------------------------
query(
    "05-03",
    "month_average",
    """
    with days as (
        select date, sum(mrr_usd) as mrr_usd from entities.entity_subscriptions_daily group by 1
    )
    select date_trunc('month', date)::date as month, avg(mrr_usd) as mrr_usd from days group by 1
    """,
)
query(
    "05-03",
    "month_opening",
    """
    select month, sum(opening_mrr_usd) as mrr_usd
    from entities.entity_subscriptions_monthly group by 1
    """,
)
query(
    "05-03",
    "survivors_only",
    """
    select monthly.month, sum(monthly.closing_mrr_usd) as mrr_usd
    from entities.entity_subscriptions_monthly as monthly
    inner join entities.entity_subscriptions as now using (subscription_id)
    where now.subscription_status in ('active', 'past_due', 'paused')
    group by 1
    """,
)
query(
    "05-03",
    "constant_rates",
    """
    select date as month, sum(mrr_constant_fx_usd) as mrr_usd
    from entities.entity_subscriptions_daily
    where extract(day from date + 1) = 1
    group by 1
    """,
)

# --- 05-04 ------------------------------------------------------------------------------------
THEN = """
    select {plan} as plan_tier, sum({amount}) as mrr_usd
    from entities.entity_subscriptions_daily as day
    inner join entities.entity_subscriptions as now using (subscription_id)
    where day.date = '2024-12-31' and day.mrr_usd > 0 {where}
    group by 1
"""
query("05-04", "todays_plan", THEN.format(plan="now.plan_tier", amount="day.mrr_usd", where=""))
query(
    "05-04",
    "todays_mrr",
    """
    select plan_tier, sum(mrr_usd) as mrr_usd
    from entities.entity_subscriptions where mrr_usd > 0 group by 1
    """,
)
query(
    "05-04",
    "survivors_only",
    THEN.format(
        plan="day.plan_tier",
        amount="day.mrr_usd",
        where="and now.subscription_status in ('active', 'past_due', 'paused')",
    ),
)
query(
    "05-04",
    "constant_rates",
    THEN.format(plan="day.plan_tier", amount="day.mrr_constant_fx_usd", where=""),
)

# --- 05-05 ------------------------------------------------------------------------------------
ENDS = """
    select currency,
        coalesce(sum({amount}) filter (where date = '2025-12-31'), 0)
        - coalesce(sum({amount}) filter (where date = '2024-12-31'), 0) as mrr_fx_usd
    from entities.entity_subscriptions_daily
    where currency <> 'USD' and date in ('2024-12-31', '2025-12-31')
    group by 1
"""
query("05-05", "all_movement", ENDS.format(amount="mrr_usd"))
query("05-05", "budget_gap", ENDS.format(amount="(mrr_usd - mrr_constant_fx_usd)"))
query(
    "05-05",
    "opening_only",
    """
    select day.currency,
        sum(day.mrr_usd / before.rate_to_usd * (after.rate_to_usd - before.rate_to_usd))
            as mrr_fx_usd
    from entities.entity_subscriptions_daily as day
    inner join intermediate.int_finance__fx_daily as before
        on day.currency = before.currency and before.date = '2024-12-31'
    inner join intermediate.int_finance__fx_daily as after
        on day.currency = after.currency and after.date = '2025-12-31'
    where day.date = '2024-12-31' and day.currency <> 'USD'
    group by 1
    """,
)

# --- 05-06 ------------------------------------------------------------------------------------
GIVEN = """
    select duration, sum(
        least(
            list_mrr_local,
            {off}
        ) * {rate}
    ) as discount_usd
    from staging.stg_stripe__discount as discounts
    cross join ops.clock
    inner join staging.stg_stripe__coupon as coupons using (coupon_id)
    inner join entities.entity_subscriptions as subscriptions using (subscription_id)
    where {where}
    group by 1
"""
RUNS = (
    "discounts.started_at <= clock.as_of and coalesce(discounts.ended_at, 'infinity') > clock.as_of"
)
RECURS = "duration <> 'once'"
RATE = "fx_rate_to_usd"
DUE = f"{RUNS} and {RECURS} and {COUNTED}"
PERCENTAGE = "list_mrr_local * coalesce(percent_off, 0) / 100"
AMOUNT = "coalesce(amount_off, 0)"
MONTHS = "case billing_interval when 'year' then 12 when 'quarter' then 3 else 1 end"
OFF = f"{PERCENTAGE} + {AMOUNT} / {MONTHS}"
for name, rate, off, where in (
    ("once_counted", RATE, OFF, f"{RUNS} and {COUNTED}"),
    ("expired_counted", RATE, OFF, f"{RECURS} and {COUNTED}"),
    ("amounts_forgotten", RATE, PERCENTAGE, DUE),
    ("amount_not_divided", RATE, f"{PERCENTAGE} + {AMOUNT}", DUE),
    ("currencies_added", "1", OFF, DUE),
):
    query("05-06", name, GIVEN.format(rate=rate, off=off, where=where))

# --- 05-07 ------------------------------------------------------------------------------------
ATTEMPTS = """
    with attempts as (
        select *, row_number() over (partition by invoice_id order by created_at, charge_id) as no
        from staging.stg_stripe__charge where is_livemode and invoice_id is not null
    ),
    firsts as (
        select attempts.*, invoices.invoice_status, invoices.paid_at,
            date_trunc('quarter', attempts.created_at) as quarter,
            (
                select count(*) from attempts as others
                where others.invoice_id = attempts.invoice_id and others.charge_status = 'failed'
            ) as failures
        from attempts inner join staging.stg_stripe__invoice as invoices using (invoice_id)
        where no = 1 and extract(year from attempts.created_at) = 2025
    )
    select quarter, {count} as failed_invoices, {share} as recovered_share
    from firsts where {where} group by 1
"""
PAID = "(invoice_status = 'paid')::int"
FAILED = "charge_status = 'failed'"
for name, count, share, where in (
    ("attempts_counted", "sum(failures)", f"1.0 * sum({PAID}) / sum(failures)", FAILED),
    ("all_invoices", "count(*)", f"avg({PAID})", "true"),
    (
        "same_quarter",
        "count(*)",
        f"avg({PAID} * (date_trunc('quarter', paid_at) is not distinct from quarter)::int)",
        FAILED,
    ),
):
    query("05-07", name, ATTEMPTS.format(count=count, share=share, where=where))

# --- 05-08 ------------------------------------------------------------------------------------
KNOWN = """
    with ends as (
        select month::date as month, month + interval '1 month' as ended_at
        from generate_series(
            timestamptz '2024-01-01 00:00+00', '2025-12-01 00:00+00', '1 month'
        ) as month
    ),
    alive as (select *, recorded_at < ended_at and ended_at <= superseded_at as was_known,
        superseded_at > (select as_of from ops.clock) as is_known,
        valid_from <= ended_at and ended_at < valid_to as was_so
        from ends cross join entities.entity_subscriptions_history
        where {statuses}
    )
    select month, count(distinct subscription_id) filter (where {then}) as known_then,
        count(distinct subscription_id) filter (where is_known and was_so) as known_today
    from alive group by 1
"""
LIVING = STATUS_IS.format("paused")
TRIALING = "subscription_status in ('active', 'past_due', 'paused', 'trialing')"
for name, then, statuses in (
    ("todays_knowledge", "is_known and was_so", LIVING),
    ("valid_time_ignored", "was_known", LIVING),
    ("trials_counted", "was_known and was_so", TRIALING),
):
    query("05-08", name, KNOWN.format(then=then, statuses=statuses))

# --- 06-01 ------------------------------------------------------------------------------------
ARPA = """
    select country, count({what}) as paying_customers, sum(mrr_usd) / count({what}) as arpa_usd
    from entities.{table} where {where} group by 1
"""
for name, table, where in (
    ("everyone_counted", "entity_customers", "true"),
    ("trials_counted", "entity_customers", "mrr_usd > 0 or customer_status = 'trial'"),
    ("subscriptions_counted", "entity_subscriptions", "mrr_usd > 0"),
    ("past_due_dropped", "entity_customers", "mrr_usd > 0 and customer_status = 'active'"),
):
    query("06-01", name, ARPA.format(what="*", table=table, where=where))

# --- 06-02 ------------------------------------------------------------------------------------
NAMES = ("new", "expansion", "contraction", "churn", "reactivation", "fx")
BRIDGE = """
    select date_trunc('month', date)::date as month, {sums}
    from {source} where date between '2025-01-01' and '2025-12-31' group by 1
"""


def bridge(source, **instead):
    amounts = {name: f"mrr_{name}_usd" for name in NAMES} | instead
    sums = ", ".join(f"sum({amount}) as {name}_usd" for name, amount in amounts.items())
    return BRIDGE.format(source=source, sums=sums)


DAILY = "entities.entity_customers_daily"
query("06-02", "per_subscription", bridge("entities.entity_subscriptions_daily"))
query(
    "06-02",
    "fx_in_expansion",
    bridge(
        DAILY,
        expansion="mrr_expansion_usd + greatest(mrr_fx_usd, 0)",
        contraction="mrr_contraction_usd + least(mrr_fx_usd, 0)",
        fx="0",
    ),
)
MOVED = "(mrr_usd - opening_mrr_usd - mrr_fx_usd)"
FELL = "(mrr_usd = 0 and opening_mrr_usd > 0)"
ROSE = "(mrr_usd > 0 and opening_mrr_usd = 0 and mrr_new_usd = 0)"
query(
    "06-02",
    "zero_is_churn",
    bridge(
        DAILY,
        expansion=f"case when {ROSE} then 0 else mrr_expansion_usd end",
        contraction=f"case when {FELL} then 0 else mrr_contraction_usd end",
        churn=f"case when {FELL} then {MOVED} else 0 end",
        reactivation=f"case when {ROSE} then {MOVED} else 0 end",
    ),
)


@road("06-02", "month_ends_compared")
def month_ends_compared(read):
    ends = read(
        f"""
        select account_id, date, mrr_usd, {ALIVE} as is_alive
        from {DAILY} where extract(day from date + 1) = 1 and date >= '2024-12-31'
        """
    )
    fx = read(
        f"""
        select account_id, date_trunc('month', date)::date as month, sum(mrr_fx_usd) as fx_usd
        from {DAILY} where date >= '2025-01-01' group by 1, 2
        """
    )
    first = read(f"select account_id, min(date) as first from {DAILY} where mrr_usd > 0 group by 1")
    ends["month"] = pd.to_datetime(ends["date"]).dt.to_period("M")
    fx["month"] = pd.to_datetime(fx["month"]).dt.to_period("M")
    ends = ends.sort_values(["account_id", "month"])
    ends["opening"] = ends.groupby("account_id")["mrr_usd"].shift(fill_value=0)
    ends["was_alive"] = ends.groupby("account_id")["is_alive"].shift(fill_value=False)
    ends = ends[ends["month"] >= "2025-01"].merge(fx, how="left").merge(first, how="left")
    ends["fx_usd"] = ends["fx_usd"].fillna(0)
    ends["moved"] = ends["mrr_usd"] - ends["opening"] - ends["fx_usd"]
    is_new = pd.to_datetime(ends["first"]).dt.to_period("M") >= ends["month"]

    def kind(row):
        if abs(row["moved"]) < 1e-6:
            return None
        if is_new[row.name]:
            return "new"
        if row["was_alive"] != row["is_alive"]:
            return "churn" if row["was_alive"] else "reactivation"
        return "expansion" if row["moved"] > 0 else "contraction"

    kinds = ends.apply(kind, axis="columns")
    sums = {f"{name}_usd": ends["moved"].where(kinds == name, 0) for name in NAMES[:-1]}
    frame = pd.DataFrame({"month": ends["month"], **sums, "fx_usd": ends["fx_usd"]})
    return frame.groupby("month").sum()


# --- 06-03, 06-04 -----------------------------------------------------------------------------
CHURN = """
    with spans as (
        select day::date as first_day, (day + interval '{step}')::date - 1 as last_day
        from generate_series(date '2025-01-01', date '2025-12-01', '{step}') as day
    ),
    present as (select account_id, date from entities.entity_customers_daily where {here}),
    earlier as (
        select first_day, account_id from spans inner join present on date = first_day - 1
    ),
    later as (select first_day, account_id from spans inner join present on date = last_day)
    select earlier.first_day as {span}, {rate} as logo_churn
    from earlier
    left join later
        on earlier.first_day = later.first_day and earlier.account_id = later.account_id
    group by 1
"""
LOST = "count(*) filter (where later.account_id is null)"
LOST_RATE = "avg((later.account_id is null)::int)"


def churn(here, rate=LOST_RATE, span="quarter"):
    step = {"quarter": "3 months", "month": "1 month"}[span]
    return CHURN.format(here=here, rate=rate, span=span, step=step)


AT_END = "(select count(*) from later as ends where ends.first_day = earlier.first_day)"
query("06-03", "end_denominator", churn(ALIVE, f"1.0 * {LOST} / {AT_END}"))
query("06-03", "zero_is_churn", churn("mrr_usd > 0"))
query("06-03", "trials_counted", churn(f"{ALIVE} or customer_status = 'trial'"))
EVENTS = """
    with starts as (
        select date + 1 as first_day, count(*) as customers
        from entities.entity_customers_daily
        where customer_status in ('active', 'past_due', 'paused')
        group by 1
    ),
    ends as (
        select date_trunc('{span}', date)::date as first_day, sum(is_churned_logo::int) as ended
        from entities.entity_customers_daily
        where date between '2025-01-01' and '2025-12-31'
        group by 1
    )
    select first_day as {span}, 1.0 * ended / customers as logo_churn
    from ends inner join starts using (first_day)
"""
query("06-03", "every_end_counted", EVENTS.format(span="quarter"))


@road("06-04", "every_end_counted")
def every_end_counted(read):
    return read(EVENTS.format(span="year"))["logo_churn"].item()


@road("06-04", "months_added")
def months_added(read):
    return read(churn(ALIVE, span="month"))["logo_churn"].sum()


@road("06-04", "months_compounded")
def months_compounded(read):
    return 1 - (1 - read(churn(ALIVE, span="month"))["logo_churn"]).prod()


# --- 06-05 ------------------------------------------------------------------------------------
def retention(read, amount="mrr_constant_fx_usd", key="account_id"):
    text = f"""
        select {key},
            coalesce(sum({amount}) filter (where date = '2024-12-31'), 0) as mrr_then,
            coalesce(sum({amount}) filter (where date = '2025-12-31'), 0) as mrr_now
        from entities.entity_subscriptions_daily
        where date in ('2024-12-31', '2025-12-31') group by 1
    """
    return read(text)


def shares(rows, *, capped=True, everyone=False):
    mine = rows[rows["mrr_then"] > 0]
    base = mine["mrr_then"].sum()
    kept = mine[["mrr_then", "mrr_now"]].min(axis="columns") if capped else mine["mrr_now"]
    now = (rows if everyone else mine)["mrr_now"].sum()
    return {"grr": kept.sum() / base, "nrr": now / base}


ROADS |= {
    ("06-05", "expansion_in_grr"): lambda read: shares(retention(read), capped=False),
    ("06-05", "new_customers_counted"): lambda read: shares(retention(read), everyone=True),
    ("06-05", "survivors_only"): lambda read: shares(retention(read).query("mrr_now > 0")),
    ("06-05", "current_rates"): lambda read: shares(retention(read, "mrr_usd")),
    ("06-05", "per_subscription"): lambda read: shares(retention(read, key="subscription_id")),
}

# --- 06-06 ------------------------------------------------------------------------------------
MONTHLY_ENDS = "entities.entity_subscriptions_monthly where is_churned"
IN_YEAR = "month between '2025-01-01' and '2025-12-01'"
INVOLUNTARY = "(churn_type = 'involuntary')::int"
query(
    "06-06",
    "weighted_by_mrr",
    f"""
    select sum({INVOLUNTARY} * mrr_churn_usd) / sum(mrr_churn_usd)
    from {MONTHLY_ENDS} and {IN_YEAR}
    """,
)
query("06-06", "all_years", f"select avg({INVOLUNTARY}) from {MONTHLY_ENDS}")
query(
    "06-06",
    "of_the_living",
    f"""
    select 1.0 * (select sum({INVOLUNTARY}) from {MONTHLY_ENDS} and {IN_YEAR})
        / count(distinct subscription_id)
    from entities.entity_subscriptions_daily
    where date between '2025-01-01' and '2025-12-31'
        and subscription_status in ('active', 'past_due', 'paused')
    """,
)
query(
    "06-06",
    "requests_counted",
    f"""
    with requests as (
        select count(distinct (subscription_id, history.canceled_at)) as asked
        from staging.stg_stripe__subscription_history as history
        inner join entities.entity_subscriptions using (subscription_id)
        where is_cancel_at_period_end
            and history.canceled_at::date between '2025-01-01' and '2025-12-31'
    ),
    ends as (select sum({INVOLUNTARY}) as unpaid from {MONTHLY_ENDS} and {IN_YEAR})
    select 1.0 * unpaid / (unpaid + asked) from requests cross join ends
    """,
)

# --- 06-07 ------------------------------------------------------------------------------------
TRIALS = """
    select date_trunc('quarter', {began})::date as quarter, count(*) as trials,
        avg(({converted} is not null)::int) as conversion
    from entities.entity_customers
    where {began} >= '2024-01-01' and {began} < '2025-10-01' group by 1
"""
query("06-07", "signups_counted", TRIALS.format(began="signup_at", converted="trial_converted_at"))
query("06-07", "paid_counted", TRIALS.format(began="signup_at", converted="first_paid_at"))


@road("06-07", "conversions_of_the_quarter")
def conversions_of_the_quarter(read):
    began = read(TRIALS.format(began="trial_started_at", converted="trial_converted_at"))
    hits = read(
        """
        select date_trunc('quarter', trial_converted_at)::date as quarter, count(*) as hits
        from entities.entity_customers where trial_started_at is not null group by 1
        """
    )
    rows = began.merge(hits, how="left").fillna({"hits": 0})
    return rows.assign(conversion=rows["hits"] / rows["trials"])


# --- 06-08 ------------------------------------------------------------------------------------
BACK = """
    with days as (
        select date, account_id, mrr_reactivation_usd as won,
            date - lag(date) over earlier as away, lag(mrr_usd) over earlier as mrr_last
        from entities.entity_customers_daily
        where customer_status in ('active', 'past_due', 'paused')
        window earlier as (partition by account_id order by date)
    )
    select case when away <= 30 then 'up to 30 days' else 'more than 30 days' end as lapse,
        count(*) as returns, sum({amount}) as mrr_usd
    from days inner join entities.entity_customers as now using (account_id)
    where won > 0 and date >= '2024-02-01' group by 1
"""
query("06-08", "mrr_before", BACK.format(amount="mrr_last"))
query("06-08", "todays_mrr", BACK.format(amount="now.mrr_usd"))
query(
    "06-08",
    "pauses_counted",
    """
    with days as (
        select date, account_id, mrr_usd - opening_mrr_usd - mrr_fx_usd as won, opening_mrr_usd,
            mrr_new_usd, date - lag(date) over (partition by account_id order by date) as away
        from entities.entity_customers_daily where mrr_usd > 0
    )
    select case when away <= 30 then 'up to 30 days' else 'more than 30 days' end as lapse,
        count(*) as returns, sum(won) as mrr_usd
    from days where opening_mrr_usd = 0 and mrr_new_usd = 0 and date >= '2024-02-01' group by 1
    """,
)

# --- 06-09 ------------------------------------------------------------------------------------
ASKED = """
    with told as (
        select * from intermediate.int_accounts__identity_map where not is_test
    ),
    merged as (select unnest(merged_ticket_ids) as ticket_id from staging.stg_zendesk__ticket)
    select coalesce(role, 'not told') as role, count(*) as tickets,
        count(distinct requester_id) as people
    from staging.stg_zendesk__ticket as tickets
    {company} join told as companies on companies.system = 'zendesk.organization'
        and companies.source_id = tickets.organization_id::text
        and companies.account_id is not null
    left join ({people}) as people on people.source_id = tickets.requester_id::text
    {how} join entities.entity_users as users on users.user_id = people.user_id
    where tickets.created_at >= '2025-01-01' and tickets.created_at < '2026-01-01' and {which}
    group by 1
"""
STANDS = """not tickets.is_deleted
    and not exists (select from merged where merged.ticket_id = tickets.ticket_id)"""
TOLD = "select source_id, user_id from told where system = 'zendesk.user'"
RECORDED = "select zendesk_user_id::text as source_id, user_id from staging.stg_zendesk__user"
for name, company, people, how, which in (
    ("recorded_only", "inner", RECORDED, "left", STANDS),
    ("unknown_dropped", "inner", TOLD, "inner", STANDS),
    ("deleted_counted", "inner", TOLD, "left", "true"),
    (
        "tests_counted",
        "left",
        TOLD,
        "left",
        f"{STANDS} and (companies.account_id is not null or tickets.organization_id is null)",
    ),
):
    query("06-09", name, ASKED.format(company=company, people=people, how=how, which=which))

# --- 06-10 ------------------------------------------------------------------------------------
FARED = """
    with scored as (
        select mrr_usd, {score} as score
        from entities.entity_customers
        where {which} and health_score is not null
    )
    select case when score >= 70 then 'green' when score >= 40 then 'yellow' else 'red' end
        as band, count(*) as customers, sum(mrr_usd) as mrr_usd, avg(score) as mean_score
    from scored
    group by 1
"""
FACTORS = ("usage", "adoption", "device", "support", "billing", "relationship")


def weighed(*weights, missing=None):
    named = [(f"health_{factor}", weight) for factor, weight in zip(FACTORS, weights, strict=True)]
    if missing is not None:
        named = [(f"coalesce({factor}, {missing})", weight) for factor, weight in named]
    points = " + ".join(f"{weight} * coalesce({factor}, 0)" for factor, weight in named)
    known = " + ".join(f"{weight} * ({factor} is not null)::int" for factor, weight in named)
    return f"({points}) / ({known})"


PROPOSED = (20, 10, 10, 10, 30, 20)
for name, score, which in (
    ("official_weights", weighed(30, 20, 20, 10, 10, 10), ALIVE),
    ("even_weights", weighed(1, 1, 1, 1, 1, 1), ALIVE),
    ("trials_counted", weighed(*PROPOSED), "true"),
    ("missing_is_zero", weighed(*PROPOSED, missing=0), ALIVE),
    ("missing_is_perfect", weighed(*PROPOSED, missing=100), ALIVE),
):
    query("06-10", name, FARED.format(score=score, which=which))

# --- 06-11 and 06-12: the risk of four days against what came ------------------------------------
JUDGED = """
    select days.account_id, days.date, {band} as risk_band, days.churn_probability_90d as chance,
        days.health_score, exists (
            select from entities.entity_customers_daily as later
            where later.account_id = days.account_id and later.date > days.date
                and {within} and {event}
        ) as has_left
    from entities.entity_customers_daily as days
    inner join entities.entity_customers as now using (account_id)
    where days.date in ('2024-12-31', '2025-03-31', '2025-06-30', '2025-09-30')
        and {band} is not null and days.churn_risk_band is not null
"""
ENDED, DAYS_90 = "later.is_churned_logo", "later.date <= days.date + 90"


def judged(band="days.churn_risk_band", within=DAYS_90, event=ENDED):
    return JUDGED.format(band=band, within=within, event=event)


OUTCOME = """
    select risk_band, {count} as customers, sum(has_left::int) as customers_left,
        1.0 * sum(has_left::int) / {count} as share_left
    from ({judged}) as judged
    group by 1
"""
TO_ZERO = "later.mrr_usd = 0 and later.opening_mrr_usd > 0"
for name, count, rows in (
    ("todays_band", "count(*)", judged(band="now.churn_risk_band")),
    ("left_at_any_time", "count(*)", judged(within="true")),
    ("zero_is_churn", "count(*)", judged(event=TO_ZERO)),
    ("accounts_once", "count(distinct account_id)", judged()),
):
    query("06-11", name, OUTCOME.format(count=count, judged=rows))


def concordance(rows, value, tie=0.5):
    """Pair by pair, as one thinks of it."""
    stayed = rows.loc[~rows["has_left"], value]
    pairs = [
        (stayed < one).sum() + tie * (stayed == one).sum()
        for one in rows.loc[rows["has_left"], value]
    ]
    return sum(pairs) / (len(pairs) * len(stayed))


@road("06-12", "ties_lost")
def ties_lost(read):
    return concordance(read(judged()), "chance", tie=0)


@road("06-12", "health_instead")
def health_instead(read):
    rows = read(judged())
    return concordance(rows.assign(illness=100 - rows["health_score"]).round(1), "illness")


@road("06-12", "left_at_any_time")
def left_at_any_time(read):
    return concordance(read(judged(within="true")), "chance")


@road("06-12", "share_of_right_calls")
def share_of_right_calls(read):
    rows = read(judged())
    return ((rows["risk_band"] == "high") == rows["has_left"]).mean()


# --- 09-01 ------------------------------------------------------------------------------------
IN_DECEMBER = "date between '2025-12-01' and '2025-12-31'"
ACTIVE = """
    select days.role, count({users}) as active_users, count(*) as active_days
    from entities.entity_users_daily as days
    inner join entities.entity_users as now using (user_id)
    where {where} and days.{december}
    group by 1
"""
for name, users, where in (
    ("seen_counted", "distinct user_id", "true"),
    ("days_for_users", "*", "is_active"),
    ("open_logins_only", "distinct user_id", "is_active and now.user_status = 'active'"),
):
    query("09-01", name, ACTIVE.format(users=users, where=where, december=IN_DECEMBER))

# --- 09-02 ------------------------------------------------------------------------------------
TRACKED = """
    with events as (
        select user_id, event_at, (event_at at time zone 'UTC')::date as date,
            lag(event_at) over (partition by {within} order by event_at) as previous_at
        from staging.stg_segment__tracks
        inner join entities.entity_users using (user_id)
    )
    select date_trunc('month', date)::date as month, count({what}) as sessions
    from events
    where {begins} and date between '2025-01-01' and '2025-12-31'
    group by 1
"""
HALF_HOUR = "distinct (user_id, date_bin('30 minutes', event_at, '2025-01-01 00:00+00'))"
PAUSED = "(previous_at is null or event_at > previous_at + interval '30 minutes')"
DAY = "user_id, (event_at at time zone 'UTC')::date"
for name, within, what, begins in (
    ("cut_at_midnight", DAY, "*", PAUSED),
    ("one_a_day", "user_id", "distinct (user_id, date)", "true"),
    ("half_hours_of_the_clock", "user_id", HALF_HOUR, "true"),
):
    query("09-02", name, TRACKED.format(within=within, what=what, begins=begins))

# --- 09-03 ------------------------------------------------------------------------------------
STICKY = """
    with months as (
        select month::date as month, (month + interval '1 month')::date - 1 as last_day
        from generate_series(date '2025-07-01', date '2025-12-01', '1 month') as month
    ),
    active as (select user_id, date from entities.entity_users_daily where {who})
    select month, 1.0 * (select count(*) from active where date between month and last_day)
        / (last_day - month + 1) / ({audience}) as stickiness
    from months
"""
AUDIENCE = (
    "select count(distinct user_id) from active where date between last_day - {} and last_day"
)
EVERY_DAY = """
    select avg((select count(distinct user_id) from active
        where active.date between day::date - 29 and day::date))
    from generate_series(month, last_day, '1 day') as day
"""
for name, who, audience in (
    ("every_day_s_audience", "is_active", EVERY_DAY),
    ("weekly_audience", "is_active", AUDIENCE.format(6)),
    ("seen_counted", "true", AUDIENCE.format(29)),
):
    query("09-03", name, STICKY.format(who=who, audience=audience))

# --- 09-04 ------------------------------------------------------------------------------------
CAME = """
    select role, count(*) as invited, avg((days_to_activation <= 7 is true)::int) as activated
    from entities.entity_users
    where created_at >= '2025-01-01 00:00+00' and created_at < '{until} 00:00+00' and {where}
    group by 1
"""
for name, until, where in (
    ("never_came_dropped", "2025-12-01", "activated_at is not null"),
    ("whole_year", "2026-01-01", "true"),
    ("closed_logins_dropped", "2025-12-01", "user_status <> 'deactivated'"),
):
    query("09-04", name, CAME.format(until=until, where=where))

# --- 09-05 ------------------------------------------------------------------------------------
KEPT = """
    with cohort as (
        select weekly.*,
            max(weeks_since_signup) filter (where is_active) over (partition by user_id) as last,
            bool_or(is_active) over (partition by user_id) as ever
        from entities.entity_users_weekly as weekly
        where signup_cohort_week between '2025-01-06' and '2025-06-23'
    ),
    weeks as (select unnest(array[1, 4, 12, 24]) as weeks_since_signup)
    select weeks_since_signup, 1.0 * {share} as retention from weeks
"""
ROWS = "(select count(*) from cohort where cohort.weeks_since_signup = {} and {})"
THERE = ROWS.format("weeks.weeks_since_signup", "is_active")
LATER = ROWS.format(0, "last >= weeks.weeks_since_signup")
for name, share in (
    ("rows_as_cohort", f"{THERE} / {ROWS.format('weeks.weeks_since_signup', 'true')}"),
    ("ever_active_only", f"{THERE} / {ROWS.format(0, 'ever')}"),
    ("then_or_later", f"{LATER} / {ROWS.format(0, 'true')}"),
):
    query("09-05", name, KEPT.format(share=share))

# --- 09-06 ------------------------------------------------------------------------------------
GROWN = """
    with known as (
        select weekly.*,
            min(week_start) filter (where weekly.is_active) over (partition by user_id) as first,
            coalesce(lag(weekly.is_active) over (partition by user_id order by week_start), false)
                as was
        from entities.entity_users_weekly as weekly
        inner join entities.entity_users as now using (user_id)
        where {where}
    )
    select week_start, count(*) filter (where {new}) as new,
        count(*) filter (where is_active and was) as retained,
        count(*) filter (where {back}) as resurrected,
        count(*) filter (where was and not is_active) as lost
    from known where week_start between '2025-10-06' and '2025-12-22'
    group by 1
"""
FIRST, BACK = "lifecycle_state = 'new'", "lifecycle_state = 'resurrected'"
CUT = ("is_active and week_start = first", "is_active and not was and week_start > first")
for name, where, new, back in (
    ("returned_as_new", "true", "is_active and not was", "false"),
    ("history_cut_off", "week_start >= '2025-10-06'", *CUT),
    ("open_logins_only", "now.user_status = 'active'", FIRST, BACK),
):
    query("09-06", name, GROWN.format(where=where, new=new, back=back))

# --- 12-01 and 12-02: who may use a feature, and who does ---------------------------------------
PEOPLE = """
    select user_id, account_id, plan_rank, plan_tier
    from intermediate.int_features__eligible_spans
    where valid_from <= {day} and valid_to > {day}
"""
LOGINS = """
    select users.user_id, plans.plan_rank
    from intermediate.int_users__attributes as users
    inner join intermediate.int_accounts__plan_spans as plans using (account_id)
    where users.activated_at is not null and users.left_at is null
        and plans.valid_from <= {day} and plans.valid_to > {day}
"""
ADOPTERS = """
    select user_id, feature_id
    from intermediate.int_features__uses_daily
    where {counted} > 0 and date > {day} - 30 and date <= {day}
    group by 1, 2
    having count(*) >= {days}
"""
ADOPTION = """
    select feature_name, count(*) as eligible_users,
        avg((adopters.user_id is not null)::int) as adoption
    from entities.entity_features as features
    inner join ({people}) as people on {rank} >= case features.min_plan_tier
        when 'starter' then 1 when 'growth' then 2 when 'pro' then 3 else 4 end
    left join ({adopters}) as adopters using (user_id, feature_id)
    where features.eligible_users > 0
    group by 1
"""
NOW = "as_of_date()"
for name, people, rank, counted, days in (
    ("plan_ignored", PEOPLE, "4", "uses", 2),
    ("used_once", PEOPLE, "plan_rank", "uses", 1),
    ("errors_counted", PEOPLE, "plan_rank", "events", 2),
    ("closed_counted", LOGINS, "plan_rank", "uses", 2),
):
    query(
        "12-01",
        name,
        ADOPTION.format(
            people=people.format(day=NOW),
            rank=rank,
            adopters=ADOPTERS.format(counted=counted, day=NOW, days=days),
        ),
    )
BY_PLAN = """
    select plans.plan_tier, count(*) as eligible_users,
        avg((adopters.user_id is not null)::int) as adoption
    from ({people}) as people
    inner join intermediate.int_accounts__plan_spans as plans
        on plans.account_id = people.account_id
        and plans.valid_from <= {plan_day} and plans.valid_to > {plan_day}
    left join ({adopters}) as adopters
        on adopters.user_id = people.user_id and adopters.feature_id
            = (select feature_id from entities.entity_features where feature_name = 'Keg levels')
    group by 1
"""
THEN_DAY = "date '2025-06-30'"
for name, day, plan_day, days in (
    ("todays_plan", THEN_DAY, NOW, 2),
    ("answered_for_today", NOW, NOW, 2),
    ("used_once", THEN_DAY, THEN_DAY, 1),
):
    query(
        "12-02",
        name,
        BY_PLAN.format(
            people=PEOPLE.format(day=day),
            plan_day=plan_day,
            adopters=ADOPTERS.format(counted="uses", day=day, days=days),
        ),
    )

# --- 12-03 ------------------------------------------------------------------------------------
AREA_USERS = """
    select feature_area, {users} as users
    from intermediate.int_features__uses_daily as uses
    inner join entities.entity_features using (feature_id)
    where uses.date between '2025-12-01' and '2025-12-31' and uses.uses > 0
    group by 1
"""
query("12-03", "days_added", AREA_USERS.format(users="count(*)"))
query("12-03", "features_added", AREA_USERS.format(users="count(distinct (user_id, feature_id))"))
query("12-03", "daily_average", AREA_USERS.format(users="count(distinct (user_id, date)) / 31.0"))

# --- 12-04 ------------------------------------------------------------------------------------
OF_2025 = "released_on between '2025-01-01' and '2025-11-30'"
query(
    "12-04",
    "adoption_of_today",
    f"""
    select feature_name, adoption_rate_users_30d as adoption_30d
    from entities.entity_features where {OF_2025} and eligible_users > 0
    """,
)
query(
    "12-04",
    "tried_once",
    f"""
    select feature_name, avg((exists (
            select from intermediate.int_features__uses_daily as uses
            where uses.user_id = people.user_id and uses.feature_id = features.feature_id
                and uses.uses > 0 and uses.date between released_on and released_on + 29
        ))::int) as adoption_30d
    from entities.entity_features as features
    inner join intermediate.int_features__eligible_spans as people
        on valid_from <= released_on + 29 and valid_to > released_on + 29
        and plan_rank >= case features.min_plan_tier
            when 'starter' then 1 when 'growth' then 2 when 'pro' then 3 else 4 end
    where {OF_2025}
    group by 1
    """,
)
query(
    "12-04",
    "early_over_today",
    f"""
    select features.feature_name,
        1.0 * sum(days.users_adopted_30d) / min(features.eligible_users) as adoption_30d
    from entities.entity_features as features
    inner join entities.entity_features_daily as days
        on days.feature_id = features.feature_id and days.date = features.released_on + 29
    where {OF_2025} and features.eligible_users > 0
    group by 1
    having sum(days.eligible_users) > 0
    """,
)

# --- 12-05 and 12-06: experiments ---------------------------------------------------------------
SPLITS = """
    select experiment_name, control + treatment as units,
        power(treatment - (control + treatment) * {share}, 2)
        * (1 / ((control + treatment) * {share}) + 1 / ((control + treatment) * (1 - {share})))
            as chi_square
    from (
        select experiment_id, count(*) filter (where variant = 'control') as control,
            count(*) filter (where variant = 'treatment') as treatment
        from ({units}) as units
        group by 1
    ) as counted
    inner join entities.entity_features using (experiment_id)
    where experiment_status = 'completed'
"""
ASSIGNED = """
    select rows.*, units.account_id is not null as is_real, row_number() over (
            partition by rows.experiment_id, rows.unit_id order by rows.assigned_at, rows.variant
        ) as turn
    from staging.stg_app__experiment_assignments as rows
    left join intermediate.int_experiments__units as units using (experiment_id, unit_id)
"""
for name, share, units in (
    ("halves_assumed", "0.5", "select * from intermediate.int_experiments__units"),
    ("tests_counted", None, f"select * from ({ASSIGNED}) as a where turn = 1"),
    ("rows_counted", None, f"select * from ({ASSIGNED}) as a where is_real"),
    (
        "exposed_only",
        None,
        f"select * from ({ASSIGNED}) as a where is_real and turn = 1"
        " and first_exposed_at is not null",
    ),
):
    query("12-05", name, SPLITS.format(share=share or "exp_planned_treatment_share", units=units))

LIFTS = """
    select experiment_name,
        avg(outcome) filter (where variant = 'treatment')
        - avg(outcome) filter (where variant = 'control') as lift
    from ({outcomes}) as outcomes
    inner join entities.entity_features using (experiment_id)
    where experiment_status = 'completed' and experiment_metric = 'used_feature_14d'
    group by 1
"""
query(
    "12-06",
    "exposed_only",
    LIFTS.format(
        outcomes=f"""
        select outcomes.* from intermediate.int_experiments__outcomes as outcomes
        inner join ({ASSIGNED}) as rows using (experiment_id, unit_id)
        where is_primary and turn = 1 and rows.first_exposed_at is not null
        """
    ),
)
query(
    "12-06",
    "last_variant",
    LIFTS.format(
        outcomes=f"""
        select experiment_id, unit_id, outcome, (
                select variant from ({ASSIGNED}) as rows
                where rows.experiment_id = outcomes.experiment_id
                    and rows.unit_id = outcomes.unit_id
                order by turn desc limit 1
            ) as variant
        from intermediate.int_experiments__outcomes as outcomes
        where is_primary
        """
    ),
)
query(
    "12-06",
    "no_window",
    LIFTS.format(
        outcomes="""
        select experiment_id, variant, (exists (
                select from intermediate.int_features__uses_daily as uses
                where uses.feature_key = units.feature_key
                    and uses.last_used_at >= units.assigned_at
                    and units.unit_id = case units.unit_type
                        when 'user' then uses.user_id else uses.raw_account_id end
            ))::int as outcome
        from intermediate.int_experiments__units as units
        """
    ),
)

# --- 10-01 ------------------------------------------------------------------------------------
IN_2025 = "between date '2025-01-01' and date '2025-12-31'"
ADS = "platform in ('google_ads', 'facebook_ads', 'linkedin_ads')"
PAID = """
    select date_trunc('month', date)::date as month, platform, sum({column}) as spend_usd
    from entities.entity_campaigns_daily
    where date {year} and {ads}
    group by 1, 2
    having sum({column}) is not null
"""
query("10-01", "euros_as_dollars", PAID.format(column="spend_local", year=IN_2025, ads=ADS))
query(
    "10-01",
    "first_figures",
    PAID.format(column="spend_first_reported_usd", year=IN_2025, ads=ADS),
)
query(
    "10-01",
    "every_delivery",
    f"""
    select date_trunc('month', date)::date as month, platform, sum(spend_usd) as spend_usd
    from (
        select 'google_ads' as platform, date, cost_micros / 1e6 as spend_usd
        from raw_google_ads.ad_stats
        union all
        select 'facebook_ads', date, spend from raw_facebook_ads.basic_ad
        union all
        select 'linkedin_ads', (day at time zone 'UTC')::date, cost_in_usd
        from raw_linkedin_ads.ad_analytics_by_creative
    ) as delivered
    where date {IN_2025}
    group by 1, 2
    """,
)

# --- 10-02 ------------------------------------------------------------------------------------
query(
    "10-02",
    "mean_of_days",
    f"""
    select platform, avg(1.0 * clicks / nullif(impressions, 0)) as ctr
    from entities.entity_campaigns_daily where date {IN_2025} and {ADS} group by 1
    """,
)
query(
    "10-02",
    "mean_of_campaigns",
    f"""
    select platform, avg(1.0 * clicks / nullif(impressions, 0)) as ctr
    from (
        select platform, campaign_id, sum(clicks) as clicks, sum(impressions) as impressions
        from entities.entity_campaigns_daily where date {IN_2025} and {ADS} group by 1, 2
    ) as campaigns
    group by 1
    """,
)
query(
    "10-02",
    "first_figures",
    f"""
    select platform, 1.0 * sum(clicks) / sum(impressions) as ctr
    from (
        select distinct on (ad_id, date, device, ad_network_type) 'google_ads' as platform, date,
            clicks, impressions
        from raw_google_ads.ad_stats
        order by ad_id, date, device, ad_network_type, _arrived_at
    ) as google
    where date {IN_2025}
    group by 1
    union all
    select platform, 1.0 * sum(clicks) / sum(impressions)
    from (
        select distinct on (ad_id, date) 'facebook_ads' as platform, date,
            inline_link_clicks as clicks, impressions
        from raw_facebook_ads.basic_ad
        order by ad_id, date, _arrived_at
    ) as meta
    where date {IN_2025}
    group by 1
    union all
    select platform, 1.0 * sum(clicks) / sum(impressions)
    from (
        select distinct on (creative_id, day) 'linkedin_ads' as platform,
            (day at time zone 'UTC')::date as date, clicks, impressions
        from raw_linkedin_ads.ad_analytics_by_creative
        order by creative_id, day, _arrived_at
    ) as linkedin
    where date {IN_2025}
    group by 1
    """,
)

# --- 10-03 ------------------------------------------------------------------------------------
RECEIVED = """
    select
        mailings.email_kind as kind,
        1.0 * count({distinct} sent_event_id) filter (where event_type = 'open' and {who})
            / count(distinct sent_event_id) filter (where event_type = '{below}') as open_rate,
        1.0 * count({distinct} sent_event_id) filter (where event_type = 'click' and {who})
            / count(distinct sent_event_id) filter (where event_type = '{below}') as click_rate
    from staging.stg_hubspot__email_event as events
    inner join staging.stg_hubspot__email_campaign as mailings using (email_campaign_id)
    where (events.sent_at at time zone 'UTC')::date {year}
    group by 1
"""
for name, distinct, who, below in (
    ("events_counted", "", "not is_bot", "delivered"),
    ("machines_counted", "distinct", "true", "delivered"),
    ("sends_divided", "distinct", "not is_bot", "sent"),
):
    query("10-03", name, RECEIVED.format(distinct=distinct, who=who, below=below, year=IN_2025))

# --- 10-04 ------------------------------------------------------------------------------------
for name, left_out in (
    ("machines_counted", "is_office or has_login"),
    ("office_counted", "is_bot or has_login"),
    ("logins_counted", "is_bot or is_office"),
):
    query(
        "10-04",
        name,
        f"""
        select date_trunc('month', session_date)::date as month, count(*) as visits
        from intermediate.int_touches__sessions
        where session_date {IN_2025} and not ({left_out})
        group by 1
        """,
    )

# --- 10-05 ------------------------------------------------------------------------------------
CLAIMED = """
    select 'google_ads' as platform, sum(conversions) as claimed
    from {google} where date {year}
    union all
    select 'facebook_ads', sum({value}) from {meta} where date {year} and {action}
    union all
    select 'linkedin_ads', sum(external_website_conversions)
    from {linkedin} where (day at time zone 'UTC')::date {year}
"""
NEWEST = {
    "google": """(
        select distinct on (ad_id, date, device, ad_network_type) * from raw_google_ads.ad_stats
        order by ad_id, date, device, ad_network_type, _arrived_at desc
    ) as google""",
    "meta": """(
        select distinct on (ad_id, date, action_type) * from raw_facebook_ads.basic_ad_actions
        order by ad_id, date, action_type, _arrived_at desc
    ) as meta""",
    "linkedin": """(
        select distinct on (creative_id, day) * from raw_linkedin_ads.ad_analytics_by_creative
        order by creative_id, day, _arrived_at desc
    ) as linkedin""",
}
EVERY = {
    "google": "raw_google_ads.ad_stats",
    "meta": "raw_facebook_ads.basic_ad_actions",
    "linkedin": "raw_linkedin_ads.ad_analytics_by_creative",
}
WANTED = "action_type in ('lead', 'complete_registration')"
PARTS = "value + coalesce(_7_d_click, 0) + coalesce(_1_d_view, 0)"
for name, rows, value, action in (
    ("every_delivery", EVERY, "value", WANTED),
    ("every_action", NEWEST, "value", "true"),
    ("parts_and_whole", NEWEST, PARTS, WANTED),
):
    query("10-05", name, CLAIMED.format(**rows, value=value, action=action, year=IN_2025))

# --- 11-01, 11-03 -----------------------------------------------------------------------------
GROUPS = """
    select coalesce(email_test_group, 'outside') as who, count(*)::float as n,
        (count(*) filter (where signup_at > coalesce(lead_at, created_at)))::float as k
    from intermediate.int_campaigns__leads
    where email_test_group is not null or lead_at is not null
    group by 1
"""


def lifted(read, against="holdout", unit=False, alone=False):
    rows = read(GROUPS).set_index("who")
    shares = rows["k"] / rows["n"]
    n = rows["n"] + 2
    p = (rows["k"] + 1) / n
    errors = p * (1 - p) / n
    error = 1.96 * (errors["mailed"] + (0 if alone else errors[against])) ** 0.5
    middle = p["mailed"] - p[against]
    by = shares["holdout"] if unit else 1
    return pd.DataFrame(
        {
            "difference": [(shares["mailed"] - shares[against]) / by],
            "low": [(middle - error) / by],
            "high": [(middle + error) / by],
        }
    )


road("11-01", "outsiders_as_control")(lambda read: lifted(read, against="outside"))
road("11-01", "relative")(lambda read: lifted(read, unit=True))
road("11-01", "one_group")(lambda read: lifted(read, alone=True))


def needed(read, z=2.8, points=lambda p: 0.05, both=True):
    row = read(
        "select sign_ups, leads from marts.marketing_email_lift_test"
        " where email_test_group = 'holdout'"
    ).iloc[0]
    p = row["sign_ups"] / row["leads"]
    q = p + points(p)
    return z**2 * (p * (1 - p) + (q * (1 - q) if both else 0)) / points(p) ** 2


road("11-03", "no_power")(lambda read: needed(read, z=1.96))
road("11-03", "one_group")(lambda read: needed(read, both=False))
road("11-03", "relative")(lambda read: needed(read, points=lambda p: 0.05 * p))

# --- 11-02 ------------------------------------------------------------------------------------
HELD = """
    with treated as (
        select distinct country, region from marts.marketing_holdouts_weekly where is_social_off
    ),

    test as (
        select min(week) as first_week, max(week) as last_week
        from marts.marketing_holdouts_weekly
        where is_social_off
    )

    select treated.region is not null as is_treated, weekly.week >= test.first_week as is_during,
        sum(weekly.leads + weekly.sign_ups) + 0.5 as goals, count(distinct weekly.week) as weeks
    from marts.marketing_holdouts_weekly as weekly
    cross join test
    left join treated using (country, region)
    where weekly.week between test.first_week - 26 * 7 and test.last_week
    group by 1, 2
"""


def held(read, yardstick=True, z=1.96, all_counts=True):
    rows = read(HELD).set_index(["is_treated", "is_during"]).astype(float)
    goals, weeks = rows["goals"], rows["weeks"]
    a, b, c, d = goals[True, True], goals[True, False], goals[False, True], goals[False, False]
    by = c / d if yardstick else weeks[True, True] / weeks[True, False]
    error = z * (1 / a + 1 / b + (1 / c + 1 / d if all_counts else 0)) ** 0.5
    ratio = a / b / by
    return pd.DataFrame(
        {"ratio": [ratio], "low": [ratio * exp(-error)], "high": [ratio * exp(error)]}
    )


road("11-02", "before_and_after")(lambda read: held(read, yardstick=False, all_counts=False))
road("11-02", "one_error")(lambda read: held(read, z=1.0))
road("11-02", "treated_counts_only")(lambda read: held(read, all_counts=False))

# --- 07: devices ------------------------------------------------------------------------------
NOVEMBER = "date between date '2025-11-01' and date '2025-11-30'"
YEAR_2025 = "date between date '2025-01-01' and date '2025-12-31'"
DEVICE_DAYS = "from entities.entity_devices_daily"
for name, all_hours, in_open, where in (
    ("mean_of_days", "avg(uptime_pct)", "avg(uptime_open_hours_pct)", ""),
    (
        "days_off_as_zero",
        "sum(received_heartbeats)::numeric / sum(expected_heartbeats)",
        "avg(coalesce(uptime_open_hours_pct, 0))",
        "",
    ),
    (
        "survivors_only",
        "sum(received_heartbeats)::numeric / sum(expected_heartbeats)",
        "sum(open_received_heartbeats)::numeric / sum(open_expected_heartbeats)",
        "and device_id in (select device_id from entities.entity_devices where is_in_service)",
    ),
    (
        "days_all_or_nothing",
        "avg((received_heartbeats > 0)::int)",
        "sum((open_received_heartbeats > 0)::int)::numeric"
        " / sum((open_expected_heartbeats > 0)::int)",
        "",
    ),
):
    query(
        "07-01",
        name,
        f"select {all_hours} as uptime, {in_open} as uptime_open_hours"
        f" {DEVICE_DAYS} where {NOVEMBER} {where}",
    )

MTBF = "sum(operating_hours) / sum(failures)"
MTTR = "sum(repair_minutes) / 60.0 / sum(repairs_closed)"
ORDERS = """
    (select {hours} from intermediate.int_devices__work_orders
    where closed_date between date '2025-01-01' and date '2025-12-31' {where})
"""
for name, mtbf, mttr in (
    ("every_silence_counted", "sum(operating_hours) / sum(outages)", MTTR),
    (
        "every_order_counted",
        MTBF,
        ORDERS.format(
            hours="avg(round(extract(epoch from closed_at - opened_at) / 60)) / 60", where=""
        ),
    ),
    (
        "labour_only",
        MTBF,
        ORDERS.format(hours="avg(labour_minutes) / 60.0", where="and work_order_type = 'repair'"),
    ),
):
    query(
        "07-02",
        name,
        f"select {mtbf} as mtbf_hours, {mttr} as mttr_hours {DEVICE_DAYS} where {YEAR_2025}",
    )
query(
    "07-02",
    "broken_devices_only",
    f"""
    with devices as (
        select device_id, sum(operating_hours) as hours, sum(failures) as failures,
            sum(repair_minutes) as minutes, sum(repairs_closed) as repairs
        {DEVICE_DAYS} where {YEAR_2025} group by device_id
    )
    select sum(hours) filter (where failures > 0) / sum(failures) as mtbf_hours,
        sum(minutes) / 60.0 / sum(repairs) as mttr_hours
    from devices
    """,
)

for name, offline, where in (
    ("failed_only", "device_status = 'faulty'", "where is_in_service"),
    ("out_of_service_counted", "connectivity_status <> 'online'", ""),
    ("alerts_counted", "open_alerts > 0", "where is_in_service"),
):
    query(
        "07-03",
        name,
        f"""
        select country, count(*) as in_service, count(*) filter (where {offline}) as offline
        from entities.entity_devices {where} group by country
        """,
    )

ENOUGH = f"""
    firmware_version in (
        select firmware_version {DEVICE_DAYS} where {YEAR_2025} group by 1 having count(*) >= 100
    )
"""
ERRORS = "1000.0 * sum(error_count) / "
for name, of in (
    ("per_device", "count(distinct device_id)"),
    ("error_days_only", "count(*) filter (where error_count > 0)"),
):
    query(
        "07-04",
        name,
        f"select firmware_version, {ERRORS} nullif({of}, 0) as errors_per_1000_days {DEVICE_DAYS}"
        f" where {YEAR_2025} and {ENOUGH} group by 1",
    )
query(
    "07-04",
    "todays_firmware",
    f"""
    select now.firmware_version, {ERRORS} count(*) as errors_per_1000_days
    {DEVICE_DAYS} as days
    inner join entities.entity_devices as now using (device_id)
    where days.{YEAR_2025} and now.{ENOUGH.strip()}
    group by 1
    """,
)

SPRING = "business_date between date '2025-01-01' and date '2025-05-31'"
CELSIUS = "round(((temp - 32) * 5 / 9)::numeric, 2)"
for name, value in (
    ("new_column_only", "liquid_temp_c::numeric"),
    ("units_mixed", "coalesce(liquid_temp_c, temp)::numeric"),
    ("wrong_unit_kept", f"coalesce(liquid_temp_c::numeric, {CELSIUS})"),
):
    query(
        "07-05",
        name,
        f"""
        select date_trunc('month', business_date)::date as month, avg({value}) as avg_temp_c
        from raw_iot.device_telemetry_daily
        where {SPRING} and device_id in (select device_id from entities.entity_devices)
        group by 1 having avg({value}) is not null
        """,
    )
query(
    "07-05",
    "faulty_sensors_kept",
    f"""
    select date_trunc('month', business_date)::date as month,
        avg(liquid_temp_c::numeric) as avg_temp_c
    from staging.stg_iot__device_telemetry_daily
    where {SPRING} and device_id in (select device_id from entities.entity_devices)
    group by 1
    """,
)

FRIDAY = "extract(isodow from {}) = 5"
LOCAL_AT = "(hour_at at time zone timezone)"
for name, hour, where in (
    ("utc_hours", "extract(hour from hour_at)::int", FRIDAY.format("hour_at")),
    ("calendar_day", "local_hour", FRIDAY.format(LOCAL_AT)),
    (
        "late_reports_left_out",
        "local_hour",
        FRIDAY.format("business_date") + " and not is_late_arrival",
    ),
    ("all_days", "local_hour", "true"),
):
    query(
        "07-06",
        name,
        f"""
        select {hour} as local_hour, sum(pours) as pours
        from entities.entity_devices_hourly
        inner join (select device_id, timezone from entities.entity_devices) as zones
            using (device_id)
        where {where} group by 1 having sum(pours) > 0
        """,
    )

VERSIONS = """
    select {firmware} as firmware_version, count(*) as devices
    from entities.entity_devices_history as history
    inner join entities.entity_devices as now using (device_id)
    where history.valid_from <= '2025-07-01 00:00+00' and history.valid_to > '2025-07-01 00:00+00'
        and history.superseded_at = '9999-12-31 00:00+00' and {where}
    group by 1
"""
WORKING = "{}.device_status in ('active', 'faulty')"
for name, firmware, where in (
    ("todays_firmware", "now.firmware_version", WORKING.format("history")),
    ("out_of_service_counted", "history.firmware_version", "true"),
    (
        "survivors_only",
        "history.firmware_version",
        f"{WORKING.format('history')} and {WORKING.format('now')}",
    ),
):
    query("07-07", name, VERSIONS.format(firmware=firmware, where=where))
query(
    "07-07",
    "answered_for_today",
    "select firmware_version, count(*) as devices from entities.entity_devices"
    " where device_status in ('active', 'faulty') group by 1",
)

# --- 08-01 ------------------------------------------------------------------------------------
EXPORTS = """
    with exports as (
        select *, right(location_ref, 8) as code, upper(currency) as unit,
            row_number() over (
                partition by location_ref, business_date
                order by _arrived_at {order}, _row_no {order}
            ) as export
        from raw_pos.location_daily_sales
        where business_date between '2025-12-01' and '2025-12-31'
    )
    select unit as currency,
        sum(gross_sales::numeric / case when unit = 'JPY' then {yen} else 1 end) as takings_local,
        sum(gross_sales::numeric * rate_to_usd / case when unit = 'JPY' then {yen} else 1 end)
            as takings_usd
    from exports
    inner join {venues} as venues on upper(right(venues.location_id, 8)) = exports.code
    inner join intermediate.int_finance__fx_daily as rates
        on rates.currency = unit and rates.date = business_date::date
    where {which}
    group by 1
"""
OURS, ANYBODY = "entities.entity_locations", "staging.stg_app__locations"
for name, order, yen, venues, which in (
    ("exports_added", "desc", 1, OURS, "true"),
    ("first_export", "asc", 1, OURS, "export = 1"),
    ("yen_as_cents", "desc", 100, OURS, "export = 1"),
    ("tests_counted", "desc", 1, ANYBODY, "export = 1"),
):
    query("08-01", name, EXPORTS.format(order=order, yen=yen, venues=venues, which=which))

# --- 08-02 ------------------------------------------------------------------------------------
POURS = """
    with places as (select distinct device_id, location_id from staging.stg_iot__device_assignment)
    select ({day})::date as date, sum(pour_count) as pours
    from staging.stg_iot__device_telemetry_hourly
    inner join places using (device_id)
    inner join entities.entity_locations using (location_id)
    where ({day})::date between '2025-12-22' and '2025-12-28' and pour_count is not null
    group by 1
"""
for name, day in (
    ("utc_days", "reported_at at time zone 'UTC'"),
    ("calendar_days", "reported_at at time zone timezone"),
    ("utc_days_moved", "reported_at at time zone 'UTC' - interval '6 hours'"),
):
    query("08-02", name, POURS.format(day=day))

# --- 08-03 ------------------------------------------------------------------------------------
UNSOLD = """
    select country, {share} as unsold_share
    from entities.entity_locations_daily
    where date between '2025-12-01' and '2025-12-31' and volume_l is not null and {which}
    group by 1
"""
SOLD = "sold_l is not null"
PINTS = "sum(volume_l - 0.473 * draft_units) / sum(volume_l)"
for name, share, which in (
    ("mean_of_days", "avg((volume_l - sold_l) / nullif(volume_l, 0))", SOLD),
    ("one_size", PINTS, SOLD),
    ("unreported_as_waste", "sum(volume_l - coalesce(sold_l, 0)) / sum(volume_l)", "true"),
    ("by_what_was_sold", "sum(volume_l - sold_l) / sum(sold_l)", SOLD),
):
    query("08-03", name, UNSOLD.format(share=share, which=which))

# --- 08-04 ------------------------------------------------------------------------------------
PER_TAP = """
    select venue_type, {value} as revenue_per_tap_usd
    from entities.entity_locations
    left join (
        select location_id, sum(pos_revenue_local) as takings
        from entities.entity_locations_daily
        where date between '2025-12-02' and '2025-12-31' group by 1
    ) as local using (location_id)
    where location_status = 'open' and not is_deleted and {which}
    group by 1
"""
TOOK, RATIO = "pos_revenue_30d_usd is not null", "sum(pos_revenue_30d_usd) / sum(tap_count)"
for name, value, which in (
    ("mean_of_venues", "avg(pos_revenue_30d_usd / tap_count)", TOOK),
    ("silent_tills_counted", RATIO, "true"),
    ("currencies_added", "sum(takings) / sum(tap_count)", TOOK),
):
    query("08-04", name, PER_TAP.format(value=value, which=which))

# --- 08-05 ------------------------------------------------------------------------------------
USUAL = """
    with sales as (
        select location_id, date, pos_revenue_usd as usd from entities.entity_locations_daily
        where country = 'US' and pos_revenue_usd is not null
    ),
    dates as (select unnest(array['2025-11-26', '2025-11-27', '2025-11-28']::date[]) as date),
    usual as (
        select dates.date, location_id, avg(usd) as usual
        from dates inner join sales on {before}
        group by 1, 2 having count(*) >= {fewest}
    )
    select date, sum(usd) / sum(usual) as times_usual
    from usual {how} join sales using (location_id, date)
    group by 1
"""
SAME_DAYS = "(dates.date - sales.date) % 7 = 0 and dates.date - sales.date between {} and {}"
for name, before, fewest, how in (
    ("days_before", "dates.date - sales.date between 1 and 8", 4, "left"),
    ("week_before", SAME_DAYS.format(7, 7), 1, "left"),
    ("closed_left_out", SAME_DAYS.format(7, 56), 4, "inner"),
):
    query("08-05", name, USUAL.format(before=before, fewest=fewest, how=how))

# --- 08-06 ------------------------------------------------------------------------------------
THEN = """
    with dates as (
        select date, (date + 1)::timestamp at time zone 'UTC' as at
        from unnest(array['2025-03-31', '2025-06-30', '2025-09-30', '2025-12-31']::date[]) as date
    )
    select date, count(*) as venues, sum({devices}) as devices
    from dates
    inner join entities.entity_locations_history as history
        on {version} and superseded_at = '9999-12-31 00:00:00+00'
    inner join entities.entity_locations as now using (location_id)
    where {which}
    group by 1
"""
OF_THEN = "valid_from <= at and at < valid_to"
WAS_OPEN = "history.location_status = 'open' and not history.is_deleted"
IS_OPEN = "now.location_status = 'open' and not now.is_deleted"
EVER_HUNG = """(
    select count(*) from staging.stg_iot__device_assignment as hung
    where hung.location_id = history.location_id and hung.installed_at <= at
)"""
for name, devices, version, which in (
    ("as_of_today", "history.device_count", "is_current", WAS_OPEN),
    ("survivors_only", "history.device_count", OF_THEN, IS_OPEN),
    ("todays_devices", "now.device_count", OF_THEN, WAS_OPEN),
    ("removals_ignored", EVER_HUNG, OF_THEN, WAS_OPEN),
):
    query("08-06", name, THEN.format(devices=devices, version=version, which=which))
