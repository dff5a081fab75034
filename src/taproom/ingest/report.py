"""What one run of the ingest did, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from taproom.ingest.drift import Change

SHOWN = 10  # kinds of reasons a report spells out


@dataclass
class Report:
    """Batches loaded and skipped, rows in = loaded + quarantined, reasons, schema drift."""

    world_id: str
    as_of: str = ""
    batches: list[str] = field(default_factory=list)
    skipped: int = 0
    rows_in: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    drift: list[Change] = field(default_factory=list)

    def add_reason(self, name: str, reason: str, rows: int) -> None:
        """Count the kind of reason rows of a table were put aside for."""
        self.reasons[f"{name}: {_kind(reason)}"] += rows

    def __str__(self) -> str:
        if not self.batches:
            return f"Nothing new: {self.skipped} batches are loaded, the clock shows {self.as_of}."
        lines = [
            f"Loaded {len(self.batches)} batches ({self.batches[0]} to {self.batches[-1]}): "
            f"{self.rows_in:,} rows in = {self.rows_loaded:,} loaded + "
            f"{self.rows_quarantined:,} quarantined; the clock shows {self.as_of}."
        ]
        lines += [f"  quarantined {n:,}: {what}" for what, n in self.reasons.most_common(SHOWN)]
        lines += [
            f"  {c.change}: {c.source}.{c.table}{'.' + c.column if c.column else ''} ({c.detail})"
            for c in self.drift
        ]
        return "\n".join(lines)


def _kind(reason: str) -> str:
    """The first reason without the value, for counting."""
    first = reason.split("; ")[0]
    column, _, rest = first.partition(" is ")
    if ", not one of" in rest:
        return f"{column} is not one of its values"
    if ", which is no " in rest:
        return f"{column} is no {rest.rpartition(', which is no ')[2]}"
    if rest.endswith(", outside the batch's window"):
        return f"{column} is outside the batch's window"
    return first
