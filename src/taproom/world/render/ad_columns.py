"""Columns that the renderings of the three advertising platforms share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.marketing import channels
from taproom.world.people import names
from taproom.world.window import Window

#: Names of ad groups: four a theme, in the order of channels.THEMES (Google's three).
TERMS = (
    *("tapwise exact", "tapwise phrase", "tapwise login", "tapwise pricing"),
    *("draft beer software", "beer tap management", "bar inventory app", "pub dashboard"),
    *("keg monitoring", "keg level sensor", "beer line cleaning", "flow meter bar"),
)


def dates(days) -> pa.Date32Array:
    """Days since 1970 as dates."""
    return pc.cast(pa.array(np.asarray(days, dtype=np.int32)), pa.date32())


def landing_page(campaign) -> pa.StringArray:
    """Address a campaign's ads lead to, with its tags."""
    theme = np.asarray(campaign) % len(channels.THEMES)
    return names.glue(
        "https://www.tapwise.example/",
        names.take(channels.THEMES, theme),
        "?utm_source=",
        names.take(channels.THEME_SOURCE, theme),
        "&utm_medium=",
        names.take(channels.THEME_MEDIUM, theme),
        "&utm_campaign=",
        channels.campaign_name(campaign),
    )


def ledger(rows: list[tuple]) -> pa.Table:
    """Ledger of defects given as (defect, table, key, column, before, after)."""
    columns = ("defect", "table_name", "pk", "column_name", "before", "after")
    found = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pa.table(
        {c: pa.array(list(v), pa.string()) for c, v in zip(columns, found, strict=True)}
    )


def whole_table(w: Window, table: str, defects: dict[str, str]) -> pa.Table:
    """Ledger of defects that touch every row of a table: one row each, at any mess but none."""
    if w.mess == "none":
        defects = {}
    return ledger([(d, table, "*", column, None, None) for d, column in defects.items()])
