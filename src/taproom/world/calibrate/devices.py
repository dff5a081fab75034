"""Devices, pours and tills as they can be measured from the delivered rows."""

from __future__ import annotations

import numpy as np
import polars as pl

from taproom.world import clock
from taproom.world.calibrate.measures import Row
from taproom.world.clock import DAY
from taproom.world.context import Context

SOURCES = ("app", "iot", "pos")
PINT = 473


def _venue_of(c: Context) -> pl.DataFrame:
    """Device, venue's zone and the tail of its id."""
    place = pl.from_arrow(c.rows("iot", "device_assignment")).select(
        pl.col("device_id", "location_id").cast(pl.String)
    )
    zone = pl.from_arrow(c.rows("app", "locations")).select(
        location_id=pl.col("id"), timezone=pl.col("timezone")
    )
    return place.unique("device_id", keep="last").join(
        zone.unique("location_id", keep="last"), on="location_id"
    )


def _daily(c: Context) -> pl.DataFrame:
    rows = pl.from_arrow(c.rows("iot", "device_telemetry_daily"))
    return rows.with_columns(pl.col("device_id").cast(pl.String))


def shape(c: Context) -> list[Row]:
    """Pours by weekday and by hour of the local wall clock."""
    daily = _daily(c)
    week = daily.group_by(wd=pl.col("business_date").dt.weekday()).agg(pl.col("pour_count").sum())
    share = dict(zip(week["wd"], week["pour_count"] / week["pour_count"].sum(), strict=True))
    peak = daily.drop_nulls("peak_hour")
    evening = peak.filter(pl.col("business_date").dt.weekday() <= 4)["peak_hour"]
    pours = pl.from_arrow(c.rows("iot", "tap_event")).filter(
        ~pl.col("is_cleaning") & (pl.col("event_at") > clock.as_datetime(c.as_of - 12 * DAY))
    )
    pours = pours.with_columns(pl.col("device_id").cast(pl.String)).join(
        _venue_of(c), on="device_id"
    )
    hour = np.concatenate(
        [
            part["event_at"].dt.convert_time_zone(zone).dt.hour().to_numpy()
            for (zone,), part in pours.group_by("timezone")
        ]
    )
    # Against the fleet's growth: each month beside the mean of its year's.
    size = daily.filter(pl.col("pour_count").is_not_null())
    each = size.group_by(m=pl.col("business_date").dt.month()).agg(pl.col("pour_count").mean())
    level = dict(each.iter_rows())
    mean = float(np.mean(list(level.values())))
    summer = float(np.mean([level[m] for m in (6, 7, 8)])) / mean
    return [
        Row("pours on Saturday, share of the week", float(share[6]), 0.20, 0.26),
        Row("pours on Friday, share of the week", float(share[5]), 0.19, 0.23),
        Row("pours on Monday, share of the week", float(share[1]), 0.05, 0.11),
        Row("pours from 17 to 22 h, share of the day", float(_between(hour, 17, 22)), 0.55, 0.80),
        Row("pours from 2 to 10 h, share of the day", float(_between(hour, 2, 10)), 0.0, 0.03),
        Row(
            "peak hour from 18 to 21 h, share of days Monday to Thursday",
            float(evening.is_between(18, 21).mean()),
            0.75,
            1.0,
        ),
        Row("pours of a device, summer against the year", summer, 1.05, 1.18),
        Row("pours of a device, January against the year", level[1] / mean, 0.76, 0.94),
    ]


def _between(hour: np.ndarray, lo: int, hi: int) -> float:
    return ((hour >= lo) & (hour < hi)).mean()


def uptime(c: Context) -> list[Row]:
    """Heartbeats received of those due, by device, in all hours and in open hours."""
    by_device = (
        _daily(c)
        .group_by("device_id")
        .agg(
            pl.len().alias("days"),
            up=pl.col("heartbeats").sum() / pl.col("expected_heartbeats").sum(),
            open=pl.col("open_heartbeats").sum() / pl.col("open_expected_heartbeats").sum(),
        )
        .filter(pl.col("days") >= 60)
    )
    up = by_device["up"]
    return [
        Row("uptime of devices, median", up.median(), 0.970, 0.980),
        Row("uptime of devices, lower quartile", up.quantile(0.25), 0.945, 0.966),
        Row("uptime of devices, upper quartile", up.quantile(0.75), 0.980, 0.990),
        Row("devices with less than 90% uptime", float((up < 0.9).mean()), 0.035, 0.065),
        Row("uptime in open hours, median", by_device["open"].median(), 0.977, 0.987),
    ]


def repairs(c: Context) -> list[Row]:
    """Failures by device-year, and hours from the outage to its end."""
    event = pl.from_arrow(c.rows("iot", "device_event")).filter(pl.col("code") == "DEVICE_DOWN")
    years = len(_daily(c)) / 365.25
    since = clock.as_datetime(c.as_of - 395 * DAY)
    opened = event.filter((pl.col("type") == "alert_open") & (pl.col("at") >= since))
    order = (
        pl.from_arrow(c.rows("iot", "work_order"))
        .filter((pl.col("type") == "repair") & (pl.col("status") == "closed"))
        .select(hours=(pl.col("closed_at") - pl.col("opened_at")).dt.total_minutes() / 60)
    )
    return [
        Row("failures a device-year", len(opened) / years, 0.045, 0.11),
        Row("MTBF, hours", 8_766 * years / max(len(opened), 1), 80_000, 195_000),
        Row("time to repair, median hours", order["hours"].median(), 26.0, 36.0),
    ]


def readings(c: Context) -> list[Row]:
    """Volume of a pour, temperature, pressure, days between cleanings."""
    pours = pl.from_arrow(c.rows("iot", "tap_event")).filter(~pl.col("is_cleaning"))
    pours = pours.with_columns(pl.col("device_id").cast(pl.String)).join(
        _venue_of(c), on="device_id"
    )
    pint = pours.filter(pl.col("timezone").str.starts_with("America/"))["volume_ml"]
    daily = _daily(c)
    cleaned = (
        daily.select("device_id", "last_cleaning_at")
        .drop_nulls()
        .unique()
        .sort("device_id", "last_cleaning_at")
        .with_columns(
            days=pl.col("last_cleaning_at").diff().over("device_id").dt.total_hours() / 24
        )
    )
    return [
        Row("volume of a pour where a pint is sold, mean ml", pint.mean(), PINT - 3, PINT + 3),
        Row("volume of a pour where a pint is sold, sd ml", pint.std(), 36.0, 40.0),
        Row("temperature of the beer, median Celsius", daily["liquid_temp_c"].median(), 3.1, 3.5),
        Row("pressure in the line, median psi", daily["line_pressure_psi"].median(), 12.0, 14.0),
        Row("days between cleanings, median", cleaned["days"].median(), 13.5, 14.5),
    ]


def waste(c: Context) -> list[Row]:
    """Poured less sold, by venue; days on which all of a venue's devices were heard well."""
    since = c.as_of - 120 * DAY
    daily = _daily(c).filter(pl.col("business_date") >= clock.as_date(since // DAY))
    daily = daily.join(_venue_of(c), on="device_id").with_columns(
        ref=pl.col("location_id").str.slice(-8).str.to_uppercase()
    )
    poured = (
        daily.group_by("ref", "business_date")
        .agg(pl.col("pour_volume_ml").sum(), heard=(pl.col("heartbeats") > 1_200).all())
        .filter(pl.col("heard") & (pl.col("pour_volume_ml") > 0))
        .with_columns(pl.col("business_date").cast(pl.String))
    )
    sold = pl.from_arrow(c.rows("pos", "location_daily_sales", since)).with_columns(
        pl.col("location_ref", "business_date").cast(pl.String)
    )
    sold = (
        sold.sort("_arrived_at")
        .unique(["location_ref", "business_date"], keep="last")
        .with_columns(ref=pl.col("location_ref").str.slice(-8))
    )
    both = (
        sold.join(poured, on=["ref", "business_date"])
        .group_by("ref")
        .agg(
            pl.len().alias("days"),
            lost=1
            - (pl.col("draft_units") * pl.col("serving_ml")).sum() / pl.col("pour_volume_ml").sum(),
        )
        .filter(pl.col("days") >= 20)
    )["lost"]
    careless = both > 0.125
    price = sold.filter(pl.col("currency") == "USD").select(
        p=pl.col("draft_sales").cast(pl.Float64) / pl.col("draft_units")
    )["p"]
    return [
        Row("waste of a careful venue, median", both.filter(~careless).median(), 0.04, 0.06),
        Row("waste of a careless venue, median", both.filter(careless).median(), 0.18, 0.22),
        Row("share of careless venues", float(careless.mean()), 0.10, 0.25),
        Row("price of a glass, USD", price.median(), 6.0, 8.0),
    ]


ROWS = (shape, uptime, repairs, readings, waste)
