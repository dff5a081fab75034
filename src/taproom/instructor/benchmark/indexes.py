"""What each index of the entities is good for, by measured plans: `python -m
taproom.instructor.benchmark.indexes` prints the table of docs/indexes.md for the present home.

An index is asked for by a question of examples/, by what a tick deletes, or, if it upholds a key,
by looking up one thing. Each such statement is timed as it is and with the index gone, in a
transaction that is taken back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg

from taproom import settings
from taproom.instructor import queries

ROUNDS = 5
CELLS = 200  # that a tick of an hour changes, say
WORTH = 1.2  # times as long without the index: below, the difference is noise
HEAD = ("Table", "Index", "Size", "Rows of the table", "Asked for by", "With", "Without", "Times")


@dataclass(frozen=True)
class Index:
    """An index of a table of the entities."""

    table: str
    name: str
    columns: tuple[str, ...]
    method: str
    is_unique: bool
    size_bytes: int
    table_rows: int


@dataclass(frozen=True)
class Use:
    """A statement whose plan has an index: milliseconds with it and without it."""

    index: Index
    asked_by: str
    with_ms: float
    without_ms: float

    @property
    def times(self) -> float:
        return self.without_ms / self.with_ms


def found(connection: psycopg.Connection) -> list[Index]:
    """Every index of the schema entities."""
    rows = connection.execute(
        """
        select t.relname, i.relname, array_agg(a.attname::text order by a.attnum), am.amname,
            x.indisunique, pg_relation_size(i.oid), t.reltuples::bigint
        from pg_index as x
        join pg_class as i on i.oid = x.indexrelid
        join pg_class as t on t.oid = x.indrelid
        join pg_am as am on am.oid = i.relam
        join pg_attribute as a on a.attrelid = i.oid
        where t.relnamespace = 'entities'::regnamespace
        group by t.relname, i.relname, am.amname, x.indisunique, i.oid, t.reltuples
        order by 1, 3
        """
    )
    return [Index(table, name, tuple(columns), *rest) for table, name, columns, *rest in rows]


def statements(connection: psycopg.Connection, index: Index) -> Iterator[tuple[str, str]]:
    """(who asks, SQL) of what may use an index: the questions on its table, what a tick takes away,
    and the rows of one thing by the key of the table.
    """
    for query in queries.load().values():
        if index.table in query.tables:
            yield query.id, query.sql
    yield from _tick(connection, index.table)
    if _is_key(index):
        column = index.columns[0]
        value = _often(connection, index.table, column)
        what = f"one {column.removesuffix('_id')}'s rows"
        yield what, f"select * from entities.{index.table} where {column} = {value}"


def _tick(connection: psycopg.Connection, table: str) -> Iterator[tuple[str, str]]:
    """What a tick deletes of a table, as ops.tick_plan has it: all rows of a thing that changed and
    the days behind the last one built, or the cells that changed; and what has grown too old.
    """
    plan = connection.execute(
        "select split_part(condition, ' ', 1), grain_date, cells is not null, unique_key, prune,"
        " condition ~ 'week_start >='"
        " from ops.tick_plan where model = %s and materialized = 'incremental'", [table]
    ).fetchone()  # fmt: skip
    if plan is None:
        return
    column, grain, by_cell, key, prune, by_week = plan
    take = f"delete from entities.{table}"
    if by_cell:
        thing, day = key.split(", ")
        rows = connection.execute(
            f"select format('(%%L, %%L::%%s)', {thing}, {day}, pg_typeof({day}))"
            f" from entities.{table} order by {day} desc limit {CELLS}", []
        )  # fmt: skip
        cells = ", ".join(cell for (cell,) in rows)
        same = f"target.{thing} = cells.{thing} and target.{day} = cells.{day}"
        using = f"(values {cells}) as cells ({key})"
        yield "a tick: cells", f"{take} as target using {using} where {same}"
    else:
        (today,) = connection.execute("select quote_literal(as_of_date())").fetchone()
        news = f"{grain} > {today}" if grain else None
        news = f"week_start > {today}::date - 7" if by_week else news
        one = f"{column} in ({_often(connection, table, column)})"
        yield "a tick: one thing anew", f"{take} where {one}{f' or {news}' if news else ''}"
    if prune:
        yield "a tick: what is too old", f"{take} where {prune}"


def _is_key(index: Index) -> bool:
    """Whether an index upholds its table's key, or finds the versions of one thing."""
    return index.is_unique or index.table.endswith("_history")


def _often(connection: psycopg.Connection, table: str, column: str) -> str:
    """The value that most rows have, as a literal."""
    return connection.execute(
        f"select quote_literal({column}::text) from entities.{table} where {column} is not null"
        f" group by {column} order by count(*) desc, {column} limit 1"
    ).fetchone()[0]


def uses(connection: psycopg.Connection, index: Index) -> list[Use]:
    """Every statement whose plan has the index, what gains most first."""
    gained = []
    for asked_by, statement in statements(connection, index):
        if index.name not in str(_plan(connection, statement)):
            continue
        with_ms = _milliseconds(connection, statement)
        without_ms = _milliseconds(connection, statement, f'drop index entities."{index.name}"')
        gained.append(Use(index, asked_by, with_ms, without_ms))
    return sorted(gained, key=lambda use: -use.times)


def markdown(connection: psycopg.Connection) -> str:
    """A row an index: what gains most by it; one that nothing uses says so."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|--:|--:|---|--:|--:|--:|"]
    for index in found(connection):
        gained = uses(connection, index)
        kind = {"btree": ""}.get(index.method, f" {index.method}")
        name = f"`{', '.join(index.columns)}`{kind}{' unique' if index.is_unique else ''}"
        cells = [f"`{index.table}`", name, _size(index.size_bytes), f"{index.table_rows:,}"]
        if gained and gained[0].times > WORTH:
            best = gained[0]
            others = ", ".join(use.asked_by for use in gained[1:] if use.times > WORTH)
            also = f"; also {others}" if others else ""
            cells += [best.asked_by + also, f"{best.with_ms:.2f} ms", f"{best.without_ms:.2f} ms",
                      f"{best.times:,.1f}"]  # fmt: skip
        else:
            cells += ["its key only" if _is_key(index) else "nothing", "", "", ""]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _plan(connection: psycopg.Connection, statement: str) -> Any:
    return connection.execute(f"explain (format json) {statement}").fetchone()[0]


def _milliseconds(connection: psycopg.Connection, statement: str, before: str = "") -> float:
    """Median of some rounds behind a first one, all taken back."""
    taken = []
    for _ in range(ROUNDS + 1):
        try:
            if before:
                connection.execute(before)
            began = time.perf_counter()
            cursor = connection.execute(statement)
            if cursor.description:
                cursor.fetchall()
            taken.append(1000 * (time.perf_counter() - began))
        finally:
            connection.rollback()
    return median(taken[1:])


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.1f} MiB" if size_bytes >= 2**20 else f"{size_bytes >> 10} KiB"


if __name__ == "__main__":
    from taproom.services import postgres

    with postgres.connect(settings.OWNER) as owner:
        print(markdown(owner), end="")
