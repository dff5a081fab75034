"""How people use the application, measured from the delivered rows as an analyst would."""

from __future__ import annotations

import numpy as np
import polars as pl

from taproom.world import clock
from taproom.world.calibrate.measures import Row
from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.facts import TIERS

SOURCES = ("app", "segment")
_LOGINS = ("signed_in", "signed_up", "invitation_accepted", "error_shown")


def _text(table) -> pl.DataFrame:
    return pl.from_arrow(table).with_columns(pl.col(pl.Categorical).cast(pl.String))


def _events(c: Context, days: int) -> pl.DataFrame:
    """Uses of features in the last complete days, once each, of accounts that are no test."""
    found = c.rows("segment", "tracks", c.as_of - days * DAY)
    names = ["id", "user_id", "event", "timestamp", "properties", "context_group_id"]
    events = _text(found.select(names)).unique("id")
    return (
        events.filter(~pl.col("event").is_in(_LOGINS))
        .filter(~pl.col("context_group_id").is_in(_tests(c).implode()))
        .with_columns(
            pl.col("timestamp").dt.date().alias("day"),
            pl.col("properties").str.json_path_match("$.feature").alias("feature"),
        )
        .filter(pl.col("day") >= clock.as_date(c.until - days))
    )


def _newest(c: Context, table: str) -> pl.DataFrame:
    rows = pl.from_arrow(c.rows("app", table)).sort("updated_at")
    return rows.unique("id", keep="last", maintain_order=True)


def _tests(c: Context) -> pl.Series:
    return _newest(c, "accounts").filter(pl.col("is_test"))["id"]


def activity(c: Context) -> list[Row]:
    """Stickiness, sessions and weekdays over the last 90 days."""
    events = _events(c, 90)
    ratios, sessions = [], []
    for back in (0, 30, 60):
        last = clock.as_date(c.until - 1 - back)
        first = clock.as_date(c.until - 30 - back)
        month = events.filter(pl.col("day").is_between(first, last))
        mau = month["user_id"].n_unique()
        dau = month.select("user_id", "day").n_unique() / 30
        ratios.append(dau / mau)
        times = month.sort("user_id", "timestamp")
        gap = times["timestamp"].diff().dt.total_seconds()
        new = (gap > 1_800) | (times["user_id"] != times["user_id"].shift()) | gap.is_null()
        sessions.append(new.sum() / mau)
    days = events.select("user_id", "day").unique()
    weekday = (days["day"].dt.weekday() <= 5).mean()
    return [
        Row("DAU/MAU", float(np.mean(ratios)), 0.13, 0.18),
        Row("sessions of a monthly active user in 30 days", float(np.mean(sessions)), 5.0, 8.0),
        Row("active days on Monday to Friday", float(weekday), 0.76, 0.86),
    ]


def adoption(c: Context) -> list[Row]:
    """Share of eligible users who used a key feature on two days or more of the last 30."""
    events = _events(c, 30)
    accounts = _newest(c, "accounts").filter(
        pl.col("status").is_in(["trial", "active", "past_due"]) & ~pl.col("is_test")
    )
    tier = pl.DataFrame({"plan_code": list(TIERS), "tier": range(len(TIERS))})
    users = (
        _newest(c, "users")
        .filter(pl.col("status") == "active")
        .join(accounts.select("id", "plan_code"), left_on="account_id", right_on="id")
        .join(tier, on="plan_code")
    )
    features = pl.from_arrow(c.rows("app", "features")).filter(pl.col("is_key"))
    adopted = (
        events.group_by("user_id", "feature")
        .agg(pl.col("day").n_unique())
        .filter(pl.col("day") > 1)
    )
    shares = []
    for f in features.to_dicts():
        eligible = users.filter(pl.col("tier") >= TIERS.index(f["min_plan"]))["id"]
        mine = adopted.filter(pl.col("feature") == f["key"])["user_id"]
        shares.append(float(eligible.is_in(mine.implode()).mean()))
    return [
        Row("adoption of key features, mean", float(np.mean(shares)), 0.20, 0.28),
        Row("adoption of key features, median", float(np.median(shares)), 0.12, 0.20),
    ]


def tracking(c: Context) -> list[Row]:
    """Share of the page views that are nobody's, and of late and repeated events."""
    pages = _text(c.rows("segment", "pages", c.as_of - 90 * DAY))
    robots = pl.col("context_user_agent").str.contains("(?i)bot")
    office = pl.col("context_ip").str.starts_with("203.0.113.")
    tracks = pl.from_arrow(
        c.rows("segment", "tracks", c.as_of - 90 * DAY).select(["id", "timestamp", "received_at"])
    )
    late = (tracks["received_at"] - tracks["timestamp"]).dt.total_seconds() > 1_800
    again = 1 - tracks["id"].n_unique() / len(tracks)
    return [
        Row(
            "page views of robots and the office",
            pages.select(robots | office).mean().item(),
            0.04,
            0.08,
        ),
        Row("events that come late", float(late.mean()), 0.015, 0.025),
        Row("events delivered twice", again, 0.003, 0.007),
    ]


ROWS = (activity, adoption, tracking)
