"""Two sessions write side by side and commit as one, whatever happens in between."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from test_batches import RAW, ROWS, content

from taproom import ingest
from taproom.errors import TaproomError
from taproom.ingest import pair, transfer
from taproom.ingest.manifest import LandingFile
from taproom.services import postgres

# Ends like a killed process at the statement that begins as the third argument says.
CHILD = """
import os, sys
from taproom import ingest
from taproom.ingest import store, transfer
transfer.MANY_ROWS = 1
for name in ("execute", "commit", "outside"):
    def last(self, *statement, name=name, did=getattr(store.Store, name)):
        if sys.argv[3] == "commit" and name == "commit":
            held = self.rows("select count(*) from pg_prepared_xacts")[0][0]
            if held:
                os._exit(9)
        if statement and statement[0].startswith(sys.argv[3]):
            os._exit(9)
        return did(self, *statement)
    setattr(store.Store, name, last)
ingest.run(sys.argv[1], sys.argv[2])
"""
PREPARED = "select count(*) from pg_prepared_xacts"


@pytest.fixture
def always_two(monkeypatch):
    monkeypatch.setattr(transfer, "MANY_ROWS", 1)


@pytest.fixture
def months(landing):
    landing.month(1, ROWS)
    landing.month(2, ROWS)
    return landing


def killed(landing, dsn, at: str) -> None:
    ended = subprocess.run([sys.executable, "-c", CHILD, str(landing.root), dsn, at])
    assert ended.returncode == 9


def test_two_sessions_load_what_one_loads(months, dsn, query, monkeypatch):
    ingest.run(months.root, dsn)
    one = content(query)
    with psycopg.connect(dsn) as connection:
        connection.execute(f"drop schema ops, {_schemas()} cascade")
    monkeypatch.setattr(transfer, "MANY_ROWS", 1)
    ingest.run(months.root, dsn)
    assert content(query) == one
    assert query(PREPARED) == [(0,)]


def test_killed_before_the_books_are_committed_nothing_is_loaded(months, dsn, query, always_two):
    killed(months, dsn, "commit")
    assert query(PREPARED) == [(1,)]
    assert query("select count(*) from ops.batch") == [(0,)]
    report = ingest.run(months.root, dsn)
    assert report.batches == ["2024-01", "2024-02"]
    assert query(PREPARED) == [(0,)]
    assert _counts(query) == {name: 2 * rows for name, rows in ROWS.items()}


def test_killed_after_the_books_are_committed_all_is_loaded(months, dsn, query, always_two):
    killed(months, dsn, "commit prepared")
    assert query(PREPARED) == [(1,)]
    report = ingest.run(months.root, dsn)
    assert (report.batches, report.skipped) == ([], 2)
    assert query(PREPARED) == [(0,)]
    assert _counts(query) == {name: 2 * rows for name, rows in ROWS.items()}


def test_settling_frees_the_tables_for_readers(months, dsn, query, always_two):
    killed(months, dsn, "commit prepared")
    ingest.settle(dsn)
    assert query(PREPARED) == [(0,)]
    assert _counts(query) == {name: 2 * rows for name, rows in ROWS.items()}


def test_a_database_with_something_prepared_can_be_dropped(months, dsn, query):
    killed(months, dsn, "commit prepared")
    postgres.drop_database("ingest_test")
    postgres.create_database("ingest_test")
    assert query(PREPARED) == [(0,)]


@pytest.mark.parametrize("table", sorted(ROWS))
def test_a_damaged_file_in_either_half_leaves_nothing(months, dsn, query, always_two, table):
    source, name = table.split(".")
    [path] = [
        months.folder / file["path"]
        for file in months.document["batches"][0]["files"]
        if (file["source"], file["table"]) == (source, name)
    ]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TaproomError, match=rf"{table}"):
        ingest.run(months.root, dsn)
    assert query("select count(*) from ops.batch") == [(0,)]
    assert set(_counts(query).values()) == {0}
    assert query(PREPARED) == [(0,)]


def test_a_server_without_prepared_transactions_takes_one_session(
    months, dsn, query, always_two, monkeypatch
):
    monkeypatch.setattr(pair, "_allowed", lambda session: False)
    monkeypatch.setattr(pair.Store, "sibling", lambda session: pytest.fail("a second session"))
    ingest.run(months.root, dsn)
    assert _counts(query) == {name: 2 * rows for name, rows in ROWS.items()}


def test_halves_share_tables_by_their_bytes():
    def file(table: str, size: int) -> LandingFile:
        return LandingFile("app", table, f"{table}.parquet", 1, size, "")

    files = [file("a", 50), file("b", 60), file("a", 40), file("c", 20), file("d", 10)]
    assert pair.halves(files) == [{("app", "a")}, {("app", "b"), ("app", "c"), ("app", "d")}]


def _schemas() -> str:
    return ", ".join(sorted({name.split(".")[0] for name in RAW}))


def _counts(query) -> dict[str, int]:
    return {name: query(f"select count(*) from raw_{name}")[0][0] for name in ROWS}
