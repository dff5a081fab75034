"""Questions about single customers: why they left, how they fare, who needs a call."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from taproom.answers.questions.activity import users, uses
from taproom.answers.questions.adoption import end_of
from taproom.answers.questions.fleet import device_days, devices, venues
from taproom.answers.questions.health import health, support_numbers, term
from taproom.answers.questions.reference import Delivered, reference
from taproom.answers.questions.standing import Standing, standings
from taproom.answers.terms import Subscription

CUSTOMERS = ("active", "past_due", "paused")


@reference("Q26")
def churn_reasons(given: Delivered) -> pl.DataFrame:
    last: dict[str, tuple] = {}
    living = set()
    for one in given.book.subscriptions:
        if one.states and one.states[-1].is_alive:
            living.add(one.account_id)
        end = _end(one)
        if end and end > last.get(one.account_id, (end[0].min.replace(tzinfo=end[0].tzinfo),)):
            last[one.account_id] = end
    rows = pl.DataFrame(
        [
            {"churn_type": kind, "churn_reason": reason}
            for account, (_, kind, reason) in last.items()
            if account not in living
        ]
    )
    counts = rows.group_by("churn_type", "churn_reason").agg(customers=pl.len())
    return counts.with_columns(share=pl.col("customers") / rows.height)


def _end(one: Subscription) -> tuple | None:
    """Instant, type and reason of the end of a subscription's last life; None if none ended."""
    found = None
    for number in range(1, len(one.states)):
        before, after = one.states[number - 1], one.states[number]
        if before.is_alive and not after.is_alive:
            unpaid = after.status == "unpaid"
            given_up = before.status == "past_due" and not before.is_leaving
            found = (one.instants[number], "involuntary" if unpaid or given_up else "voluntary")
    if found is None:
        return None
    row = max(one.versions, key=lambda version: version.start).row
    return (*found, row["cancellation_feedback"] or row["cancellation_reason"])


def _mrr(given: Delivered) -> dict[str, float]:
    """Account → MRR in US dollars today."""
    return dict(given.on(given.today).select("account_id", "mrr_usd").rows())


def _named(given: Delivered) -> dict[str, tuple[str, str]]:
    """Account → name and country."""
    return {account: (name, country) for account, name, country in given.accounts.rows()}


def _today(given: Delivered) -> dict[str, Standing]:
    return given.kept(("standing", given.today), lambda: standings(given, end_of(given.today)))


@reference("Q09")
def red_money(given: Delivered) -> pl.DataFrame:
    well, named = health(given, given.today), _named(given)
    rows = [
        {"country": named[account][1], "mrr": mrr, "red": well[account].band == "red"}
        for account, mrr in _mrr(given).items()
        if mrr > 0
    ]
    red = pl.col("mrr").filter("red").sum()
    return (
        pl.DataFrame(rows)
        .group_by("country")
        .agg(
            red_customers=pl.col("red").sum(),
            red_mrr_usd=red,
            share_of_mrr=red / pl.col("mrr").sum(),
        )
    )


@reference("Q22")
def most_at_risk(given: Delivered) -> pl.DataFrame:
    named, money = _named(given), _mrr(given)
    rows = [
        {
            "account_id": account,
            "account_name": named[account][0],
            "mrr_usd": money[account],
            "churn_probability_90d": one.churn,
            "mrr_at_risk_usd": money[account] * one.churn,
            "churn_risk_top_driver": one.driver,
        }
        for account, one in health(given, given.today).items()
        if one.churn and money.get(account, 0.0) > 0
    ]
    rows.sort(key=lambda row: (-round(row["mrr_at_risk_usd"], 6), row["account_id"]))
    return pl.DataFrame(rows[:25], infer_schema_length=None)


@reference("Q23")
def bands(given: Delivered) -> pl.DataFrame:
    rows = [
        {"segment": given.segments.get(account, "solo"), "health_band": one.band}
        for account, one in health(given, given.today).items()
        if one.status in ("active", "past_due")
    ]
    counts = pl.DataFrame(rows).group_by("segment", "health_band").agg(customers=pl.len())
    return counts.with_columns(
        share=pl.col("customers") / pl.col("customers").sum().over("segment")
    )


@reference("Q24")
def falls(given: Delivered) -> pl.DataFrame:
    now, before = (health(given, given.today - timedelta(days=n)) for n in (0, 30))
    named, money = _named(given), _mrr(given)
    rows = [
        {
            "account_id": account,
            "account_name": named[account][0],
            "mrr_usd": money.get(account, 0.0),
            "health_score_30d_ago": before[account].score,
            "health_score": one.score,
            "change": one.score - before[account].score,
        }
        for account, one in now.items()
        if account in before and before[account].score - one.score >= 20 - 1e-9
    ]
    return pl.DataFrame(rows)


@reference("Q25")
def renewals(given: Delivered) -> pl.DataFrame:
    named, money = _named(given), _mrr(given)
    due: dict[str, date] = {}
    for one in given.book.subscriptions:
        state = one.at(given.landing.as_of)
        if state is not None and state.is_alive and not state.is_leaving:
            day = _period_end(given, one)
            due[one.account_id] = min(day, due.get(one.account_id, day))
    rows = []
    for account, one in health(given, given.today).items():
        until = given.today + timedelta(days=60)
        if one.risk not in ("high", "medium") or account not in due:
            continue
        if term(given, account, given.today)[0] != "year":
            continue
        if given.today < due[account] <= until:
            rows.append(
                {
                    "account_id": account,
                    "account_name": named[account][0],
                    "mrr_usd": money.get(account, 0.0),
                    "next_renewal_date": due[account],
                    "churn_probability_90d": one.churn,
                    "churn_risk_top_driver": one.driver,
                }
            )
    return pl.DataFrame(rows)


def _period_end(given: Delivered, one: Subscription) -> date:
    """Day on which the period paid for ends; it moved from the subscription to its items."""

    def make() -> dict[str, datetime]:
        rows = given.landing.rows("stripe", "subscription_item")
        ends = rows.group_by("subscription_id").agg(pl.col("current_period_end").max())
        return dict(ends.rows())

    ends = [given.kept("period ends", make).get(one.id)]
    ends += [version.row.get("current_period_end") for version in one.versions]
    return max(end for end in ends if end is not None).date()


@reference("Q27")
def calibration(given: Delivered) -> pl.DataFrame:
    then = given.today - timedelta(days=90)
    scored = {a: one.churn for a, one in health(given, then).items() if one.churn is not None}
    ends = given.book.accounts.filter(
        pl.col("was_alive") & ~pl.col("is_alive"),
        pl.col("date") > then,
        pl.col("date") <= given.today,
    )
    gone = set(ends["account_id"])
    order = sorted(scored, key=lambda account: (scored[account], account))
    size, more = divmod(len(order), 10)
    rows, start = [], 0
    for n in range(min(10, len(order))):
        part = order[start : start + size + (n < more)]
        start += len(part)
        lost = sum(account in gone for account in part)
        rows.append(
            {
                "decile": n + 1,
                "customers": len(part),
                "mean_score": sum(scored[account] for account in part) / len(part),
                "customers_left": lost,
                "share_left": lost / len(part),
            }
        )
    return pl.DataFrame(rows)


@reference("Q29")
def seats(given: Delivered) -> pl.DataFrame:
    logins = users(given).filter(pl.col("status") != "deactivated", pl.col("deleted_at").is_null())
    counts = dict(logins.group_by("account_id").agg(pl.len()).rows())
    month = uses(given).filter(given.last_days(30), pl.col("date") <= given.today)
    active = dict(month.group_by("account_id").agg(pl.col("user_id").n_unique()).rows())
    named, standing = _named(given), _today(given)
    return pl.DataFrame(
        [
            {
                "account_id": account,
                "account_name": named[account][0],
                "seats": count,
                "active_users_30d": active.get(account, 0),
                "seat_utilisation": min(1.0, active.get(account, 0) / count),
            }
            for account, count in counts.items()
            if count > 10 and standing[account].status in CUSTOMERS
        ]
    )


@reference("Q31")
def outages_and_tickets(given: Delivered) -> pl.DataFrame:
    # Of each UTC day the business day that ended in it: 30 of them, for devices then in service.
    since, until = given.today - timedelta(days=30), given.today - timedelta(days=1)
    days = device_days(given).filter(pl.col("business_date").is_between(since, until))
    sums = days.group_by("account_id").agg(pl.col("heartbeats", "expected_heartbeats").sum())
    here = devices(given).filter(pl.col("removed_at").is_null())
    counts = dict(here.group_by("account_id").agg(pl.len()).rows())
    tickets, standing = support_numbers(given, given.today), _today(given)
    rows = [
        {
            "had_low_uptime": heard / due < 0.95,
            "devices": counts[account],
            "tickets": tickets[account]["tickets_30d"] if account in tickets else 0,
        }
        for account, heard, due in sums.rows()
        if due and counts.get(account) and standing[account].status in CUSTOMERS
    ]
    total = pl.col("tickets").sum()
    return (
        pl.DataFrame(rows)
        .group_by("had_low_uptime")
        .agg(
            customers=pl.len(),
            tickets=total,
            tickets_per_customer=total / pl.len(),
            tickets_per_device=total / pl.col("devices").sum(),
        )
    )


@reference("Q30")
def one_customer(given: Delivered) -> pl.DataFrame:
    """The customer with most venues, at the last six month-ends."""
    standing = _today(given)
    counts = venues(given).filter(pl.col("status") != "closed", ~pl.col("is_deleted"))
    sizes = dict(counts.group_by("account_id").agg(pl.len()).rows())
    active = [account for account, one in standing.items() if one.status == "active"]
    example = min(active, key=lambda account: (-sizes.get(account, 0), account))
    rows, first = [], (given.today + timedelta(days=1)).replace(day=1)
    for _ in range(6):
        day = first - timedelta(days=1)
        then = standings(given, end_of(day))
        if example in then:
            well = health(given, day).get(example)
            rows.append(
                {
                    "month_end": day,
                    "account_id": example,
                    "customer_status": then[example].status,
                    "plan_tier": then[example].plan,
                    "health_band": well.band if well else None,
                }
            )
        first = day.replace(day=1)
    return pl.DataFrame(rows, infer_schema_length=None)
