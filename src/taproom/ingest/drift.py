"""Schema drift: what changed between the files of a table, told once, when it happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from taproom.contracts import Column, Table
from taproom.ingest.manifest import Batch
from taproom.ingest.plan import Delivered, Plan

COLUMN_ADDED = "column added"
COLUMN_REMOVED = "column removed"
COLUMN_RETURNED = "column returned"
TYPE_CHANGED = "type changed"
TYPE_RESTORED = "type restored"
TABLE_ADDED = "table added"
TABLE_REMOVED = "table removed"


@dataclass(frozen=True)
class Change:
    """One entry of ops.schema_drift; `column` is null where the whole table changed."""

    source: str
    table: str
    column: str | None
    change: str
    detail: str


class Drift:
    """Remembers the last known state of every column, so that a change is logged once."""

    def __init__(self, logged: Iterable[Change] = ()) -> None:
        self._presence: dict[tuple, str] = {}
        self._types: dict[tuple, Change] = {}
        self._seen: dict[tuple[str, str], Plan] = {}  # of each table's last file
        for change in logged:
            self._remember(change)

    def _remember(self, change: Change) -> Change:
        key = (change.source, change.table, change.column)
        if change.change in (TYPE_CHANGED, TYPE_RESTORED):
            self._types[key] = change
        else:
            self._presence[key] = change.change
        return change

    def of_file(self, table: Table, plan: Plan, batch: Batch) -> list[Change]:
        """What a file changes; every entry is remembered."""
        if self._seen.get((table.source, table.name)) is plan:
            # As the file before: only days the contract names can still change something.
            found = [c for column in plan.missing for c in self._of_absence(table, column, batch)]
            return [self._remember(change) for change in found]
        self._seen[table.source, table.name] = plan
        found = self._of_table(table)
        for delivered in plan.delivered:
            found += self._of_presence(table, delivered, batch)
            found += self._of_type(table, delivered)
        for column in plan.missing:
            found += self._of_absence(table, column, batch)
        present = {d.column.name for d in plan.delivered}
        for source, name, column in list(self._presence):
            if (source, name) == (table.source, table.name) and column not in present | {None}:
                known = column in {c.name for c in table.columns}
                if not known and self._presence[source, name, column] != COLUMN_REMOVED:
                    found.append(
                        Change(source, name, column, COLUMN_REMOVED, "not in the contract")
                    )
        return [self._remember(change) for change in found]

    def of_ended_tables(self, tables: Iterable[Table], batch: Batch) -> list[Change]:
        """Which of the tables ever delivered end within the batch or before it."""
        found = []
        for table in tables:
            key = (table.source, table.name, None)
            ended = table.ended_on and table.ended_on < batch.end.date()
            if ended and self._presence.get(key) != TABLE_REMOVED:
                found.append(Change(*key, TABLE_REMOVED, _expected(table.ended_on)))
        return [self._remember(change) for change in found]

    def _of_table(self, table: Table) -> list[Change]:
        key = (table.source, table.name, None)
        if not table.started_on or self._presence.get(key):
            return []
        return [Change(*key, TABLE_ADDED, _expected(table.started_on))]

    def _of_presence(self, table: Table, delivered: Delivered, batch: Batch) -> list[Change]:
        column = delivered.column
        key = (table.source, table.name, column.name)
        last = self._presence.get(key)
        if last == COLUMN_REMOVED:
            return [Change(*key, COLUMN_RETURNED, "delivered again")]
        if last:
            return []
        if not delivered.known:
            detail = f"not in the contract; kept as {column.postgres_type}, nullable"
            return [Change(*key, COLUMN_ADDED, detail)]
        if not column.added_on:
            return []
        early = not column.delivered(batch.start, batch.end)
        detail = f"the contract says {column.added_on}" if early else _expected(column.added_on)
        return [Change(*key, COLUMN_ADDED, detail)]

    def _of_absence(self, table: Table, column: Column, batch: Batch) -> list[Change]:
        key = (table.source, table.name, column.name)
        if self._presence.get(key) == COLUMN_REMOVED:
            return []
        if column.delivered(batch.start, batch.end):
            return [Change(*key, COLUMN_REMOVED, "not expected; null in every row")]
        if column.removed_on and batch.start.date() >= column.removed_on:
            return [
                Change(*key, COLUMN_REMOVED, f"{_expected(column.removed_on)}; null from now on")
            ]
        return []  # the contract has it from a later day on

    def _of_type(self, table: Table, delivered: Delivered) -> list[Change]:
        column = delivered.column
        key = (table.source, table.name, column.name)
        last = self._types.get(key)
        if delivered.drifted:
            detail = f"{delivered.type} instead of {column.arrow_type()}; cast"
            if last and (last.change, last.detail) == (TYPE_CHANGED, detail):
                return []
            return [Change(*key, TYPE_CHANGED, detail)]
        if last and last.change == TYPE_CHANGED:
            return [Change(*key, TYPE_RESTORED, f"{delivered.type} again")]
        return []


def _expected(day: date) -> str:
    return f"expected since {day}"
