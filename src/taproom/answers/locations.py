"""The answers of notebook 08: venues and their business days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from taproom.answers.answer import Answer, answers
from taproom.answers.days import Book
from taproom.answers.questions.fleet import device_days, devices, venues
from taproom.answers.questions.money import in_usd
from taproom.answers.questions.reference import Delivered

DECEMBER = (date(2025, 12, 1), date(2025, 12, 31))
WEEK = (date(2025, 12, 22), date(2025, 12, 28))
THANKSGIVING = [date(2025, 11, 26), date(2025, 11, 27), date(2025, 11, 28)]
QUARTERS = [date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)]
USUAL_WEEKS, WEEKS_NEEDED = 8, 4


def _given(book: Book) -> Delivered:
    """The same deliveries for all exercises, with the book that is there."""
    kept = book.__dict__.setdefault("_delivered", Delivered(book.landing))
    kept.__dict__["book"] = book
    return kept


def _tills(given: Delivered, exports: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Exports of venues: location_id, date, takings and draft in the till's currency and in USD."""
    code = pl.col("location_id").str.slice(-8).str.to_uppercase()
    places = places.select("location_id", "country", code=code)
    rows = exports.select(
        code=pl.col("location_ref").cast(pl.String).str.split("-").list.last(),
        date=pl.col("business_date").cast(pl.String).str.to_date(),
        currency=pl.col("currency").cast(pl.String).str.to_uppercase(),
        takings=pl.col("gross_sales").cast(pl.Float64),
        litres=pl.col("draft_units") * pl.col("serving_ml") / 1000,
        glasses=pl.col("draft_units"),
    )
    return in_usd(given, rows.join(places, on="code"), "takings")


def _sold(given: Delivered) -> pl.DataFrame:
    """The newest export of every day of the venues that count."""
    exports = given.landing.newest("pos", "location_daily_sales")
    return given.kept("sold", lambda: _tills(given, exports, venues(given)))


def _all_venues(given: Delivered) -> pl.DataFrame:
    """Venues of test accounts as well."""
    return given.landing.newest("app", "locations").select("country", location_id="id")


def _between(days: tuple[date, date], column: str = "date") -> pl.Expr:
    return pl.col(column).is_between(*days)


@answers("08-01")
def takings_by_currency(book: Book) -> Answer:
    given = _given(book)
    exports = given.landing.rows("pos", "location_daily_sales")
    key = ["location_ref", "business_date"]
    first = exports.unique(key, keep="first", maintain_order=True)

    def table(rows: pl.DataFrame) -> pl.DataFrame:
        sums = rows.filter(_between(DECEMBER)).group_by("currency")
        return sums.agg(
            takings_local=pl.col("takings").sum(), takings_usd=pl.col("takings_usd").sum()
        )

    def cents(column: str) -> pl.Expr:
        yen = pl.col("currency") == "JPY"
        return pl.when(yen).then(pl.col(column) / 100).otherwise(pl.col(column)).alias(column)

    right = _sold(given)
    return Answer(
        table(right),
        {
            "exports_added": table(_tills(given, exports, venues(given))),
            "first_export": table(_tills(given, first, venues(given))),
            "yen_as_cents": table(right.with_columns(cents("takings"), cents("takings_usd"))),
            "tests_counted": table(
                _tills(
                    given,
                    given.landing.newest("pos", "location_daily_sales"),
                    _all_venues(given),
                )
            ),
        },
    )


@answers("08-02")
def pours_by_business_day(book: Book) -> Answer:
    given = _given(book)
    hours = given.landing.rows("iot", "device_telemetry_hourly").sort("ingested_at")
    hours = hours.unique(["device_id", "reported_at"], keep="last", maintain_order=True)
    hours = hours.filter(pl.col("pour_count").is_not_null()).cast({"device_id": pl.String})
    hours = hours.join(devices(given).select("device_id", "timezone"), on="device_id")
    parts = []
    for (zone,), rows in hours.partition_by("timezone", as_dict=True).items():
        local = pl.col("reported_at").dt.convert_time_zone(zone).dt.replace_time_zone(None)
        parts.append(rows.with_columns(local=local))
    hours = pl.concat(parts)

    def table(day: pl.Expr) -> pl.DataFrame:
        days = hours.with_columns(date=day.dt.date()).filter(_between(WEEK))
        return days.group_by("date").agg(pours=pl.col("pour_count").sum().cast(pl.Int64))

    utc = pl.col("reported_at").dt.replace_time_zone(None)
    return Answer(
        table(pl.col("local").dt.offset_by("-6h")),
        {
            "utc_days": table(utc),
            "calendar_days": table(pl.col("local")),
            "utc_days_moved": table(utc.dt.offset_by("-6h")),
        },
    )


@answers("08-03")
def poured_and_not_sold(book: Book) -> Answer:
    given = _given(book)
    poured = device_days(given).filter(
        _between(DECEMBER, "business_date"), pl.col("pour_volume_ml").is_not_null()
    )
    poured = poured.group_by("location_id", "country", date="business_date").agg(
        poured=pl.col("pour_volume_ml").sum() / 1000
    )
    sold = _sold(given).select("location_id", "date", "litres", "glasses")
    both = poured.join(sold, on=["location_id", "date"], how="left")
    reported = both.filter(pl.col("litres").is_not_null())

    def table(rows: pl.DataFrame, share: pl.Expr) -> pl.DataFrame:
        return rows.group_by("country").agg(unsold_share=share)

    gap = (pl.col("poured") - pl.col("litres")).sum() / pl.col("poured").sum()
    pints = (pl.col("poured") - pl.col("glasses") * 0.473).sum() / pl.col("poured").sum()
    of_the_day = (pl.col("poured") - pl.col("litres")) / pl.col("poured")
    filled = both.with_columns(pl.col("litres").fill_null(0))
    return Answer(
        table(reported, gap),
        {
            "mean_of_days": table(reported.filter(pl.col("poured") > 0), of_the_day.mean()),
            "one_size": table(reported, pints),
            "unreported_as_waste": table(filled, gap),
            "by_what_was_sold": table(
                reported, (pl.col("poured") - pl.col("litres")).sum() / pl.col("litres").sum()
            ),
        },
    )


@answers("08-04")
def takings_by_tap(book: Book) -> Answer:
    given = _given(book)
    kinds = given.landing.newest("app", "locations").select("venue_type", location_id="id")
    here = venues(given).join(kinds, on="location_id")
    here = here.filter(pl.col("status") == "open", ~pl.col("is_deleted"))
    month = _sold(given).filter(
        pl.col("date") > given.today - timedelta(days=30), pl.col("date") <= given.today
    )
    sums = month.group_by("location_id").agg(
        takings=pl.col("takings").sum(), takings_usd=pl.col("takings_usd").sum()
    )
    every = here.join(sums, on="location_id", how="left")
    sold = every.filter(pl.col("takings_usd").is_not_null())

    def table(rows: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
        return rows.group_by("venue_type").agg(revenue_per_tap_usd=value)

    by_tap = pl.col("takings_usd").sum() / pl.col("tap_count").sum()
    return Answer(
        table(sold, by_tap),
        {
            "mean_of_venues": table(sold, (pl.col("takings_usd") / pl.col("tap_count")).mean()),
            "silent_tills_counted": table(every, by_tap),
            "currencies_added": table(sold, pl.col("takings").sum() / pl.col("tap_count").sum()),
        },
    )


@answers("08-05")
def around_thanksgiving(book: Book) -> Answer:
    given = _given(book)
    sold = _sold(given).filter(pl.col("country") == "US").select("location_id", "date", "takings")

    def ratio(day: date, before: list[date], needed: int, closed: bool = True) -> float:
        usual = sold.filter(pl.col("date").is_in(before)).group_by("location_id")
        usual = usual.agg(days=pl.len(), usual=pl.col("takings").mean())
        usual = usual.filter(pl.col("days") >= needed)
        today = sold.filter(pl.col("date") == day).select("location_id", "takings")
        both = usual.join(today, on="location_id", how="left" if closed else "inner")
        return both["takings"].sum() / both["usual"].sum()

    def table(before, needed: int = WEEKS_NEEDED, closed: bool = True) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "date": THANKSGIVING,
                "times_usual": [ratio(day, before(day), needed, closed) for day in THANKSGIVING],
            }
        )

    def weekdays(day: date) -> list[date]:
        return [day - timedelta(weeks=back) for back in range(1, USUAL_WEEKS + 1)]

    def days(day: date) -> list[date]:
        return [day - timedelta(days=back) for back in range(1, USUAL_WEEKS + 1)]

    return Answer(
        table(weekdays),
        {
            "days_before": table(days),
            "week_before": table(lambda day: [day - timedelta(weeks=1)], needed=1),
            "closed_left_out": table(weekdays, closed=False),
        },
    )


@answers("08-06")
def venues_then(book: Book) -> Answer:
    given = _given(book)
    versions = given.landing.rows("app", "locations").sort("updated_at", "_arrived_at")
    count = pl.col("account_id").replace_strict(given.survivor, default=None).is_not_null()
    versions = versions.filter(count).select(
        "status", "updated_at", "created_at", "deleted_at", location_id="id"
    )
    served = given.landing.newest("iot", "device_assignment")
    served = served.cast({"location_id": pl.String})

    def standing(at: datetime) -> pl.DataFrame:
        """Venues as their newest version of the time has them."""
        known = versions.filter(pl.col("updated_at") <= at, pl.col("created_at") <= at)
        return known.unique("location_id", keep="last", maintain_order=True)

    def open_ones(at: datetime) -> list[str]:
        known = standing(at)
        is_open = (pl.col("status") == "open") & pl.col("deleted_at").is_null()
        return known.filter(is_open)["location_id"].to_list()

    def hung(ids: list[str], at: datetime, removed: bool = True) -> int:
        there = pl.col("installed_at") <= at
        if removed:
            there &= pl.col("removed_at").is_null() | (pl.col("removed_at") > at)
        return served.filter(there, pl.col("location_id").is_in(ids)).height

    def midnight(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)

    def table(ids, devices_at) -> pl.DataFrame:
        rows = [(day, len(ids(day)), devices_at(day)) for day in QUARTERS]
        return pl.DataFrame(rows, schema=["date", "venues", "devices"], orient="row")

    now = given.landing.as_of

    def then(day: date) -> list[str]:
        return open_ones(midnight(day))

    def left_open(day: date) -> list[str]:
        """Of the venues open today, those that were there."""
        created = standing(midnight(day))["location_id"].to_list()
        return [venue for venue in open_ones(now) if venue in set(created)]

    return Answer(
        table(then, lambda day: hung(then(day), midnight(day))),
        {
            "as_of_today": table(lambda day: open_ones(now), lambda day: hung(open_ones(now), now)),
            "survivors_only": table(left_open, lambda day: hung(left_open(day), midnight(day))),
            "todays_devices": table(then, lambda day: hung(then(day), now)),
            "removals_ignored": table(
                then, lambda day: hung(then(day), midnight(day), removed=False)
            ),
        },
    )
