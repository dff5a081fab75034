"""The answers of notebook 07: devices. The fleet is read from the platform's files alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from taproom.answers.answer import Answer, answers
from taproom.answers.days import Book
from taproom.answers.landing import Landing

MONTH = (date(2025, 11, 1), date(2025, 11, 30))
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
SPRING = (date(2025, 1, 1), date(2025, 5, 31))
THEN = datetime(2025, 7, 1, tzinfo=UTC)
HOUR, NIGHT = timedelta(hours=1), timedelta(hours=6)
RIGHT_UNIT_BELOW = 25.0
MOST_DEVICE_DAYS = 100


@dataclass
class Fleet:
    """Devices in service at customers' venues, and what they sent; each part made when asked for.

    `zone`: device → its venue's time zone. Files hold tens of millions of readings at full scale:
    only the columns and days that are needed are read.
    """

    book: Book

    @property
    def landing(self) -> Landing:
        return self.book.landing

    @cached_property
    def service(self) -> pl.DataFrame:
        """device_id, begin, end, country, zone: newest version of each time in service."""
        companies = self.book.companies
        mine = [one for one, account in companies.survivor.items() if account in companies.real]
        venues = self.landing.newest("app", "locations").filter(pl.col("account_id").is_in(mine))
        rows = self.landing.newest("iot", "device_assignment")
        return rows.join(
            venues.select("country", location_id="id", zone="timezone"), on="location_id"
        ).select("device_id", "country", "zone", begin="installed_at", end="removed_at")

    @cached_property
    def zone(self) -> dict[str, ZoneInfo]:
        pairs = self.service.select("device_id", "zone").rows()
        return {device: ZoneInfo(zone) for device, zone in pairs}

    @cached_property
    def devices(self) -> pl.DataFrame:
        """Newest version of every customer's device."""
        rows = self.landing.newest("iot", "device")
        return rows.filter(pl.col("id").is_in(list(self.zone)))

    def readings(self, table: str, moment: str, first, last, *columns: str) -> pl.DataFrame:
        """Readings of customers' devices from first to last, the newest report of each."""
        paths = [
            self.landing.root / one["path"]
            for batch in self.landing.manifest["batches"]
            for one in batch["files"]
            if (one["source"], one["table"]) == ("iot", table)
        ]
        wanted = ["device_id", moment, "ingested_at", *columns]
        parts = []
        for path in paths:
            file = pl.scan_parquet(path).filter(pl.col(moment).is_between(first, last))
            have = file.collect_schema().names()
            parts.append(file.select([one for one in wanted if one in have]).collect())
        frame = pl.concat(parts, how="diagonal_relaxed")
        frame = frame.with_columns(pl.col("device_id").cast(pl.String))
        frame = frame.filter(pl.col("device_id").is_in(list(self.zone)))
        missing = [one for one in wanted if one not in frame.columns]
        frame = frame.with_columns(pl.lit(None, pl.Float64).alias(one) for one in missing)
        return frame.sort("ingested_at").unique(
            ["device_id", moment], keep="last", maintain_order=True
        )

    def days(self, first: date, last: date, *columns: str) -> pl.DataFrame:
        return self.readings("device_telemetry_daily", "business_date", first, last, *columns)

    @cached_property
    def silences(self) -> list[tuple[str, datetime, datetime, bool]]:
        """Device, begin, end (the clock while it lasts) and whether the device had failed; silences
        that overlap are one, and none outlasts the service."""
        events = self.landing.newest("iot", "device_event").filter(
            pl.col("type").is_in(["offline", "online"])
        )
        by_device = defaultdict(list)
        for device, at, kind, severity in events.select(
            "device_id", "at", "type", "severity"
        ).iter_rows():
            if device in self.zone:
                gone = kind == "offline"
                at -= timedelta(minutes=10) if gone else timedelta(0)
                by_device[device].append((at, not gone, severity == "major"))
        ends = defaultdict(list)
        for device, begin, end in self.service.select("device_id", "begin", "end").rows():
            ends[device].append((begin, end or self.landing.as_of, end is None))
        found = []
        for device, signs in by_device.items():
            for begin, end, _ in ends[device]:
                depth, since, failed = 0, None, False
                for at, is_back, is_grave in sorted(signs):
                    if not begin <= at <= end + timedelta(days=30):
                        continue
                    if not is_back:
                        depth += 1
                        since = since or at
                        failed |= is_grave
                    elif depth:
                        depth -= 1
                        if depth == 0:
                            found.append((device, since, min(at, end), failed))
                            since, failed = None, False
                if since and since < end:
                    found.append((device, since, end, failed))
        return sorted({one for one in found if one[1] < one[2]})

    def day_of(self, device: str, instant: datetime) -> date:
        """Local business day of an instant."""
        return (instant.astimezone(self.zone[device]).replace(tzinfo=None) - NIGHT).date()

    def begin_of(self, device: str, day: date) -> datetime:
        """When a local business day begins, UTC."""
        return datetime.combine(day, time(6), self.zone[device]).astimezone(UTC)


def _fleet(book: Book) -> Fleet:
    # one reading of the files for all exercises
    if "fleet" not in book.__dict__:
        book.__dict__["fleet"] = Fleet(book)
    return book.__dict__["fleet"]


@answers("07-01")
def uptime(book: Book) -> Answer:
    fleet = _fleet(book)
    days = fleet.days(
        *MONTH, "expected_heartbeats", "heartbeats", "open_expected_heartbeats", "open_heartbeats"
    )
    expected, heard = pl.col("expected_heartbeats"), pl.col("heartbeats")
    due, came = pl.col("open_expected_heartbeats"), pl.col("open_heartbeats")

    def rates(rows: pl.DataFrame, all_hours: pl.Expr, in_open: pl.Expr) -> pl.DataFrame:
        return rows.select(uptime=all_hours, uptime_open_hours=in_open)

    of_sums = (heard.sum() / expected.sum(), came.sum() / due.sum())
    daily, open_daily = heard / expected, came / due
    at_zero = pl.when(due > 0).then(open_daily).otherwise(0.0)
    now = fleet.service.filter(pl.col("end").is_null())["device_id"].to_list()
    return Answer(
        rates(days, *of_sums),
        {
            "mean_of_days": rates(
                days, daily.mean(), pl.when(due > 0).then(open_daily).otherwise(None).mean()
            ),
            "days_off_as_zero": rates(days, of_sums[0], at_zero.mean()),
            "survivors_only": rates(days.filter(pl.col("device_id").is_in(now)), *of_sums),
            "days_all_or_nothing": rates(
                days, (heard > 0).mean(), (came > 0).sum() / (due > 0).sum()
            ),
        },
    )


@answers("07-02")
def failures_and_repairs(book: Book) -> Answer:
    fleet = _fleet(book)
    days = fleet.days(*YEAR, "expected_heartbeats")
    hours = days["expected_heartbeats"].sum() / 60
    kept = set(days.select("device_id", "business_date").rows())
    begun = [one for one in fleet.silences if (one[0], fleet.day_of(one[0], one[1])) in kept]
    failed = [one for one in begun if one[3]]
    lost, down = _failed_hours(fleet, days)
    orders = fleet.landing.newest("iot", "work_order").filter(
        pl.col("device_id").is_in(list(fleet.zone)), pl.col("closed_at").is_not_null()
    )
    took = (pl.col("closed_at") - pl.col("opened_at")).dt.total_seconds() / 60
    orders = orders.with_columns(
        day=pl.struct("device_id", "closed_at").map_elements(
            lambda row: fleet.day_of(row["device_id"], row["closed_at"]), return_dtype=pl.Date
        ),
        took=took.round() / 60,
    ).filter(pl.col("day").is_between(*YEAR))
    repairs = orders.filter(pl.col("type") == "repair")
    mtbf = (hours - lost) / len(failed)
    mttr = repairs["took"].mean()
    broken = {one[0] for one in failed}
    theirs = days.filter(pl.col("device_id").is_in(list(broken)))["expected_heartbeats"].sum() / 60

    def answer(between: float, repair: float) -> pl.DataFrame:
        return pl.DataFrame({"mtbf_hours": [between], "mttr_hours": [repair]})

    return Answer(
        answer(mtbf, mttr),
        {
            "every_silence_counted": answer((hours - lost) / len(begun), mttr),
            "every_order_counted": answer(mtbf, orders["took"].mean()),
            "labour_only": answer(mtbf, repairs["labour_minutes"].mean() / 60),
            "broken_devices_only": answer((theirs - down) / len(failed), mttr),
        },
    )


def _in(span: tuple[date, date], day: date) -> bool:
    return span[0] <= day <= span[1]


def _failed_hours(fleet: Fleet, days: pl.DataFrame) -> tuple[float, float]:
    """Hours of the days lost to failures, of all devices and of those that failed within them."""
    failed = [one for one in fleet.silences if one[3]]
    known = days.filter(pl.col("device_id").is_in([one[0] for one in failed]))
    due = {(d, b): e for d, b, e in known.select(
        "device_id", "business_date", "expected_heartbeats").rows()}  # fmt: skip
    lost: dict[tuple[str, date], float] = defaultdict(float)
    for device, begin, end, _ in failed:
        day = fleet.day_of(device, begin)
        while (start := fleet.begin_of(device, day)) < end:
            stop = fleet.begin_of(device, day + timedelta(days=1))
            if (device, day) in due:
                lost[device, day] += (min(end, stop) - max(begin, start)).total_seconds() / 60
            day += timedelta(days=1)
    hours = {key: min(minutes, due[key]) / 60 for key, minutes in lost.items()}
    broken = {one[0] for one in failed if _in(YEAR, fleet.day_of(one[0], one[1]))}
    return sum(hours.values()), sum(h for (device, _), h in hours.items() if device in broken)


@answers("07-03")
def offline_now(book: Book) -> Answer:
    fleet = _fleet(book)
    as_of = fleet.landing.as_of
    running = fleet.service.filter(pl.col("end").is_null())
    silent = {one[0] for one in fleet.silences if one[2] >= as_of}
    states = dict(fleet.devices.select("id", "status").rows())
    everyone = fleet.service.unique("device_id", keep="last")

    def by_country(rows: pl.DataFrame, offline: set[str]) -> pl.DataFrame:
        return rows.group_by("country").agg(
            in_service=pl.len().cast(pl.Int64),
            offline=pl.col("device_id").is_in(list(offline)).sum().cast(pl.Int64),
        )

    serving = set(running["device_id"])
    gone = {one for one in everyone["device_id"] if one not in serving}
    alerted = _alerted(fleet) & serving
    return Answer(
        by_country(running, silent),
        {
            "failed_only": by_country(
                running, {one for one, state in states.items() if state == "faulty"}
            ),
            "out_of_service_counted": by_country(everyone, silent | gone),
            "alerts_counted": by_country(running, alerted),
        },
    )


def _alerted(fleet: Fleet) -> set[str]:
    """Devices with an alert that is open."""
    events = fleet.landing.newest("iot", "device_event").filter(
        pl.col("type").is_in(["alert_open", "alert_close"])
    )
    last = events.sort("at").unique(["device_id", "code"], keep="last")
    return set(last.filter(pl.col("type") == "alert_open")["device_id"].cast(pl.String))


@answers("07-04")
def firmware_errors(book: Book) -> Answer:
    fleet = _fleet(book)
    days = fleet.days(*YEAR, "error_count", "firmware_version", "heartbeats").with_columns(
        pl.col("firmware_version").cast(pl.String)
    )
    now = fleet.devices.select(device_id="id", now=pl.col("firmware_version").cast(pl.String))
    enough = days.group_by("firmware_version").len().filter(pl.col("len") >= MOST_DEVICE_DAYS)

    def per_thousand(rows: pl.DataFrame, of: pl.Expr) -> pl.DataFrame:
        sums = rows.group_by("firmware_version").agg(
            errors_per_1000_days=1000 * pl.col("error_count").sum() / of
        )
        return sums.join(enough.select("firmware_version"), on="firmware_version", how="semi")

    today = days.join(now, on="device_id").with_columns(firmware_version="now")
    return Answer(
        per_thousand(days, pl.len()),
        {
            "todays_firmware": per_thousand(today, pl.len()),
            "per_device": per_thousand(days, pl.col("device_id").n_unique()),
            "error_days_only": per_thousand(
                days, (pl.col("error_count") > 0).sum().cast(pl.Float64)
            ),
        },
    )


@answers("07-05")
def temperature(book: Book) -> Answer:
    fleet = _fleet(book)
    before = SPRING[0] - timedelta(days=4)
    columns = ("temp", "liquid_temp_c", "temp_out_of_range_minutes", "firmware_version")
    rows = fleet.days(before, SPRING[1], *columns).sort("device_id", "business_date")
    celsius, old = pl.col("liquid_temp_c"), ((pl.col("temp") - 32) * 5 / 9).round(2)
    wrong = (celsius > RIGHT_UNIT_BELOW).fill_null(False)
    rows = rows.with_columns(
        sent=pl.coalesce(celsius, "temp"),
        renamed=pl.coalesce(celsius, old),
        read=pl.when(wrong)
        .then(((celsius - 32) * 5 / 9).round(2))
        .otherwise(pl.coalesce(celsius, old)),
        minutes=pl.when(~wrong).then(pl.col("temp_out_of_range_minutes")),
    )
    day, read, minutes = pl.col("business_date"), pl.col("read"), pl.col("minutes")

    def earlier(column: pl.Expr, steps: int) -> pl.Expr:
        return column.shift(steps).over("device_id")

    stuck = earlier(day, 4) == day - pl.duration(days=4)
    for steps in range(1, 5):
        stuck &= read == earlier(read, steps)
    jumped = (minutes >= 1440) & (earlier(minutes, 1) >= 1440)
    jumped &= earlier(day, 1) == day - pl.duration(days=1)
    rows = rows.with_columns(faulty=(stuck | jumped).fill_null(False)).filter(
        day.is_between(*SPRING)
    )

    def by_month(frame: pl.DataFrame, column: str) -> pl.DataFrame:
        means = frame.group_by(month=day.dt.month_start()).agg(avg_temp_c=pl.col(column).mean())
        return means.filter(pl.col("avg_temp_c").is_not_null())

    sound = rows.filter(~pl.col("faulty"))
    return Answer(
        by_month(sound, "read"),
        {
            "new_column_only": by_month(rows, "liquid_temp_c"),
            "units_mixed": by_month(rows, "sent"),
            "wrong_unit_kept": by_month(rows, "renamed"),
            "faulty_sensors_kept": by_month(rows, "read"),
        },
    )


@answers("07-06")
def friday_pours(book: Book) -> Answer:
    fleet = _fleet(book)
    as_of = fleet.landing.as_of
    rows = fleet.readings(
        "device_telemetry_hourly",
        "reported_at",
        as_of - timedelta(days=14),
        as_of,
        "pour_count",
        "status",
    ).filter(pl.col("pour_count") > 0)
    zones = pl.DataFrame(
        {"device_id": list(fleet.zone), "zone": [zone.key for zone in fleet.zone.values()]}
    )
    rows = pl.concat(
        part.with_columns(local=pl.col("reported_at").dt.convert_time_zone(zone)
                          .dt.replace_time_zone(None))
        for (zone,), part in rows.join(zones, on="device_id").group_by("zone")
    )  # fmt: skip
    local, friday = pl.col("local"), 5
    at_night = (local - NIGHT).dt.weekday() == friday

    def by_hour(frame: pl.DataFrame, hour: pl.Expr, value: pl.Expr) -> pl.DataFrame:
        return frame.group_by(local_hour=hour.cast(pl.Int64)).agg(pours=value.cast(pl.Int64))

    utc = pl.col("reported_at")
    total = pl.col("pour_count").sum()
    fridays = rows.filter(at_night)
    return Answer(
        by_hour(fridays, local.dt.hour(), total),
        {
            "utc_hours": by_hour(rows.filter(utc.dt.weekday() == friday), utc.dt.hour(), total),
            "calendar_day": by_hour(
                rows.filter(local.dt.weekday() == friday), local.dt.hour(), total
            ),
            "late_reports_left_out": by_hour(
                fridays.filter(pl.col("ingested_at") <= utc + 2 * HOUR), local.dt.hour(), total
            ),
            "all_days": by_hour(rows, local.dt.hour(), total),
        },
    )


@answers("07-07")
def firmware_then(book: Book) -> Answer:
    fleet = _fleet(book)
    versions = fleet.landing.rows("iot", "device").filter(pl.col("id").is_in(list(fleet.zone)))
    then = versions.filter(pl.col("updated_at") <= THEN).sort("updated_at", maintain_order=True)
    then = then.unique("id", keep="last", maintain_order=True)

    def by_version(rows: pl.DataFrame, of: list[str] | None) -> pl.DataFrame:
        if of is not None:
            rows = rows.filter(pl.col("status").is_in(of))
        return rows.group_by(firmware_version=pl.col("firmware_version").cast(pl.String)).agg(
            devices=pl.len().cast(pl.Int64)
        )

    at_work = ["active", "faulty"]
    now = fleet.devices.filter(pl.col("status").is_in(at_work))
    survivors = then.filter(pl.col("id").is_in(now["id"].to_list()))
    newest = fleet.devices.select("id", now="firmware_version")
    mixed = then.join(newest, on="id").with_columns(firmware_version="now")
    return Answer(
        by_version(then, at_work),
        {
            "answered_for_today": by_version(now, None),
            "todays_firmware": by_version(mixed, at_work),
            "out_of_service_counted": by_version(then, None),
            "survivors_only": by_version(survivors, at_work),
        },
    )
