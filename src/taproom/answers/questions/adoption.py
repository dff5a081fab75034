"""Questions about features: who may use them, who does, and how accounts that do fare."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from taproom.answers.questions.activity import users, uses
from taproom.answers.questions.reference import Delivered, reference
from taproom.answers.questions.standing import Standing, standings


def end_of(day: date) -> datetime:
    """The instant a UTC day ends."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def features(given: Delivered) -> list[dict]:
    """key, name, area, min_plan, released (UTC day) of every feature."""
    rows = given.landing.newest("app", "features").select(
        "key", "name", "area", "min_plan", released=pl.col("released_at").dt.date()
    )
    return rows.to_dicts()


def logins(given: Delivered, at: datetime) -> dict[str, str]:
    """User → account, of those whose login works at an instant."""
    rows = given.landing.rows("app", "users")
    gone = rows.filter((pl.col("status") == "deactivated") | pl.col("deleted_at").is_not_null())
    left = dict(gone.group_by("id").agg(pl.col("updated_at").min()).rows())
    begun = dict(rows.group_by("id").agg(pl.col("activated_at").min()).rows())
    return {
        user: account
        for user, account in users(given).select("user_id", "account_id").rows()
        if begun[user] is not None and begun[user] <= at and not (user in left and left[user] <= at)
    }


def adopters(given: Delivered, day: date, feature: dict) -> tuple[int, int]:
    """Users who may use a feature at a day's end, and of these who did on two days of 30."""
    standing = _standing(given, day)
    may = {
        user
        for user, account in _logins(given, day).items()
        if account in standing and standing[account].may_use(feature["min_plan"])
    }
    days = uses(given).filter(
        pl.col("feature") == feature["key"],
        pl.col("date").is_between(day - timedelta(days=29), day),
    )
    counts = days.group_by("user_id").agg(days=pl.col("date").n_unique())
    twice = set(counts.filter(pl.col("days") >= 2)["user_id"])
    return len(may), len(may & twice)


def _standing(given: Delivered, day: date) -> dict[str, Standing]:
    return given.kept(("standing", day), lambda: standings(given, end_of(day)))


def _logins(given: Delivered, day: date) -> dict[str, str]:
    return given.kept(("logins", day), lambda: logins(given, end_of(day)))


@reference("Q33")
def little_adopted(given: Delivered) -> pl.DataFrame:
    rows = []
    for one in features(given):
        may, adopted = adopters(given, given.today, one)
        if may and adopted / may < 0.1:
            rows.append(
                {
                    "feature_name": one["name"],
                    "feature_area": one["area"],
                    "eligible_users": may,
                    "users_adopted": adopted,
                    "adoption": adopted / may,
                }
            )
    return pl.DataFrame(rows)


@reference("Q34")
def releases(given: Delivered) -> pl.DataFrame:
    rows = []
    for one in features(given):
        if one["released"] <= given.today.replace(year=given.today.year - 1):
            continue
        row = {"feature_name": one["name"], "released_on": one["released"]}
        for name, days in (("adoption_30d", 29), ("adoption_90d", 89)):
            day = one["released"] + timedelta(days=days)
            may, adopted = adopters(given, day, one) if day <= given.today else (0, 0)
            row[name] = adopted / may if may else None
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


@reference("Q36")
def churn_with_and_without(given: Delivered) -> pl.DataFrame:
    then = given.today - timedelta(days=90)
    standing = _standing(given, then)
    lived = ("active", "past_due", "paused")
    customers = sorted(account for account, one in standing.items() if one.status in lived)
    ends = given.book.accounts.filter(
        pl.col("was_alive") & ~pl.col("is_alive"), pl.col("date") > then,
        pl.col("date") <= given.today,
    )  # fmt: skip
    churned = set(ends["account_id"])
    month = uses(given).filter(pl.col("date").is_between(then - timedelta(days=29), then))
    busy = dict(month.unique(["user_id", "date"]).group_by("account_id").agg(days=pl.len()).rows())
    order = sorted(customers, key=lambda account: (busy.get(account, 0), account))
    third = {account: n for n, part in enumerate(_thirds(order)) for account in part}
    rows = []
    for one in features(given):
        if one["released"] > then:
            continue
        used = set(month.filter(pl.col("feature") == one["key"])["account_id"])
        may = [a for a in customers if _may(standing[a], one["min_plan"])]
        row = _compare(may, used, churned, third)
        if row["user_accounts"] + row["other_accounts"]:
            rows.append({"feature_name": one["name"]} | row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _may(standing: Standing, plan: str) -> bool:
    """Whether the plan has the feature; a paused customer still has its plan."""
    return Standing("active", standing.plan).may_use(plan)


def _thirds(order: list[str]) -> list[list[str]]:
    size, more = divmod(len(order), 3)
    parts, start = [], 0
    for n in range(3):
        end = start + size + (n < more)
        parts.append(order[start:end])
        start = end
    return parts


def _compare(may: list[str], used: set[str], churned: set[str], third: dict[str, int]) -> dict:
    def rate(some: list[str]) -> float | None:
        return sum(account in churned for account in some) / len(some) if some else None

    mine = [account for account in may if account in used]
    others = [account for account in may if account not in used]
    a, b = rate(mine), rate(others)
    total, weight = 0.0, 0
    for n in range(3):
        here = [[x for x in some if third[x] == n] for some in (mine, others)]
        if all(here):
            size = len(here[0]) + len(here[1])
            total, weight = total + size * (rate(here[0]) - rate(here[1])), weight + size
    return {
        "user_accounts": len(mine),
        "user_churn_90d": a,
        "other_accounts": len(others),
        "other_churn_90d": b,
        "difference": None if a is None or b is None else a - b,
        "difference_of_like": total / weight if weight else None,
    }
