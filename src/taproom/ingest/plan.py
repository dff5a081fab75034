"""What to do with the columns of one landing file, decided from its schema alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from taproom.contracts import ARRIVED_AT, Column, Table
from taproom.errors import TaproomError
from taproom.ingest import casts
from taproom.ingest.manifest import Batch, LandingFile

ARRIVED = Column(ARRIVED_AT, "z", "When the connector delivered the row, UTC.", required=True)
RESERVED = ("_batch_id", "_batch_seq", "_row_no")
LONGEST_NAME = 63  # bytes PostgreSQL keeps of a name


@dataclass(frozen=True)
class Delivered:
    """One column of a file: where it stands there and what it is to become."""

    index: int
    column: Column
    type: pa.DataType
    known: bool  # whether the contract has it

    @property
    def drifted(self) -> bool:
        return not casts.fulfils(self.type, self.column)

    @property
    def target(self) -> pa.DataType:
        """The Arrow type the values get; numbers nobody announced keep up to 18 decimals."""
        if self.column.type == "n" and not self.known:
            return pa.decimal128(38, 18)
        return self.column.arrow_type()


@dataclass(frozen=True)
class Plan:
    """Columns a file delivers, and the contract's columns it lacks."""

    delivered: tuple[Delivered, ...]
    missing: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(d.column for d in self.delivered)

    @property
    def unknown(self) -> tuple[Delivered, ...]:
        return tuple(d for d in self.delivered if not d.known)


def plan(
    table: Table,
    schema: pa.Schema,
    extras: dict[str, str],
    file: LandingFile,
    batch: Batch,
    path: Path,
) -> Plan:
    """Match a file's columns with the contract.

    `extras` are columns beyond the contract that the raw table has from earlier files, with their
    type codes. Raises TaproomError where the batch has to fail: a key column is missing, a column
    stands twice, or a name cannot be kept.
    """
    contract = {c.name: c for c in (*table.columns, ARRIVED)}
    delivered = []
    for index, field in enumerate(schema):
        if schema.names.count(field.name) > 1:
            raise _refused(file, batch, path, f"has the column {field.name} twice")
        if field.name in RESERVED:
            raise _refused(file, batch, path, f"uses the name {field.name}, which the ingest needs")
        if not 0 < len(field.name.encode()) <= LONGEST_NAME or "\0" in field.name:
            raise _refused(file, batch, path, f"has a column no table can hold: {field.name!r}")
        column = contract.get(field.name)
        if column is None:
            code = extras.get(field.name) or casts.code_for(field.type)
            column = Column(field.name, code, "Not in the contract.")
        delivered.append(Delivered(index, column, field.type, field.name in contract))
    missing = tuple(c for name, c in contract.items() if name not in schema.names)
    for column in missing:
        if column.name in table.key or column is ARRIVED:
            kind = "key column" if column.name in table.key else "column"
            raise _refused(file, batch, path, f"lacks the {kind} {column.name}")
    return Plan(tuple(delivered), missing)


def _refused(file: LandingFile, batch: Batch, path: Path, why: str) -> TaproomError:
    return TaproomError(
        f"The landing file of {file.name} in batch {batch.id} {why}. Nothing of batch {batch.id} "
        "was loaded; the batches before it stay.",
        where=str(path),
        remedy=f"./taproom world regenerate --table {file.name} --date {batch.start:%Y-%m-%d}, "
        "then ./taproom ingest; if the source really changed, say so in "
        f"src/taproom/contracts/{file.source}.yml",
    )
