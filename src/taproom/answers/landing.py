"""The landing files as frames: every delivered row, and the newest version of each key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from taproom import contracts

# Rates have eight decimals, money six: both fit a double with digits to spare for sums that are
# compared to the cent; the official tables keep exact numerics.
_DECIMAL = pl.Float64


@dataclass(frozen=True)
class Landing:
    """The landing folder of one world as its manifest describes it."""

    root: Path
    manifest: dict

    @classmethod
    def of(cls, root: Path) -> Landing:
        folder = Path(root) / "landing"
        return cls(folder, json.loads((folder / "_manifest.json").read_text(encoding="utf-8")))

    @property
    def world_id(self) -> str:
        return self.manifest["world_id"]

    @property
    def seed(self) -> int:
        return self.manifest["seed"]

    @property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.manifest["as_of"])

    @property
    def sources(self) -> frozenset[str]:
        """The systems that deliver: sandboxes have some of them only."""
        return frozenset(
            one["source"] for batch in self.manifest["batches"] for one in batch["files"]
        )

    def rows(self, source: str, table: str) -> pl.DataFrame:
        """Every delivered row, in order of delivery; columns of all schema versions."""
        files = [
            self.root / one["path"]
            for batch in self.manifest["batches"]
            for one in batch["files"]
            if (one["source"], one["table"]) == (source, table)
        ]
        if not files:
            return _empty(source, table)
        parts = [pl.read_parquet(path).with_row_index("_row_no") for path in files]
        parts = [
            part.with_columns(pl.lit(number).alias("_file_no")) for number, part in enumerate(parts)
        ]
        frame = pl.concat(parts, how="diagonal_relaxed")
        frame = frame.with_columns(pl.selectors.decimal().cast(_DECIMAL))
        return frame.sort("_arrived_at", "_file_no", "_row_no")

    def newest(self, source: str, table: str, *key: str) -> pl.DataFrame:
        """The newest delivered version of each key (the contract's key unless one is given)."""
        key = key or tuple(contracts.tables()[source, table].key)
        return self.rows(source, table).unique(key, keep="last", maintain_order=True)


def _empty(source: str, table: str) -> pl.DataFrame:
    schema = contracts.tables()[source, table].arrow_schema()
    frame = pl.from_arrow(schema.empty_table()).with_columns(
        pl.lit(None, pl.UInt32).alias("_row_no"), pl.lit(None, pl.Int32).alias("_file_no")
    )
    return frame.with_columns(pl.selectors.decimal().cast(_DECIMAL))
