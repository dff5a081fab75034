"""The question on failures and repairs of devices."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from taproom.answers.questions.fleet import device_days, devices, last_year
from taproom.answers.questions.health import silences
from taproom.answers.questions.reference import Delivered, reference


def business_day(at: datetime, zone: ZoneInfo) -> date:
    """The local day, six to six, that an instant belongs to."""
    return (at.astimezone(zone).replace(tzinfo=None) - timedelta(hours=6)).date()


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The instant a business day begins."""
    return datetime.combine(day, time(6), zone).astimezone(UTC)


@reference("Q43")
def failures_and_repairs(given: Delivered) -> pl.DataFrame:
    since, last_day = last_year(given)
    days = device_days(given).filter(pl.col("business_date").is_between(since, last_day))
    served = {row["device_id"]: row for row in devices(given).to_dicts()}
    hours: Counter = Counter()
    due = {}
    columns = ("device_id", "business_date", "expected_heartbeats", "model")
    for device, day, expected, model in days.select(columns).rows():
        due[device, day] = expected
        hours[model] += expected / 60
    failures, repairs, minutes = Counter(), Counter(), Counter()
    failed: Counter = Counter()
    for device, start, end in _failures(given):
        zone = ZoneInfo(served[device]["timezone"])
        first = business_day(start, zone)
        failures[served[device]["model"]] += (device, first) in due
        last = business_day((end or given.landing.as_of) - timedelta(microseconds=1), zone)
        day = max(first, since)
        while day <= last:
            if (device, day) in due:
                until = min(filter(None, (end, begins(day + timedelta(days=1), zone))))
                span = until - max(start, begins(day, zone))
                failed[device, day] += span.total_seconds() / 60
            day += timedelta(days=1)
    for (device, day), lost in failed.items():
        hours[served[device]["model"]] -= min(lost, due[device, day]) / 60
    orders = given.landing.newest("iot", "work_order").filter(
        pl.col("type") == "repair", pl.col("closed_at").is_not_null()
    )
    for row in orders.to_dicts():
        device = row["device_id"]
        if device not in served:
            continue
        zone = ZoneInfo(served[device]["timezone"])
        if (device, business_day(row["closed_at"], zone)) in due:
            repairs[served[device]["model"]] += 1
            if row["status"] == "closed":
                took = (row["closed_at"] - row["opened_at"]).total_seconds() / 60
                minutes[served[device]["model"]] += int(took + 0.5)
    return pl.DataFrame(
        [
            {
                "model": model,
                "failures": failures[model],
                "mtbf_hours": hours[model] / failures[model] if failures[model] else None,
                "repairs_closed": repairs[model],
                "mttr_hours": minutes[model] / 60 / repairs[model] if repairs[model] else None,
            }
            for model in sorted(hours)
        ],
        infer_schema_length=None,
    )


def _failures(given: Delivered) -> list[tuple[str, datetime, datetime | None]]:
    """(device, from, to) of silences that the platform calls major: the device itself failed."""
    grave: dict[str, list[datetime]] = {}
    rows = given.landing.newest("iot", "device_event").filter(
        pl.col("type") == "offline", pl.col("severity") == "major"
    )
    for device, at in rows.select("device_id", "at").rows():
        grave.setdefault(device, []).append(at - timedelta(minutes=10))
    return [
        (device, start, end)
        for device, _, start, end in silences(given)
        if any(start <= at and (end is None or at < end) for at in grave.get(device, ()))
    ]
