"""Asking: the questions of examples/ on the entities, the same answers from staging by joins, and
heavy roll-ups beside DuckDB on the delivered Parquet files."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median
from time import perf_counter

import psycopg

from taproom import settings
from taproom.errors import TaproomError
from taproom.instructor import queries
from taproom.instructor.benchmark import joins, roll_ups
from taproom.instructor.benchmark.measure import ENOUGH_SECONDS, Measure, clocked


def measure() -> list[Measure]:
    """Seconds of the questions, their ratio to joins over staging, and roll-ups beside DuckDB."""
    from taproom.services import postgres

    with postgres.connect(settings.OWNER) as connection:
        return [
            *questions(connection),
            *roll_ups.measure(connection),
            unused_indexes(connection),
        ]


def questions(connection: psycopg.Connection) -> list[Measure]:
    """All questions on the entities; those that are written by joins beside themselves."""
    every, ours, theirs = {}, {}, {}
    for query in queries.load().values():
        rows, every[query.id] = timed(connection, query.sql)
        by_joins = joins.statement(query.id)
        if by_joins is None:
            continue
        other, taken = fastest(connection, by_joins)
        if rows != other:
            raise TaproomError(
                f"{query.id} has another answer by joins.",
                where=str(joins.FOLDER),
                remedy="a comparison of times needs equal answers: mend the statement",
            )
        ours[query.id], theirs[query.id] = every[query.id], taken
    single = {one: every[one] for one, query in queries.load().items() if len(query.tables) == 1}
    slowest = max(single, key=single.get)
    ratios = {one: theirs[one] / ours[one] for one in ours}
    listed = sorted(ratios, key=ratios.get)
    note = ", ".join(f"{one} {ratios[one]:.2g}x of {theirs[one]:.2g} s" for one in listed)
    beside = "the same by joins over staging"
    return [
        Measure(f"{len(every)} questions on the entities, median", median(every.values()), "s",
                less=True),
        Measure("the slowest question of one table", single[slowest], "s", goal=1, less=True,
                note=slowest),
        Measure(f"{len(ours)} questions of one table, median of the seconds",
                median(ours.values()), "s", beside, median(theirs.values()), less=True,
                note=f"equal answers; {len(joins.LEFT_OUT)} are not written by joins, for the "
                "reasons in src/taproom/instructor/benchmark/joins.py"),
        Measure(f"{len(ours)} questions of one table, 95th percentile of the seconds",
                percentile(ours.values(), 0.95), "s", beside,
                percentile(theirs.values(), 0.95), goal=20, less=True),
        Measure("by joins, median of the ratios", median(ratios.values()), "times as long",
                note=note),
        Measure("by joins, the ratio 95 of a hundred reach", percentile(ratios.values(), 0.05),
                "times as long", goal=20),
    ]  # fmt: skip


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


def timed(connection: psycopg.Connection, statement: str) -> tuple[list[tuple], float]:
    """Rows, and the median of some rounds; the first fills the caches and does not count, unless
    it took so long that it is the only one.
    """
    began = perf_counter()
    rows = connection.execute(statement).fetchall()
    first = perf_counter() - began
    if first > ENOUGH_SECONDS:
        return rows, first
    return rows, median(clocked(lambda: connection.execute(statement).fetchall()))


def fastest(connection: psycopg.Connection, by_joins: str) -> tuple[list[tuple], float]:
    """The same for a statement by joins, as it goes fastest: with what joins.SETTINGS say, or once
    as PostgreSQL plans it by itself, which gets no longer than that took.
    """
    for name, value in joins.SETTINGS.items():
        connection.execute(f"set {name} = {value}")
    rows, taken = timed(connection, by_joins)
    for name in joins.SETTINGS:
        connection.execute(f"reset {name}")
    connection.execute(f"set statement_timeout = {math.ceil(1000 * taken)}")
    connection.commit()
    try:
        began = perf_counter()
        connection.execute(by_joins).fetchall()
        alone = perf_counter() - began
    except psycopg.errors.QueryCanceled:
        connection.rollback()
        alone = math.inf
    connection.execute("reset statement_timeout")
    connection.commit()
    return rows, min(taken, alone)


def percentile(values: Iterable[float], share: float) -> float:
    """The value in whose place `share` of the sorted values stand at most before it."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.floor(share * len(ordered)))]
