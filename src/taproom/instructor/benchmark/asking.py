"""Asking: the questions of examples/ on the entities, the same answers from staging by joins, and
heavy roll-ups beside DuckDB on the delivered Parquet files."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg

from taproom import settings
from taproom.errors import TaproomError
from taproom.instructor import queries
from taproom.instructor.benchmark.measure import Measure

ROUNDS = 3
# (what, on the entities, on the files of a table): every row is read.
ROLL_UPS = (
    (
        "uptime of every day",
        "select date, sum(received_heartbeats)::float8 / sum(expected_heartbeats)"
        " from entities.entity_devices_daily group by date",
        "iot/device_telemetry_daily",
        "select business_date, sum(heartbeats) / sum(expected_heartbeats) from {files}"
        " group by all",
    ),
    (
        "pours by hour of two weeks",
        "select hour_at, sum(pours) from entities.entity_devices_hourly group by hour_at",
        "iot/device_telemetry_hourly",
        "select reported_at, sum(pour_count) from {files} group by all",
    ),
    (
        "spend by day",
        "select date, sum(spend_usd), sum(clicks) from entities.entity_campaigns_daily"
        " where platform = 'google_ads' group by date",
        "google_ads/ad_stats",
        "select date, sum(cost_micros) / 1e6, sum(clicks) from {files} group by all",
    ),
)


def measure() -> list[Measure]:
    """Seconds of the questions, their ratio to joins over staging, and roll-ups beside DuckDB."""
    from taproom.services import postgres

    with postgres.connect(settings.OWNER) as connection:
        return [*questions(connection), *roll_ups(connection), unused_indexes(connection)]


def questions(connection: psycopg.Connection) -> list[Measure]:
    """Median and 95th percentile of all questions, and of the ratio to the same by joins."""
    ours, ratios, slowest = {}, {}, ("", 0.0)
    for query in queries.load().values():
        rows, taken = timed(connection, query.sql)
        ours[query.id] = taken
        if len(query.tables) == 1 and taken > slowest[1]:
            slowest = (query.id, taken)
        by_joins = normalised(query.id)
        if by_joins is None:
            continue
        other, longer = timed(connection, by_joins)
        if rows != other:
            raise TaproomError(
                f"{query.id} has another answer by joins.",
                where="src/taproom/instructor/benchmark/normalised",
                remedy="a comparison of times needs equal answers: mend the statement",
            )
        ratios[query.id] = longer / taken
    note = ", ".join(f"{one} {ratio:.0f}x" for one, ratio in ratios.items())
    return [
        Measure(f"{len(ours)} questions on the entities, median", median(ours.values()), "s",
                less=True),
        Measure("the slowest question of one table", slowest[1], "s", goal=1, less=True,
                note=slowest[0]),
        Measure(f"{len(ratios)} questions by joins over staging, median", median(ratios.values()),
                "times as long", note=f"equal answers; {note}"),
        Measure(f"{len(ratios)} questions by joins over staging, all but one in twenty at least",
                low(ratios.values()), "times as long", goal=20),
    ]  # fmt: skip


def roll_ups(connection: psycopg.Connection) -> list[Measure]:
    """The same sums from the entities and from the Parquet files."""
    import duckdb

    found = []
    for what, on_entities, folder, on_files in ROLL_UPS:
        _, ours = timed(connection, on_entities)
        files = settings.data() / "landing" / Path(folder)
        statement = on_files.format(files=f"read_parquet('{files}/*.parquet', union_by_name=true)")
        with duckdb.connect() as parquet:
            theirs = median(clocked(lambda: parquet.execute(statement).fetchall()))  # noqa: B023
        found.append(
            Measure(f"roll-up: {what}", ours, "s", "DuckDB on the Parquet files", theirs, less=True)
        )
    return found


def unused_indexes(connection: psycopg.Connection) -> Measure:
    """Indexes of entities and marts that neither a build, a tick nor a question has used."""
    connection.execute("select pg_stat_force_next_flush()")
    connection.commit()
    rows = connection.execute(
        "select relname || ' (' || string_agg(a.attname, ', ' order by a.attnum) || ')'"
        " from pg_stat_user_indexes as s join pg_attribute as a on a.attrelid = s.indexrelid"
        " where schemaname in ('entities', 'marts') and idx_scan = 0"
        " group by s.indexrelid, relname order by 1"
    ).fetchall()
    return Measure(
        "indexes of entities and marts nothing has used", float(len(rows)), "indexes", less=True,
        note="; ".join(name for (name,) in rows),
    )  # fmt: skip


def normalised(question: str) -> str | None:
    """The statement that answers a question from staging, where there is one."""
    path = Path(__file__).parent / "normalised" / f"{question.lower()}.sql"
    return path.read_text(encoding="utf-8") if path.exists() else None


def timed(connection: psycopg.Connection, statement: str) -> tuple[list[tuple], float]:
    """Rows, and the median of some rounds; the first fills the caches and does not count."""
    rows = connection.execute(statement).fetchall()
    taken = clocked(lambda: connection.execute(statement).fetchall())
    return rows, median(taken)


def clocked(work) -> list[float]:
    found = []
    for _ in range(ROUNDS):
        began = perf_counter()
        work()
        found.append(perf_counter() - began)
    return found


def low(values) -> float:
    """What 95 of a hundred reach."""
    ordered = sorted(values)
    return ordered[math.floor(0.05 * len(ordered))]
