"""Questions about the product: who uses it, how often, and what becomes of users."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from taproom.answers.questions.activity import errors, rolling_users, users, uses
from taproom.answers.questions.reference import Delivered, reference

ROBOTS = "(?i)(bot|crawler|spider|slurp|monitor)"
OFFICE = "203.0.113."


@reference("Q32")
def active_users(given: Delivered) -> pl.DataFrame:
    days = pl.date_range(given.today - timedelta(days=89), given.today, eager=True).alias("date")
    used = uses(given).select("user_id", "date").unique()
    rows = []
    for day in days:
        row = {"date": day}
        for name, length in (("dau", 1), ("wau", 7), ("mau", 30)):
            since = day - timedelta(days=length - 1)
            row[name] = used.filter(pl.col("date").is_between(since, day))["user_id"].n_unique()
        rows.append(row)
    return pl.DataFrame(rows)


@reference("Q38")
def stickiness(given: Delivered) -> pl.DataFrame:
    days = (
        given.book.daily.filter("is_alive", pl.col("date") >= pl.date(2024, 1, 1))
        .sort("mrr_usd", "subscription_id", descending=[True, False])
        .unique(["account_id", "date"], keep="first", maintain_order=True)
        .select("account_id", "date", "plan_tier")
    )
    days = days.filter(
        pl.col("date").dt.month_end() <= given.today, pl.col("date") <= given.today
    ).with_columns(month=pl.col("date").dt.month_start())
    daily = rolling_users(given, 1, days)
    ends = rolling_users(given, 30, days.filter(pl.col("date") == pl.col("date").dt.month_end()))
    by = ["month", "plan_tier"]
    dau = daily.group_by(by).agg(total=pl.col("users").sum())
    mau = ends.group_by(by).agg(mau_at_month_end=pl.col("users").sum())
    both = dau.join(mau, on=by).with_columns(
        mean_dau=pl.col("total") / pl.col("month").dt.month_end().dt.day()
    )
    both = both.filter(pl.col("mau_at_month_end") > 0)
    return both.select(
        *by,
        "mean_dau",
        "mau_at_month_end",
        stickiness=pl.col("mean_dau") / pl.col("mau_at_month_end"),
    )


@reference("Q39")
def activation(given: Delivered) -> pl.DataFrame:
    rows = users(given).with_columns(
        days=(pl.col("activated_at") - pl.coalesce("invited_at", "created_at")).dt.total_seconds()
        / 86_400
    )
    return rows.group_by("role").agg(
        users=pl.len(),
        activated=pl.col("activated_at").is_not_null().sum(),
        median_days_to_activation=pl.col("days").median(),
    )


@reference("Q35")
def weekly_retention(given: Delivered) -> pl.DataFrame:
    monday = given.today + timedelta(days=1)
    monday -= timedelta(days=monday.weekday())
    people = (
        users(given)
        .with_columns(cohort=pl.col("created_at").dt.date().dt.truncate("1w"))
        .filter(pl.col("cohort") >= monday - timedelta(weeks=26), pl.col("cohort") < monday)
    )
    weeks = uses(given).select("user_id", week=pl.col("date").dt.truncate("1w")).unique()
    sizes = people.group_by("cohort").agg(cohort_users=pl.len())
    grid = sizes.with_columns(
        week=pl.date_ranges("cohort", pl.lit(monday - timedelta(weeks=1)), "1w")
    ).explode("week")
    active = people.join(weeks, on="user_id").group_by("cohort", "week").agg(active_users=pl.len())
    rows = grid.join(active, on=["cohort", "week"], how="left").with_columns(
        pl.col("active_users").fill_null(0)
    )
    return rows.select(
        "cohort_users",
        "active_users",
        signup_cohort_week="cohort",
        weeks_since_signup=(pl.col("week") - pl.col("cohort")).dt.total_days() // 7,
        retention=pl.col("active_users") / pl.col("cohort_users"),
    ).filter(pl.col("weeks_since_signup") <= 12)


@reference("Q40")
def errors_after_release(given: Delivered) -> pl.DataFrame:
    features = given.landing.newest("app", "features").select(
        feature="key", feature_name="name", released=pl.col("released_at").dt.date()
    )
    seen = pl.concat(
        [
            uses(given).with_columns(error=pl.lit(0)),
            errors(given).with_columns(error=pl.lit(1)),
        ]
    ).join(features, on="feature")
    seen = seen.filter(
        pl.col("released") >= pl.date(2024, 1, 1), pl.col("date") <= given.today
    ).with_columns(age=(pl.col("date") - pl.col("released")).dt.total_days())
    spans = {"week_1": (0, 6), "days_8_to_30": (7, 29), "days_31_to_60": (30, 59)}
    counts, rates = [pl.len().alias("_all")], []
    for name, (first, last) in spans.items():
        here = pl.col("age").is_between(first, last)
        counts += [here.sum().alias(f"events_{name}"),
                   (here & (pl.col("error") == 1)).sum().alias(f"errors_{name}")]  # fmt: skip
        rates.append(
            pl.when(pl.col(f"events_{name}") > 0)
            .then(pl.col(f"errors_{name}") / pl.col(f"events_{name}"))
            .alias(f"error_rate_{name}")
        )
    rows = seen.filter(pl.col("age").is_between(0, 59)).group_by("feature_name").agg(counts)
    return rows.with_columns(rates).select(
        "feature_name", *(f"{kind}_{name}" for name in spans for kind in ("events", "error_rate"))
    )


@reference("Q28")
def champions_unseen(given: Delivered) -> pl.DataFrame:
    seen = last_seen(given)
    names = dict(given.accounts.select("account_id", "account_name").rows())
    rows = [
        {
            "user_id": user,
            "account_name": names[account],
            "days_since_seen": (given.today - seen[user]).days,
        }
        for user, account in champions(given).items()
        if (given.today - seen[user]).days > 14
    ]
    schema = {"user_id": pl.String, "account_name": pl.String, "days_since_seen": pl.Int64}
    return pl.DataFrame(rows, schema=schema)


@reference("Q49")
def first_features(given: Delivered) -> pl.DataFrame:
    features = given.landing.newest("app", "features").select(
        feature="key", feature_area="area", feature_name="name"
    )
    used = uses(given).group_by("user_id", "feature").agg(pl.col("at").min())
    first = used.sort("at", "feature").unique("user_id", keep="first", maintain_order=True)
    rows = first.join(features, on="feature").with_columns(
        champion=pl.col("user_id").is_in(list(champions(given)))
    )
    counts = rows.group_by("feature_area", first_feature="feature_name").agg(
        users=pl.len(), champions=pl.col("champion").sum()
    )
    return counts.filter(pl.col("champions") > 0).with_columns(
        share_of_users=pl.col("champions") / pl.col("users")
    )


def champions(given: Delivered) -> dict[str, str]:
    """User → account: of its working logins the busiest of 90 days, six days at least."""
    recent = uses(given).filter(given.last_days(90), pl.col("date") <= given.today)
    busy = recent.group_by("user_id").agg(days=pl.col("date").n_unique(), events=pl.len())
    rows = users(given).filter(pl.col("status") == "active", pl.col("deleted_at").is_null())
    rows = rows.join(busy, on="user_id").filter(pl.col("days") >= 6)
    rows = rows.sort("days", "events", "user_id", descending=[True, True, False])
    best = rows.unique("account_id", keep="first", maintain_order=True)
    return dict(best.select("user_id", "account_id").rows())


def last_seen(given: Delivered) -> dict[str, date]:
    """User → last UTC day with anything the application tracked of him while signed in."""
    land, parts = given.landing, []
    for table in ("tracks", "pages"):
        rows = land.newest("segment", table).filter(
            pl.col("user_id").is_not_null(),
            pl.col("timestamp") < land.as_of,
            ~pl.col("context_user_agent").str.contains(ROBOTS).fill_null(False),
            ~pl.col("context_ip").str.starts_with(OFFICE).fill_null(False),
        )
        parts.append(rows.select("user_id", "timestamp"))
    seen = pl.concat(parts).group_by("user_id").agg(pl.col("timestamp").max().dt.date())
    return dict(seen.rows())
