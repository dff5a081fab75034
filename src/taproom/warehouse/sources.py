"""dbt's source descriptions, written from the contracts so that the two cannot differ.

`python -m taproom.warehouse.sources` writes dbt/models/sources/<source>.yml; a test compares
the committed files with what this module would write.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from taproom import settings
from taproom.contracts import SOURCES, Column, Source, Table, load

HEADER = "# Written by `python -m taproom.warehouse.sources` from src/taproom/contracts/{}.yml.\n"

# How old the newest delivery may be by the world's clock: (warn, error) in hours. Only tables
# that always move are watched; a quiet table proves nothing.
FRESHNESS = {
    ("app", "change_log"): (24, 48),
    ("stripe", "event"): (24, 48),
    ("stripe", "invoice"): (24, 48),
    ("finance", "fx_rate"): (96, 120),  # no rates at the weekend or on a holiday after it
}


def render(source: str) -> str:
    """The YAML text of one source, ready to be written."""
    return HEADER.format(source) + yaml.dump(
        {"version": 2, "sources": [_source(load(source))]},
        Dumper=_Dumper,
        sort_keys=False,
        width=88,
        allow_unicode=True,
    )


def path(source: str) -> Path:
    return settings.repo() / "dbt" / "models" / "sources" / f"{source}.yml"


def write() -> list[Path]:
    """Write the file of every source; returns their paths."""
    written = []
    for source in SOURCES:
        path(source).parent.mkdir(parents=True, exist_ok=True)
        path(source).write_text(render(source), encoding="utf-8")
        written.append(path(source))
    return written


def _source(source: Source) -> dict:
    return {
        "name": source.name,
        "schema": f"raw_{source.name}",
        "description": source.description,
        "tables": [_table(table) for table in source.tables.values()],
    }


def _table(table: Table) -> dict:
    found = {
        "name": table.name,
        "description": f"{table.description} Append-only log of deliveries.",
        "config": {"meta": {"key": list(table.key), "update": table.update}},
    }
    limits = FRESHNESS.get((table.source, table.name))
    if limits:
        found["config"]["loaded_at_field"] = "_arrived_at"
        found["config"]["freshness"] = {
            name: {"count": count, "period": "hour"}
            for name, count in zip(("warn_after", "error_after"), limits, strict=True)
        }
    found["columns"] = [_column(column) for column in table.columns]
    return found


def _column(column: Column) -> dict:
    return {
        "name": column.name,
        "description": column.description,
        "data_type": column.postgres_type,
    }


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key, as the hand-written files have them."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


if __name__ == "__main__":
    for file in write():
        print(file.relative_to(settings.repo()))
