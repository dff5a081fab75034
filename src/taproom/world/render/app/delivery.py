"""Delivery of the application's tables: newest versions run by run, and the change log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom import contracts
from taproom.world import clock, mess
from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.people.population import account_key
from taproom.world.render.app.accounts import account_changes, account_rows
from taproom.world.render.app.changes import Changes, instants, typed
from taproom.world.render.app.users import grant_changes, grant_rows, user_changes, user_rows
from taproom.world.render.app.venues import location_changes, location_rows
from taproom.world.window import Window


@dataclass(frozen=True)
class _Table:
    name: str
    changes: Callable
    rows: Callable


_TABLES = (
    _Table("accounts", account_changes, account_rows),
    _Table("locations", location_changes, location_rows),
    _Table("users", user_changes, user_rows),
    _Table("user_location_roles", grant_changes, grant_rows),
)


def _arrow(table: str, columns: dict, arrived) -> pa.Table:
    return typed(table, columns | {contracts.ARRIVED_AT: instants(arrived)})


def _deliver(w: Window, table: _Table) -> pa.Table | None:
    """The newest version of each row that changed, run by run of the connector."""
    v, c = table.changes(w)
    kept = np.flatnonzero((c.arrived >= w.lo) & (c.arrived < w.hi) & c.last)
    if not len(kept):
        return None
    kept = kept[np.lexsort((c.committed[kept], c.arrived[kept]))]
    arrived = c.arrived[kept]
    rows = table.rows(w, v, c.row[kept], c.at[kept], arrived)
    return _arrow(table.name, rows.columns(), arrived)


def _log(w: Window, t: _Table) -> pa.Table | None:
    """Change log of one table: every version, with the row before and after."""
    v, c = t.changes(w)
    kept = np.flatnonzero((c.arrived >= w.lo) & (c.arrived < w.hi))
    if not len(kept):
        return None
    kept = kept[np.argsort(c.committed[kept], kind="stable")]
    old = kept[~c.first[kept]] - 1
    both = np.concatenate([kept, old])
    # The row before is written in the words in use when it is delivered, as the row after.
    arrived = np.concatenate([c.arrived[kept], c.arrived[kept[~c.first[kept]]]])
    rows = t.rows(w, v, c.row[both], c.at[both], arrived)
    row_json = rows.json()
    where_old = np.full(len(kept), -1)
    where_old[~c.first[kept]] = np.arange(len(kept), len(both))
    before = row_json.take(pa.array(where_old, mask=where_old < 0))
    after = row_json.slice(0, len(kept))
    contract = contracts.load("app").tables[t.name]
    entity = pa.array(rows.entity[: len(kept)])
    parts = [_text(rows.fixed[k].take(entity)) for k in contract.key]
    columns = {
        "lsn": _lsn(w.seed, t.name, v, c, kept),
        "table_name": pa.repeat(t.name, len(kept)),
        "op": names.take(("update", "insert"), c.first[kept]),
        "pk": names.glue(*parts, sep="|"),
        "before": before,
        "after": after,
        "committed_at": instants(c.committed[kept]),
    }
    return _arrow("change_log", columns, c.arrived[kept])


def _lsn(seed: int, table: str, v, c: Changes, kept) -> pa.Array:
    """Microseconds since the company opened, and ten bits that tell rows of one instant apart."""
    entity = v["key"] if "key" in v.dtype.names else account_key(seed, v["acct"])
    low = keys.mix(entity[c.row[kept]] ^ keys.stream_key(seed, f"lsn {table}")) & np.uint64(1023)
    at = c.committed[kept] - clock.FOUNDED * clock.DAY
    return pa.array(at * 1024 + low.astype(np.int64))


def change_log(w: Window) -> pa.Table | None:
    """Changes of the four tables, one table after the other, each in order of commit."""
    parts = [p for t in _TABLES if (p := _log(w, t)) is not None]
    return pa.concat_tables(parts) if parts else None


def _text(column: pa.Array) -> pa.StringArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(pc.cast(column, pa.timestamp("s", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    return column


RENDERERS: dict[str, Callable[[Window], pa.Table | None]] = {
    **{t.name: partial(_deliver, table=t) for t in _TABLES},
    "change_log": change_log,
}


_DEFECTS = {
    "accounts": {
        "currency": "M06",
        "utm_source": "M17",
        "utm_medium": "M17",
        "utm_campaign": "M17",
        "is_test": "M09",
    },
    "users": {"email": "M07", "phone": "M07"},
}


def _ledger(w: Window, name: str) -> pa.Table | None:
    """Every damaged value of the window's rows: defect, table, key, column, before, after."""
    dirty = RENDERERS[name](w)
    if dirty is None:
        return None
    return mess.compare(_DEFECTS[name], f"app.{name}", ["id"], _rewritten(w, name), dirty)


def _rewritten(w: Window, name: str) -> pa.Table:
    """The same rows as delivered, written without defects."""
    t = next(t for t in _TABLES if t.name == name)
    plain = replace(w, mess="none")
    return _deliver(plain, replace(t, changes=lambda _: t.changes(w)))


LEDGERS = {name: partial(_ledger, name=name) for name in _DEFECTS}
