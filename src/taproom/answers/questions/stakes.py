"""The question on what venues usually take in the open hours in which they were not heard."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from taproom.answers.questions.fleet import devices, venues
from taproom.answers.questions.health import silences
from taproom.answers.questions.money import in_usd
from taproom.answers.questions.reference import Delivered, reference
from taproom.answers.questions.repairs import begins, business_day

MONITOR = "flow_monitor"
WEEKS = 8  # earlier weeks that say what a weekday usually brings
WEEKS_NEEDED = 4
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOMENT = timedelta(microseconds=1)

Day = tuple[str, date]  # a venue and its local business day


@reference("Q47")
def revenue_at_stake(given: Delivered) -> pl.DataFrame:
    places = {row["location_id"]: row for row in _served(given).to_dicts()}
    silent = _silent_hours(given, places)
    monitors = _monitors(given, places, set(silent))
    usual = _usual_takings(given, places, set(silent))
    found = []
    for (place, day), (lost, opened) in silent.items():
        if lost and monitors[place, day] and (place, day) in usual:
            share = min(opened, lost / monitors[place, day]) / opened
            found.append((place, places[place]["currency"], day, share * usual[place, day]))
    rows = pl.DataFrame(
        found,
        schema={"location_id": pl.String, "currency": pl.String, "date": pl.Date,
                "local": pl.Float64},
        orient="row",
    )  # fmt: skip
    rows = in_usd(given, rows, "local").filter(pl.col("local_usd") > 0)
    sums = rows.group_by(month=pl.col("date").dt.month_start()).agg(
        venue_days=pl.len().cast(pl.Int64), revenue_at_stake_usd=pl.col("local_usd").sum()
    )
    return _months(given).join(sums, on="month", how="left").fill_null(0)


def _months(given: Delivered) -> pl.DataFrame:
    """The complete ones of the last twelve months, the running one among them."""
    first = given.today.replace(day=1)
    months = pl.date_range(pl.lit(first).dt.offset_by("-11mo"), first, "1mo", eager=True)
    frame = months.alias("month").to_frame()
    return frame.filter(pl.col("month").dt.month_end() <= given.today)


def _served(given: Delivered) -> pl.DataFrame:
    """Venues that count, with the last business day on which they are asked for."""
    rows = given.landing.newest("app", "locations").select(
        "created_at", "deleted_at", "closed_on", location_id="id"
    )
    return venues(given).join(rows, on="location_id")


def _silent_hours(given: Delivered, places: dict[str, dict]) -> dict[Day, tuple[float, float]]:
    """Venue day → open hours in which its monitors were silent (summed), hours it was open."""
    kinds = {row["device_id"]: row for row in devices(given).to_dicts()}
    found: dict[Day, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for device, _, start, end in silences(given):
        if kinds[device]["device_type"] != MONITOR:
            continue
        place = places[kinds[device]["location_id"]]
        zone = ZoneInfo(place["timezone"])
        first = business_day(place["created_at"], zone) + timedelta(days=1)
        deleted = place["deleted_at"] and business_day(place["deleted_at"], zone)
        last = min(filter(None, (place["closed_on"], deleted)), default=date.max)
        day = business_day(start, zone)
        while day <= last and begins(day + timedelta(days=1), zone) <= given.landing.as_of:
            if end is not None and begins(day, zone) >= end:
                break
            opens, closes = _open(place["opening_hours"], day, zone)
            if opens and day >= first:
                until = min(filter(None, (end, begins(day + timedelta(days=1), zone))))
                span = min(until, closes) - max(start, begins(day, zone), opens)
                entry = found[place["location_id"], day]
                entry[0] += max(0.0, span.total_seconds() / 3600)
                entry[1] = _hours(place["opening_hours"], day)
            day += timedelta(days=1)
    return {key: (lost, opened) for key, (lost, opened) in found.items()}


def _timetable(hours: str | None, day: date) -> tuple[int, int] | None:
    """Minutes after midnight of opening and closing; a closing before the opening is tomorrow's."""
    text = json.loads(hours).get(WEEKDAYS[day.weekday()]) if hours else None
    if not text:
        return None
    opens, closes = (60 * int(part[:2]) + int(part[3:5]) for part in text.split("-"))
    return opens, closes if closes > opens else closes + 1440


def _hours(hours: str | None, day: date) -> float:
    opens, closes = _timetable(hours, day)
    return round((closes - opens) / 60, 2)


def _open(hours: str | None, day: date, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The instants a venue opens and closes on a business day by its clock; None on a day off."""
    minutes = _timetable(hours, day)
    if minutes is None:
        return None, None
    midnight = datetime(day.year, day.month, day.day)
    walls = (midnight + timedelta(minutes=minute) for minute in minutes)
    opens, closes = (wall.replace(tzinfo=zone).astimezone(UTC) for wall in walls)
    return opens, closes


def _monitors(given: Delivered, places: dict[str, dict], days: set[Day]) -> dict[Day, int]:
    """Flow monitors in service on a venue's day."""
    kinds = devices(given).filter(pl.col("device_type") == MONITOR)["device_id"]
    served = given.landing.newest("iot", "device_assignment").filter(
        pl.col("device_id").is_in(kinds.to_list()), pl.col("location_id").is_in(list(places))
    )
    spans = defaultdict(list)
    for row in served.to_dicts():
        zone = ZoneInfo(places[row["location_id"]]["timezone"])
        first = business_day(row["installed_at"] - MOMENT, zone) + timedelta(days=1)
        removed = row["removed_at"]
        last = business_day(removed - MOMENT, zone) if removed else date.max
        spans[row["location_id"]].append((row["device_id"], first, last))
    return {
        (place, day): len({one for one, first, last in spans[place] if first <= day <= last})
        for place, day in days
    }


def _usual_takings(given: Delivered, places: dict[str, dict], days: set[Day]) -> dict[Day, float]:
    """What a venue took on draft beer on the same weekday of eight weeks before, in its currency:
    the mean of those known, if they are four at least.
    """
    exports = given.landing.newest("pos", "location_daily_sales").select(
        code=pl.col("location_ref").str.split("-").list.last(),
        date=pl.col("business_date").str.to_date(),
        draft=pl.col("draft_sales").cast(pl.Float64),
    )
    draft = {(code, day): amount for code, day, amount in exports.rows()}
    found = {}
    for place, day in days:
        code = place[-8:].upper()
        before = [draft.get((code, day - timedelta(weeks=n))) for n in range(1, WEEKS + 1)]
        known = [one for one in before if one is not None]
        if len(known) >= WEEKS_NEEDED:
            found[place, day] = sum(known) / len(known)
    return found
