"""Loading: batch after batch, each whole or not at all, none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from taproom import contracts
from taproom.errors import TaproomError
from taproom.ingest import guard, manifest, pair, store
from taproom.ingest.manifest import Batch, Manifest
from taproom.ingest.pair import Pair
from taproom.ingest.report import Report
from taproom.ingest.store import Store, UnstorableValue
from taproom.ingest.transfer import Progress, Transfer

GROUP_ROWS = 1_000_000  # consecutive batches up to so many rows share a transaction
FIRST_ROWS = 20_000_000  # and into an empty database, whose tables then need no log
ANALYZE_SHARE = 0.2  # of a table's rows new in this run: then its statistics are stale
ANALYZE_ROWS = 1_000  # of smaller tables the planner knows enough by their size on disk


def run(
    root: Path | str, dsn: str, progress: Progress | None = None, batch: str | None = None
) -> Report:
    """Load every batch of a world's landing folder that the database does not hold yet.

    `root` is the world's root, with landing/ below it; `dsn` a PostgreSQL URL of a role that owns
    the database. `batch` names the last batch to load (all, without it). Raises TaproomError; what
    was loaded before the failing batch stays.
    """
    landed = manifest.read(Path(root))
    wanted = _up_to(landed, batch)
    with Store(dsn) as session:
        session.lock()
        found = session.columns()
        pair.settle(session, guard.loaded(session))
        held = guard.check(session, landed, found)
        before = guard.rows_by_table(session)
        todo = [b for b in wanted if b.seq not in held]
        report = Report(landed.world_id, skipped=len(wanted) - len(todo))
        total = sum(b.rows for b in todo)
        with Pair(session) as sessions:
            transfer = Transfer(sessions, landed, report, found, before, progress, total)
            for group in _groups(todo, GROUP_ROWS if held else FIRST_ROWS):
                _load(transfer, group)
        transfer.prepare()
        report.as_of = guard.clock(session)
        session.commit()
        store.analyze(session, _grown(before, transfer.new))
    return report


def settle(dsn: str) -> None:
    """Finish what a killed ingest has left prepared; readers of its tables would wait for ever.

    Waits for an ingest that is running. `dsn` is of the role that loads. Raises TaproomError.
    """
    with Store(dsn) as session:
        if pair.prepared(session):
            session.lock()
            pair.settle(session, guard.loaded(session))


def _up_to(landed: Manifest, batch: str | None) -> list[Batch]:
    ids = [b.id for b in landed.batches]
    if batch is None:
        return list(landed.batches)
    if batch not in ids:
        raise TaproomError(
            f"There is no batch {batch}.",
            where=f"{landed.landing}\nlanded: {', '.join(ids[-5:])}",
            remedy="./taproom world status lists the newest; ./taproom world advance makes more",
        )
    return list(landed.batches[: ids.index(batch) + 1])


def _groups(batches: list[Batch], most: int) -> Iterator[list[Batch]]:
    """Consecutive batches, as many as may share a transaction; `most` rows in the first one.

    A new world lands hundreds of small files; one COPY a table for many of them instead of one a
    file makes loading it several times faster.
    """
    group: list[Batch] = []
    for batch in batches:
        if group and sum(b.rows for b in group) + batch.rows > most:
            yield group
            group, most = [], GROUP_ROWS
        group.append(batch)
    if group:
        yield group


def _load(transfer: Transfer, group: list[Batch]) -> None:
    """Load batches in one transaction; where that fails, one by one up to the failing one."""
    try:
        transfer.load(group)
    except (TaproomError, UnstorableValue):
        if len(group) > 1:
            for batch in group:
                _load_one(transfer, batch)
            return
        _load_one(transfer, group[0])


def _load_one(transfer: Transfer, batch: Batch) -> None:
    try:
        transfer.load([batch])
    except UnstorableValue:
        # Rare: find the values PostgreSQL cannot keep, one by one, and start over.
        try:
            transfer.load([batch], careful=True)
        except UnstorableValue as error:
            raise TaproomError(
                f"Batch {batch.id} holds a value PostgreSQL cannot keep, and it could not be told "
                "which row it is in. Nothing of the batch was loaded.",
                where=str(error),
                remedy="./taproom world regenerate --table … for the table named above",
            ) from error


def _grown(
    before: Counter[tuple[str, str]], new: Counter[tuple[str, str]]
) -> list[contracts.Table]:
    """Tables whose planner statistics this run has made stale."""
    tables = contracts.tables()
    return [
        tables[key]
        for key, rows in new.items()
        if rows >= ANALYZE_SHARE * (before[key] + rows) and before[key] + rows >= ANALYZE_ROWS
    ]
