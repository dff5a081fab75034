"""Is this database's company the one that landed, and is what it holds still what landed?"""

from __future__ import annotations

from collections import Counter

from taproom import contracts
from taproom.errors import TaproomError
from taproom.ingest import ddl
from taproom.ingest.manifest import Manifest
from taproom.ingest.store import Columns, Store

RESET = "./taproom reset empties the database and loads what has landed"


def check(store: Store, landed: Manifest, found: Columns) -> set[int]:
    """Numbers of the batches that are loaded; raises TaproomError where they do not fit.

    They fit when the database is empty, or holds the same world, and every loaded batch is still
    in the manifest with the same files. `found` are the raw tables there are.
    """
    _tables_fit(found)
    world = _world(store)
    if not world:
        _no_rows(store, found)
        return set()
    held_id, seed, scale, started_at = world[0]
    if (held_id, seed, scale, started_at) != (
        landed.world_id,
        landed.seed,
        landed.scale,
        landed.start,
    ):
        raise TaproomError(
            f"This database holds the company {held_id} (begun {started_at:%Y-%m-%d}); the files "
            f"that landed are of {landed.world_id} (begun {landed.start:%Y-%m-%d}).",
            where=str(landed.landing),
            remedy=f"./taproom run --scale {landed.scale} --seed {landed.seed}, "
            "which empties the database first",
        )
    loaded = dict(store.rows("select batch_seq, batch_id from ops.batch order by batch_seq"))
    manifest = {batch.seq: batch for batch in landed.batches}
    shas: dict[int, set[tuple[str, str, str]]] = {seq: set() for seq in loaded}
    for seq, source, table, sha256 in store.rows(
        "select batch_seq, source, table_name, sha256 from ops.load"
    ):
        shas[seq].add((source, table, sha256))
    for seq, batch_id in loaded.items():
        if seq not in manifest or manifest[seq].id != batch_id:
            raise TaproomError(
                f"Batch {batch_id} is in the database, but not among the files that landed: "
                "the database is ahead of the landing folder.",
                where=str(landed.landing),
                remedy=RESET,
            )
        now = {(f.source, f.table, f.sha256) for f in manifest[seq].files}
        if now != shas[seq]:
            other = sorted({f"{source}.{table}" for source, table, _ in now ^ shas[seq]})
            raise TaproomError(
                f"Batch {batch_id} was loaded from other files than have landed now "
                f"({', '.join(other)}). A batch is never loaded twice.",
                where=str(landed.landing),
                remedy=RESET,
            )
    return set(loaded)


def loaded(store: Store) -> set[int]:
    """Numbers of the batches in the books."""
    if not _booked(store):
        return set()
    return {seq for (seq,) in store.rows("select batch_seq from ops.batch")}


def _world(store: Store) -> list[tuple]:
    if not _booked(store):
        return []
    return store.rows("select world_id, seed, scale, started_at from ops.clock")


def _booked(store: Store) -> bool:
    """Whether the database has the books of loads."""
    return store.rows("select to_regclass('ops.schema_drift') is not null")[0][0]


def _tables_fit(found: Columns) -> None:
    """Raw tables of another version of the contracts are not written to."""
    for key, table in contracts.tables().items():
        for column in table.columns:
            code = found.get(key, {}).get(column.name, column.type)
            if code != column.type:
                raise TaproomError(
                    f"The raw table of {table.source}.{table.name} was made by another version: "
                    f"its column {column.name} is {contracts.TYPES[code][0]}, the contract says "
                    f"{column.postgres_type}. Nothing was loaded.",
                    where=f"src/taproom/contracts/{table.source}.yml",
                    remedy=RESET,
                )


def _no_rows(store: Store, found: Columns) -> None:
    """Rows without books are of nobody knows which company: nothing is added to them."""
    tables = [ddl.relation(t) for key, t in contracts.tables().items() if key in found]
    if not tables:
        return
    query = " union all ".join(
        f"select {ddl.literal(t)} where exists (select 1 from {t})" for t in tables
    )
    if filled := store.rows(query):
        raise TaproomError(
            f"The database holds rows ({filled[0][0]}) and no record of which company they are of. "
            "Nothing was loaded.",
            where="ops.clock is empty",
            remedy=RESET,
        )


def clock(store: Store) -> str:
    """What the company's clock shows, for people."""
    shown = store.rows("select as_of from ops.clock")
    return f"{shown[0][0]:%Y-%m-%dT%H:%MZ}" if shown else "nothing"


def rows_by_table(store: Store) -> Counter[tuple[str, str]]:
    """Rows loaded so far, by (source, table)."""
    if not _booked(store):
        return Counter()
    query = "select source, table_name, sum(rows_loaded)::bigint from ops.load group by 1, 2"
    return Counter({(source, table): rows for source, table, rows in store.rows(query)})
