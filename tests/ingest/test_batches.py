"""A batch lands whole or not at all, and never twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_files import Landing

from taproom import contracts, ingest
from taproom.errors import TaproomError

ROWS = {"app.accounts": 10, "stripe.customer": 20, "stripe.invoice": 30, "finance.fx_rate": 5}
RAW = [f"raw_{source}.{table}" for source, table in contracts.tables()]
OPS = ["ops.clock", "ops.batch", "ops.load", "ops.quarantine", "ops.schema_drift"]
CHILD = "import sys; from taproom import ingest; ingest.run(sys.argv[1], sys.argv[2])"


def content(query, tables=(*RAW, *OPS)) -> dict[str, str]:
    """A digest of every row of every table, in any order."""
    return {
        table: query(
            "select coalesce(md5(string_agg(t, '|' order by t)), '')"
            f" from (select x::text as t from {table} as x) as rows"
        )[0][0]
        for table in tables
    }


def emptied(dsn) -> None:
    schemas = ", ".join(["ops", *(f"raw_{source}" for source in contracts.SOURCES)])
    with psycopg.connect(dsn) as connection:
        connection.execute(f"drop schema {schemas} cascade")


def test_identity_of_rows_for_every_batch_and_table(landing, dsn, query):
    for month in range(1, 4):
        landing.month(month, ROWS)
    ingest.run(landing.root, dsn)
    assert query("select count(*) from ops.load") == [(12,)]
    assert query("select count(*) from ops.load where rows_in <> rows_loaded + rows_quarantined")[
        0
    ] == (0,)
    for source, table in (name.split(".") for name in ROWS):
        assert query(
            f"select _batch_id, count(*) from raw_{source}.{table} group by 1 order by 1"
        ) == query(
            "select batch_id, rows_loaded from ops.load where source = %s and table_name = %s"
            " order by 1",
            [source, table],
        )
    assert (
        query(
            "select b.rows_in, b.rows_loaded, sum(l.rows_in), sum(l.rows_loaded) from ops.batch b"
            " join ops.load l using (batch_seq) group by batch_seq, 1, 2 order by batch_seq"
        )
        == [(65, 65, 65, 65)] * 3
    )


def test_running_twice_changes_nothing(landing, dsn, query):
    landing.month(1, ROWS)
    landing.month(2, ROWS)
    first = ingest.run(landing.root, dsn)
    before = content(query)
    second = ingest.run(landing.root, dsn)
    assert first.batches == ["2024-01", "2024-02"]
    assert (second.batches, second.skipped) == ([], 2)
    assert "Nothing new" in str(second)
    assert content(query) == before


def test_one_by_one_equals_all_at_once(landing, dsn, query):
    for month in range(1, 8):
        landing.month(month, ROWS | {"stripe.subscription_history": 9, "stripe.discount": 2})
    ingest.run(landing.root, dsn)
    at_once = content(query)
    emptied(dsn)
    for month in range(1, 8):
        report = ingest.run(landing.root, dsn, batch=f"2024-{month:02d}")
        assert report.batches == [f"2024-{month:02d}"]
        [(as_of, day)] = query("select as_of, as_of_date() from ops.clock")
        assert as_of == datetime(2024, month + 1, 1, tzinfo=UTC)
        assert (as_of.date() - day).days == 1
    assert content(query) == at_once


def test_small_groups_equal_one_large_group(landing, dsn, query, monkeypatch):
    """Batches share a transaction and a COPY when they are small; nobody can tell afterwards."""
    from taproom.ingest import chunks, load, transfer

    spoil = {
        "stripe.invoice": lambda t: t.set_column(6, "status", pa.array(["odd"] * len(t))),
        "stripe.customer": lambda t: t.append_column("tier", pa.array([1.5] * len(t))),
    }
    for month in range(1, 6):
        landing.month(month, ROWS, spoil if month == 3 else None)
    ingest.run(landing.root, dsn)
    in_one = content(query)
    emptied(dsn)
    monkeypatch.setattr(load, "GROUP_ROWS", 140)
    monkeypatch.setattr(transfer, "BROKEN_ROWS", 1)
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 25)
    ingest.run(landing.root, dsn)
    assert content(query) == in_one
    assert query("select count(*), count(tier) from raw_stripe.customer") == [(100, 20)]
    assert query("select count(*) from ops.quarantine") == [(30,)]


def test_the_last_complete_day_within_a_day(landing, dsn, query):
    start, end = datetime(2024, 3, 5, tzinfo=UTC), datetime(2024, 3, 5, 7, tzinfo=UTC)
    landing.batch("20240305T0000-20240305T0700", start, end, {"stripe.customer": 3})
    ingest.run(landing.root, dsn)
    assert query("select as_of_date()::text") == [("2024-03-04",)]


def test_a_batch_without_rows_moves_the_clock(landing, dsn, query):
    landing.month(1, {})
    landing.month(2, {"stripe.customer": 0})
    ingest.run(landing.root, dsn)
    assert query("select batch_id, rows_in from ops.batch order by 1") == [
        ("2024-01", 0),
        ("2024-02", 0),
    ]
    assert query("select rows_in from ops.load") == [(0,)]
    assert query("select as_of::date::text from ops.clock") == [("2024-03-01",)]


def test_state(landing, dsn):
    assert ingest.state(dsn)["as_of"] is None
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    state = ingest.state(dsn)
    assert state["as_of"] == datetime(2024, 2, 1, tzinfo=UTC)
    assert (state["batches"], state["rows"], state["batch"]) == (1, 65, "2024-01")


def test_progress_is_told(landing, dsn):
    told = []
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn, progress=lambda *parts: told.append(parts))
    assert told[0][0] == "0%"
    assert told[-1] == ("100%", "finance.fx_rate")


def test_a_batch_delivered_again_with_other_rows_is_refused_by_name(landing, dsn, query):
    first = landing.month(1, ROWS)
    landing.month(2, ROWS)
    ingest.run(landing.root, dsn)
    before = content(query)
    entry = first["files"][2]
    path = landing.path(entry)
    pq.write_table(pq.read_table(path).slice(1), path)
    landing.describe(entry)
    landing.save()
    with pytest.raises(TaproomError, match=r"Batch 2024-01 .*stripe\.invoice"):
        ingest.run(landing.root, dsn)
    assert content(query) == before


def test_another_world_is_refused(landing, dsn, tmp_path, query):
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    other = Landing(tmp_path / "other", seed=7)
    other.month(1, ROWS)
    other.month(2, ROWS)
    with pytest.raises(TaproomError, match="tiny-1-default") as failure:
        ingest.run(other.root, dsn)
    assert "./taproom run --scale tiny --seed 7" in failure.value.remedy
    assert query("select count(*) from ops.batch") == [(1,)]


def test_rows_of_nobody_knows_which_company_are_not_added_to(landing, dsn, query):
    """Raw tables hold rows, and the record of the company is gone."""
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("drop schema ops cascade")
    landing.month(2, ROWS)
    with pytest.raises(TaproomError, match="no record of which company") as failure:
        ingest.run(landing.root, dsn)
    assert "./taproom reset" in failure.value.remedy
    assert query("select count(*) from raw_app.accounts") == [(10,)]


def test_raw_tables_of_another_version_are_not_written_to(landing, dsn, query):
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("alter table raw_stripe.invoice alter column amount_due type text")
    landing.month(2, ROWS)
    with pytest.raises(
        TaproomError, match=r"stripe\.invoice .*another version.* amount_due is text"
    ):
        ingest.run(landing.root, dsn)
    assert query("select count(*) from ops.batch") == [(1,)]


def test_a_database_ahead_of_the_landing_folder_is_refused(landing, dsn):
    landing.month(1, ROWS)
    landing.month(2, ROWS)
    ingest.run(landing.root, dsn)
    landing.document["batches"].pop()
    landing.save()
    with pytest.raises(TaproomError, match="Batch 2024-02 is in the database"):
        ingest.run(landing.root, dsn)


def test_an_unknown_batch_is_refused(landing, dsn):
    landing.month(1, ROWS)
    with pytest.raises(TaproomError, match="no batch 2031-01"):
        ingest.run(landing.root, dsn, batch="2031-01")


def test_kill_9_in_the_middle_and_a_run_that_completes(landing, dsn, query):
    """The child is stopped by a lock on the third table of four, then killed."""
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    before = content(query)
    landing.month(2, ROWS)
    landing.month(3, ROWS)
    with psycopg.connect(dsn) as holder:
        holder.execute("lock table raw_stripe.invoice in share mode")
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(landing.root), dsn])
        _wait(lambda: _waiting(query, "relation"))
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    _wait(lambda: not _sessions(query))
    assert content(query) == before

    report = ingest.run(landing.root, dsn)
    assert report.batches == ["2024-02", "2024-03"]
    for name, rows in ROWS.items():
        assert query(f"select count(*) from raw_{name}") == [(3 * rows,)]


def test_two_ingests_at_once(landing, dsn, query):
    """The second waits for the first, then finds nothing left to do."""
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    landing.month(2, ROWS)
    reports = []

    def run():
        reports.append(ingest.run(landing.root, dsn))

    with psycopg.connect(dsn) as holder:
        holder.execute("lock table raw_stripe.invoice in share mode")
        threads = [threading.Thread(target=run) for _ in range(2)]
        threads[0].start()
        _wait(lambda: _waiting(query, "relation"))
        threads[1].start()
        _wait(lambda: _waiting(query, "advisory"))
    for thread in threads:
        thread.join()
    assert [report.batches for report in reports] == [["2024-02"], []]
    assert query("select count(*) from raw_stripe.invoice") == [(60,)]


def test_two_first_ingests_at_once(landing, dsn, query):
    landing.month(1, ROWS)
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(landing.root), dsn]) for _ in range(2)
    ]
    assert [child.wait() for child in children] == [0, 0]
    assert query("select count(*) from raw_stripe.invoice") == [(30,)]


def test_an_ingest_that_takes_too_long_is_not_waited_for(landing, dsn, monkeypatch):
    from taproom.ingest import store

    landing.month(1, ROWS)
    monkeypatch.setattr(store, "LOCK_WAIT", "100ms")
    with psycopg.connect(dsn) as holder:
        holder.execute(f"select pg_advisory_lock({store.LOCK})")
        with pytest.raises(TaproomError, match="Another ingest is writing"):
            ingest.run(landing.root, dsn)
    assert ingest.run(landing.root, dsn).batches == ["2024-01"]


def test_a_lost_connection_undoes_the_batch(landing, dsn, query):
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    before = content(query)
    landing.month(2, ROWS)
    failures = []

    def run():
        try:
            ingest.run(landing.root, dsn)
        except TaproomError as error:
            failures.append(error)

    with psycopg.connect(dsn) as holder:
        holder.execute("lock table raw_stripe.invoice in share mode")
        thread = threading.Thread(target=run)
        thread.start()
        _wait(lambda: _waiting(query, "relation"))
        [(pid,)] = _sessions(query)
        query("select pg_terminate_backend(%s)", [pid])
        thread.join()
    assert len(failures) == 1
    assert "./taproom up" in failures[0].remedy
    assert content(query) == before
    assert ingest.run(landing.root, dsn).batches == ["2024-02"]


def test_a_full_disk_undoes_the_batch(landing, dsn, query):
    """A trigger raises what PostgreSQL raises when the disk is full."""
    landing.month(1, ROWS)
    ingest.run(landing.root, dsn)
    before = content(query)
    landing.month(2, ROWS)
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "create function full_disk() returns trigger language plpgsql as $$"
            " begin raise exception 'no space left on device' using errcode = '53100'; end $$"
        )
        connection.execute(
            "create trigger full_disk before insert on raw_finance.fx_rate"
            " execute function full_disk()"
        )
    with pytest.raises(TaproomError, match="The disk is full"):
        ingest.run(landing.root, dsn)
    assert content(query) == before
    with psycopg.connect(dsn) as connection:
        connection.execute("drop trigger full_disk on raw_finance.fx_rate")
    assert ingest.run(landing.root, dsn).batches == ["2024-02"]


def test_no_server(landing):
    with pytest.raises(TaproomError, match="lost or refused"):
        landing.month(1, ROWS)
        ingest.run(landing.root, "postgresql://nobody:x@127.0.0.1:1/nothing")


def _sessions(query) -> list[tuple]:
    return query(
        "select pid from pg_stat_activity where application_name = 'taproom ingest'"
        " and datname = current_database()"
    )


def _waiting(query, event: str) -> bool:
    """Whether an ingest waits for a lock of a kind."""
    return bool(
        query(
            "select 1 from pg_stat_activity where application_name = 'taproom ingest'"
            " and wait_event_type = 'Lock' and wait_event = %s",
            [event],
        )
    )


def _wait(condition) -> None:
    """Wait for another process; a minute is far more than it ever needs."""
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited for a minute")
