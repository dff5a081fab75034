"""The schemas the ingest makes: raw_<source> from the contracts, ops for how loads went."""

from __future__ import annotations

from collections.abc import Iterable

from taproom.contracts import Column, Table

OPS = """
create table if not exists ops.clock (
    as_of timestamptz not null,
    world_id text not null,
    seed bigint not null,
    scale text not null,
    started_at timestamptz not null
);
create unique index if not exists clock_has_one_row on ops.clock ((true));
create table if not exists ops.batch (
    batch_seq bigint primary key,
    batch_id text not null unique,
    from_at timestamptz not null,
    to_at timestamptz not null,
    rows_in bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    loaded_at timestamptz not null,
    check (rows_in = rows_loaded + rows_quarantined)
);
create table if not exists ops.load (
    batch_seq bigint not null references ops.batch deferrable initially deferred,
    batch_id text not null,
    source text not null,
    table_name text not null,
    path text not null,
    sha256 text not null,
    rows_in bigint not null,
    rows_loaded bigint not null,
    rows_quarantined bigint not null,
    primary key (batch_seq, source, table_name),
    check (rows_in = rows_loaded + rows_quarantined)
);
create table if not exists ops.quarantine (
    batch_seq bigint not null references ops.batch deferrable initially deferred,
    batch_id text not null,
    source text not null,
    table_name text not null,
    path text not null,
    row_no bigint not null,
    reason text not null,
    row_json jsonb not null,
    primary key (batch_seq, source, table_name, row_no)
);
create table if not exists ops.schema_drift (
    batch_seq bigint not null references ops.batch deferrable initially deferred,
    batch_id text not null,
    source text not null,
    table_name text not null,
    column_name text,
    change text not null,
    detail text not null
);
comment on table ops.clock is 'What time it is in the company: one row.';
comment on column ops.clock.as_of is 'The company''s present, exclusive, UTC.';
comment on table ops.batch is 'One row a batch loaded; loaded_at is the company''s time.';
comment on table ops.load is 'One row a landing file loaded.';
comment on table ops.quarantine is 'Rows that broke their contract, as they were delivered.';
comment on table ops.schema_drift is 'Columns and tables that came, went or changed their type.';
create or replace function public.as_of_date() returns date
language sql stable parallel safe security definer set search_path = '' as $$
    select (as_of at time zone 'UTC')::date - 1 from ops.clock
$$;
comment on function public.as_of_date() is 'The last complete UTC day of the company.';
"""

OPS_TABLES = ("clock", "batch", "load", "quarantine", "schema_drift")

METADATA = (
    ("_arrived_at", "timestamptz", "When the connector delivered the row, UTC."),
    ("_batch_id", "text", "The batch the row was loaded with."),
    ("_batch_seq", "bigint", "Number of that batch; batches are loaded in this order."),
    ("_row_no", "bigint", "Number of the row within its landing file, from 0."),
)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def relation(table: Table) -> str:
    """The raw table of a contract."""
    return f"{quoted('raw_' + table.source)}.{quoted(table.name)}"


def create(table: Table) -> str:
    """Statements that make a raw table, without constraints on what sources deliver.

    And without an index: staging reads all versions of a key to find the newest, so none would be
    used (docs/ingest.md).
    """
    columns = [f"{quoted(c.name)} {c.postgres_type}" for c in table.columns]
    columns += [f"{name} {type_} not null" for name, type_, _ in METADATA]
    comments = [(c.name, c.description) for c in table.columns]
    comments += [(name, description) for name, _, description in METADATA]
    name = relation(table)
    return ";\n".join(
        [
            f"create table {name} (\n    " + ",\n    ".join(columns) + "\n)",
            f"comment on table {name} is {literal(table.description)}",
            *(
                f"comment on column {name}.{quoted(column)} is {literal(text)}"
                for column, text in comments
            ),
        ]
    )


def add_columns(table: Table, columns: Iterable[Column]) -> str:
    """A statement that adds nullable columns to a raw table."""
    added = ", ".join(
        f"add column if not exists {quoted(c.name)} {c.postgres_type}" for c in columns
    )
    return f"alter table {relation(table)} {added}"
