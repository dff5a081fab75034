"""Questions about devices: who is silent, how much was heard, what failed, when beer flows."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from taproom.answers.questions.reference import Delivered, reference

# Firmware with fewer device days than this says nothing about itself.
ENOUGH_DEVICE_DAYS = 100


def venues(given: Delivered) -> pl.DataFrame:
    """One row a venue of an account that counts: ids, names, country, time zone, taps, status."""
    rows = given.landing.newest("app", "locations").select(
        "account_id",
        "country",
        "timezone",
        "currency",
        "tap_count",
        "status",
        "opening_hours",
        location_id="id",
        location_name="name",
        is_deleted=pl.col("deleted_at").is_not_null(),
    )
    return rows.with_columns(
        pl.col("account_id").replace_strict(given.survivor, default=None)
    ).filter(pl.col("account_id").is_not_null())


def devices(given: Delivered) -> pl.DataFrame:
    """One row a device that was ever in service at a venue that counts; `removed_at` null now."""
    served = given.landing.newest("iot", "device_assignment").sort("installed_at")
    served = served.unique("device_id", keep="last", maintain_order=True)
    known = given.landing.rows("iot", "device").sort("updated_at", "_arrived_at")
    known = known.unique("id", keep="last", maintain_order=True)
    known = known.select("model", "device_type", device_id="id", device_status="status")
    return (
        served.select("device_id", "location_id", "installed_at", "removed_at")
        .join(known, on="device_id")
        .join(venues(given), on="location_id")
    )


def device_days(given: Delivered) -> pl.DataFrame:
    """One row a device and local business day, as last delivered."""
    days = given.landing.newest("iot", "device_telemetry_daily")
    return days.join(devices(given).drop("device_status"), on="device_id")


def last_year(given: Delivered) -> tuple[date, date]:
    """First and last day of the last 12 complete months."""
    month = (given.today + timedelta(days=1)).replace(day=1)
    return month.replace(year=month.year - 1), month - timedelta(days=1)


@reference("Q41")
def offline_now(given: Delivered) -> pl.DataFrame:
    here = devices(given).filter(pl.col("removed_at").is_null())
    signs = given.landing.newest("iot", "device_event").filter(
        pl.col("type").is_in(["offline", "online"])
    )
    last = signs.sort("at").unique("device_id", keep="last").select("device_id", last="type")
    here = here.join(last, on="device_id", how="left")
    counted = here.group_by("country", "model").agg(
        devices_offline=(pl.col("last") == "offline").sum(), devices_in_service=pl.len()
    )
    return counted.filter(pl.col("devices_offline") > 0)


@reference("Q42")
def fleet_uptime(given: Delivered) -> pl.DataFrame:
    days = device_days(given).filter(
        pl.col("business_date") > given.today - timedelta(days=90),
        pl.col("business_date") <= given.today,
    )
    total = pl.col("expected_heartbeats", "heartbeats", "open_expected_heartbeats",
                   "open_heartbeats").sum()  # fmt: skip
    sums = days.group_by(date="business_date").agg(pl.len().alias("devices"), total)
    return sums.select(
        "date",
        "devices",
        uptime=pl.col("heartbeats") / pl.col("expected_heartbeats"),
        uptime_open_hours=pl.col("open_heartbeats") / pl.col("open_expected_heartbeats"),
    )


@reference("Q44")
def firmware_errors(given: Delivered) -> pl.DataFrame:
    rows = (
        device_days(given)
        .filter(pl.col("business_date").is_between(*last_year(given)))
        .group_by("firmware_version")
        .agg(
            devices=pl.col("device_id").n_unique(),
            device_days=pl.len(),
            errors=pl.col("error_count").sum(),
        )
    )
    days, errors = rows["device_days"].sum(), rows["errors"].sum()
    rows = rows.with_columns(
        errors_per_100_days=100 * pl.col("errors") / pl.col("device_days"),
        times_the_others=pl.col("errors")
        / pl.col("device_days")
        / ((errors - pl.col("errors")) / (days - pl.col("device_days"))),
    )
    return rows.filter(pl.col("device_days") >= ENOUGH_DEVICE_DAYS, pl.col("times_the_others") > 2)


@reference("Q46")
def friday_peak(given: Delivered) -> pl.DataFrame:
    hours = given.landing.newest("iot", "device_telemetry_hourly").filter(
        pl.col("pour_count").is_not_null()
    )
    # The same hour again, kept while there was no network, repeats no pour.
    hours = hours.sort("ingested_at").unique(["device_id", "reported_at"], keep="last")
    hours = hours.join(devices(given), on="device_id")
    parts = []
    for (zone,), rows in hours.partition_by("timezone", as_dict=True).items():
        local = pl.col("reported_at").dt.convert_time_zone(zone).dt.replace_time_zone(None)
        parts.append(rows.with_columns(local=local))
    hours = pl.concat(parts).with_columns(
        business_date=pl.col("local").dt.offset_by("-6h").dt.date(),
        local_hour=pl.col("local").dt.hour().cast(pl.Int64),
    )
    sums = (
        hours.filter(
            pl.col("business_date").dt.weekday() == 5,
            pl.col("business_date") > given.today - timedelta(days=14),
        )
        .group_by("country", "local_hour")
        .agg(pours=pl.col("pour_count").sum())
    )
    sums = sums.with_columns(share=pl.col("pours") / pl.col("pours").sum().over("country"))
    sums = sums.sort(["country", "pours", (pl.col("local_hour") + 18) % 24],
                     descending=[False, True, False])  # fmt: skip
    return sums.unique("country", keep="first", maintain_order=True).select(
        "country",
        peak_hour="local_hour",
        pours_in_peak_hour="pours",
        share_of_friday="share",
    )
