"""Two sessions that commit as one: PostgreSQL's two-phase commit.

A session of ADBC encodes rows and sends them, one server process stores them; both wait for each
other now and then. Two sessions, each with its own tables, fill the waits of one with the work of
the other. The first session holds the books: what is in ops.batch has been loaded. The second one
is prepared before the first commits, so that after a kill at any point the books say what becomes
of it (`settle`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Thread

from taproom.ingest.manifest import Batch, LandingFile
from taproom.ingest.store import Store

NAME = "taproom_ingest"


class Pair(AbstractContextManager):
    """The session with the books, and a second one once there is enough to load."""

    def __init__(self, first: Store) -> None:
        self.first = first
        self._second: Store | None = None
        self._open: list[Store] = [first]

    def __exit__(self, *failure) -> None:
        if self._second is not None:
            self._second.close()

    def sessions(self, many: bool) -> list[Store]:
        """The sessions of the next transaction: one, or two where `many` and the server allow."""
        if many and self._second is None and _allowed(self.first):
            self._second = self.first.sibling()
        self._open = [self.first, self._second] if many and self._second else [self.first]
        return self._open

    def commit(self, batch: Batch) -> None:
        """Commit what the sessions have written; `batch` is the last one, in the books by now."""
        if len(self._open) == 1:
            self.first.commit()
            return
        first, second = self._open
        name = f"{_prefix(first)}{batch.seq}"
        second.execute(f"prepare transaction '{name}'")
        try:
            first.commit()
        except BaseException:
            second.outside(f"rollback prepared '{name}'")
            raise
        second.outside(f"commit prepared '{name}'")

    def rollback(self) -> None:
        for session in self._open:
            session.rollback()


def settle(session: Store, loaded: set[int]) -> None:
    """Finish what a killed ingest has prepared: commit what the books hold, undo the rest."""
    for name in prepared(session):
        known = int(name.rpartition(":")[2]) in loaded
        session.outside(f"{'commit' if known else 'rollback'} prepared '{name}'")


def prepared(session: Store) -> list[str]:
    """What is prepared in this database, by this ingest or a killed one."""
    found = session.rows(
        "select gid from pg_prepared_xacts where database = current_database()"
        f" and starts_with(gid, '{NAME}:') order by gid"
    )
    return [name for (name,) in found]


def side_by_side(work: Sequence[Callable[[], None]]) -> None:
    """Do all of the work, each in a thread; the first failure is raised when all have ended."""
    failures: list[BaseException] = []

    def done(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as failure:
            failures.append(failure)

    threads = [Thread(target=done, args=[one], name="ingest") for one in work[1:]]
    for thread in threads:
        thread.start()
    done(work[0])
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def halves(files: Sequence[LandingFile]) -> list[set[tuple[str, str]]]:
    """The tables of the files in two sets of about as many bytes; a table is in one of them."""
    sizes: dict[tuple[str, str], int] = {}
    for file in files:
        sizes[file.key] = sizes.get(file.key, 0) + file.bytes
    sets: list[set[tuple[str, str]]] = [set(), set()]
    weights = [0, 0]
    for key, size in sorted(sizes.items(), key=lambda one: (-one[1], one[0])):
        lighter = weights.index(min(weights))
        sets[lighter].add(key)
        weights[lighter] += size
    return sets


def _prefix(session: Store) -> str:
    """Names of prepared transactions are the server's: they carry the database's."""
    [(database,)] = session.rows("select current_database()")
    return f"{NAME}:{database}:"


def _allowed(session: Store) -> bool:
    [(most,)] = session.rows("select current_setting('max_prepared_transactions')::integer")
    return most > 0
