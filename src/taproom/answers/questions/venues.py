"""Questions about venues: what they sell, what silence costs, what a litre is worth."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from taproom.answers.questions.fleet import device_days, venues
from taproom.answers.questions.money import in_usd
from taproom.answers.questions.reference import Delivered, reference


def sales(given: Delivered) -> pl.DataFrame:
    """One row a venue and business day with an export: location_id, date, takings_usd.

    The till's code is the city and the end of the venue's id; a correction replaces a day.
    """
    rows = given.landing.newest("pos", "location_daily_sales")
    ends = venues(given).with_columns(code=pl.col("location_id").str.slice(-8).str.to_uppercase())
    rows = rows.with_columns(
        code=pl.col("location_ref").str.split("-").list.last(),
        date=pl.col("business_date").str.to_date(),
        takings=pl.col("gross_sales").cast(pl.Float64),
        currency=pl.col("currency").str.to_uppercase(),
    )
    rows = rows.join(ends.select("code", "location_id", "account_id"), on="code")
    return in_usd(given, rows, "takings")


def litres(given: Delivered) -> pl.DataFrame:
    """One row a venue and business day with a recorded pour: account_id, location_id, date."""
    days = device_days(given).filter(pl.col("pour_volume_ml").is_not_null())
    return days.group_by("account_id", "location_id", date="business_date").agg(
        litres=pl.col("pour_volume_ml").sum() / 1000
    )


@reference("Q45")
def revenue_per_tap(given: Delivered) -> pl.DataFrame:
    month = sales(given).filter(
        pl.col("date") > given.today - timedelta(days=30), pl.col("date") <= given.today
    )
    sums = month.group_by("location_id").agg(takings=pl.col("takings_usd").sum())
    here = venues(given).filter(pl.col("status") == "open", ~pl.col("is_deleted"))
    rows = here.join(sums, on="location_id").filter(pl.col("tap_count") > 0)
    rows = rows.with_columns(revenue_per_tap_30d_usd=pl.col("takings") / pl.col("tap_count")).sort(
        pl.col("revenue_per_tap_30d_usd").round(6), "location_id", descending=[True, False]
    )
    count, place = rows.height, pl.int_range(pl.len())
    return rows.with_columns(place_from_top=(place + 1).cast(pl.Int64)).filter(
        (place < 10) | (place >= count - 10)
    ).select("place_from_top", "location_id", "location_name", "country", "tap_count",
             "revenue_per_tap_30d_usd")  # fmt: skip


@reference("Q50")
def mrr_per_litre(given: Delivered) -> pl.DataFrame:
    counted = given.book.daily.filter(pl.col("mrr_usd") > 0)
    plans = counted.sort("mrr_usd", "subscription_id", descending=[True, False])
    plans = plans.group_by("account_id", "date", maintain_order=True).agg(
        pl.col("plan_tier").first(), pl.col("mrr_usd").sum()
    )
    poured = litres(given).group_by("account_id", "date").agg(pl.col("litres").sum())
    both = plans.join(poured, on=["account_id", "date"]).with_columns(
        month=pl.col("date").dt.month_start()
    )
    both = both.filter(
        pl.col("litres") > 0,
        pl.col("month").dt.month_end() <= given.today,
        pl.col("month") > _year_before(given.today.replace(day=1)),
    )
    days = pl.col("month").dt.month_end().dt.day()
    sums = (
        both.group_by("plan_tier", "month")
        .agg(pl.col("mrr_usd").sum(), pl.col("litres").sum())
        .with_columns(mrr_usd=pl.col("mrr_usd") / days)
    )
    return sums.with_columns(mrr_usd_per_litre=pl.col("mrr_usd") / pl.col("litres"))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1)
