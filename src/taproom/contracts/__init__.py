"""Table contracts: what each source promises to deliver.

One YAML file a source stands beside this module. The simulator writes its landing files from
the contracts, the ingest checks files against them, dbt's source descriptions come from them.
The format is described in docs/ingest.md. Loading needs PyYAML only; pyarrow is imported when
an Arrow schema is asked for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    import pyarrow as pa

SOURCES = (
    "app",
    "stripe",
    "finance",
    "zendesk",
    "survey",
    "hubspot",
    "segment",
    "google_ads",
    "facebook_ads",
    "linkedin_ads",
    "ga4",
    "iot",
    "pos",
)
ARRIVED_AT = "_arrived_at"

#: type code -> (PostgreSQL type, meaning); Arrow types are in Column.arrow_type
TYPES = {
    "t": ("text", "text"),
    "i": ("integer", "32-bit integer"),
    "b": ("bigint", "64-bit integer"),
    "n": ("numeric", "exact decimal number"),
    "f": ("double precision", "floating-point number"),
    "o": ("boolean", "true or false"),
    "z": ("timestamptz", "instant in UTC, to the microsecond"),
    "d": ("date", "calendar date"),
    "j": ("jsonb", "JSON"),
}
UPDATES = ("append", "mutable", "history", "cdc", "restating")


@dataclass(frozen=True)
class Renamed:
    """One value of an enum that another one replaces from a date on."""

    old: str
    new: str
    since: date


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    `required`: never null. `enum`: the closed set of values (null is judged by `required`).
    `scale`: decimals after the point of a numeric, 6 unless the contract says otherwise.
    `added_on`, `removed_on`: the day from which rows carry the column, or no longer do.
    """

    name: str
    type: str
    description: str
    required: bool = False
    enum: tuple[str, ...] = ()
    scale: int = 6
    added_on: date | None = None
    removed_on: date | None = None
    renamed: Renamed | None = None

    @property
    def postgres_type(self) -> str:
        return TYPES[self.type][0]

    def arrow_type(self) -> pa.DataType:
        """Arrow type of the column in a landing file. JSON travels as a string."""
        import pyarrow as pa

        return {
            "t": pa.string(),
            "i": pa.int32(),
            "b": pa.int64(),
            "n": pa.decimal128(18, self.scale),
            "f": pa.float64(),
            "o": pa.bool_(),
            "z": pa.timestamp("us", "UTC"),
            "d": pa.date32(),
            "j": pa.string(),
        }[self.type]

    def delivered(self, start: datetime, end: datetime) -> bool:
        """Whether a file of the rows that arrive in [start, end) carries the column."""
        return not (
            (self.added_on and end <= _instant(self.added_on))
            or (self.removed_on and start >= _instant(self.removed_on))
        )


@dataclass(frozen=True)
class Table:
    """One table of a contract. `started_on`, `ended_on` bound the days it is delivered on."""

    source: str
    name: str
    description: str
    key: tuple[str, ...]
    update: str
    columns: tuple[Column, ...]
    started_on: date | None = None
    ended_on: date | None = None

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.source}.{self.name} has no column {name!r}")

    def columns_on(self, day: date) -> tuple[Column, ...]:
        """Columns that rows arriving on one UTC day carry."""
        return self.columns_between(_instant(day), datetime.combine(day, time.max, UTC))

    def columns_between(self, start: date | datetime, end: date | datetime) -> tuple[Column, ...]:
        """Columns of a file of the rows that arrive in [start, end).

        A file whose window holds the day of a change carries the columns of both sides.
        """
        first, last = _instant(start), _instant(end)
        return tuple(c for c in self.columns if c.delivered(first, last))

    def arrow_schema(
        self, day: date | datetime | None = None, until: date | datetime | None = None
    ) -> pa.Schema:
        """Schema of a landing file, with `_arrived_at` last.

        Without a date all columns the table ever had; with `day` those of that day; with `day`
        and `until` those of a file of the rows that arrive in [day, until). All columns may
        hold nulls there: what `required` says is judged by the ingest, row by row.
        """
        import pyarrow as pa

        fields = [pa.field(c.name, c.arrow_type()) for c in self._columns(day, until)]
        fields.append(pa.field(ARRIVED_AT, pa.timestamp("us", "UTC")))
        return pa.schema(fields)

    def schema_version(
        self, day: date | datetime | None = None, until: date | datetime | None = None
    ) -> str:
        """Eight hexadecimal digits that change when a name, type, key or order of columns does."""
        parts = [",".join(self.key)]
        parts += [f"{c.name}:{c.type}{c.scale}{c.required:d}" for c in self._columns(day, until)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]

    def _columns(self, day, until) -> tuple[Column, ...]:
        if day is None:
            return self.columns
        return self.columns_on(day) if until is None else self.columns_between(day, until)


@dataclass(frozen=True)
class Source:
    """All tables of one source system."""

    name: str
    description: str
    tables: dict[str, Table]


@cache
def load(source: str) -> Source:
    """Read the contract of one source; raises ValueError that names what is wrong with it."""
    path = Path(__file__).with_name(f"{source}.yml")
    if not path.is_file():
        raise ValueError(
            f"no contract for source {source!r}; there is one for {', '.join(SOURCES)}"
        )
    return parse(yaml.load(path.read_text("utf-8"), Loader=_LOADER))


@cache
def tables() -> dict[tuple[str, str], Table]:
    """Every table of every source by (source, table), in the order of the files."""
    return {(s, t.name): t for s in SOURCES for t in load(s).tables.values()}


def parse(document: dict) -> Source:
    """Turn a contract read from YAML into a Source, and check it."""
    source = document["source"]
    found = {name: _table(source, name, body) for name, body in document["tables"].items()}
    return Source(source, document["description"], found)


def _table(source: str, name: str, body: dict) -> Table:
    where = f"contract {source}.yml, table {name}"
    columns = tuple(_column(f"{where}, column {c.get('name')}", dict(c)) for c in body["columns"])
    names = [c.name for c in columns]
    table = Table(
        source=source,
        name=name,
        description=body["description"],
        key=tuple(body["key"]),
        update=body["update"],
        columns=columns,
        started_on=body.get("started_on"),
        ended_on=body.get("ended_on"),
    )
    if len(set(names)) != len(names):
        raise ValueError(f"{where}: a column stands twice")
    if table.update not in UPDATES:
        raise ValueError(f"{where}: update is {table.update!r}, not one of {', '.join(UPDATES)}")
    for part in table.key:
        if part not in names or not table.column(part).required:
            raise ValueError(f"{where}: key column {part} must be a required column")
    return table


def _column(where: str, body: dict) -> Column:
    if body.get("type") not in TYPES:
        raise ValueError(f"{where}: type is {body.get('type')!r}, not one of {', '.join(TYPES)}")
    renamed = body.pop("renamed", None)
    enum = tuple(body.pop("enum", ()))
    if renamed:
        renamed = Renamed(renamed["from"], renamed["to"], renamed["since"])
    try:
        return Column(**body, enum=enum, renamed=renamed)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from None


def _instant(moment: date | datetime) -> datetime:
    """A date as its midnight, a naive datetime as UTC."""
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.combine(moment, time.min, UTC)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
