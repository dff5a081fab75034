"""People and what they did in the application, from the tracker's deliveries."""

from __future__ import annotations

import polars as pl

from taproom.answers.questions.reference import Delivered


def users(given: Delivered) -> pl.DataFrame:
    """One row a user of an account that counts, as last delivered."""
    rows = given.landing.newest("app", "users").rename({"id": "user_id"})
    rows = rows.with_columns(pl.col("account_id").replace_strict(given.survivor, default=None))
    return rows.filter(pl.col("account_id").is_not_null())


def uses(given: Delivered) -> pl.DataFrame:
    """One row a use of a feature: user_id, account_id, feature (key), at, date.

    An event that the tracker sent twice counts once; an error and a sign-in are no use; what
    carries a user's name from before he existed was a guest's.
    """
    return _tracked(given).filter(~pl.col("is_error")).drop("is_error")


def errors(given: Delivered) -> pl.DataFrame:
    """One row an error shown while a feature was used; columns as in `uses`."""
    return _tracked(given).filter("is_error").drop("is_error")


def _tracked(given: Delivered) -> pl.DataFrame:
    return given.kept("tracked events", lambda: _read(given))


def _read(given: Delivered) -> pl.DataFrame:
    events = given.landing.newest("segment", "tracks").select(
        "user_id",
        "anonymous_id",
        at="timestamp",
        is_error=pl.col("event") == "error_shown",
        feature=pl.col("properties").str.json_path_match("$.feature"),
        is_mobile=pl.col("context_device_type") == "mobile",
    )
    people = users(given).select("user_id", "account_id", "created_at")
    events = events.filter(pl.col("feature").is_not_null()).join(people, on="user_id")
    return events.filter(
        pl.col("at") >= pl.col("created_at"), pl.col("at") < given.landing.as_of
    ).with_columns(date=pl.col("at").dt.date())


def rolling_users(given: Delivered, days: int, by: pl.DataFrame) -> pl.DataFrame:
    """Per row of `by` (account_id, date): users with a use in the `days` up to that date."""
    active = uses(given).select("user_id", "account_id", "date").unique()
    spread = active.with_columns(
        date=pl.date_ranges("date", pl.col("date").dt.offset_by(f"{days - 1}d"))
    ).explode("date")
    counts = spread.group_by("account_id", "date").agg(users=pl.col("user_id").n_unique())
    return by.join(counts, on=["account_id", "date"], how="left").with_columns(
        pl.col("users").fill_null(0)
    )
