"""A file larger than one chunk: rows keep their numbers, memory keeps its bounds."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taproom import ingest
from taproom.errors import TaproomError
from taproom.ingest import files

ROWS = 2 * files.CHUNK_ROWS + 1000


def test_rows_keep_their_numbers_across_chunks(landing, dsn, query):
    bad = [0, files.CHUNK_ROWS - 1, files.CHUNK_ROWS, ROWS - 1]

    def change(table):
        table = pa.concat_tables([table] * (ROWS // len(table) + 1)).slice(0, ROWS)
        index = table.schema.get_field_index("status")
        values = table.column(index).to_pylist()
        for row in bad:
            values[row] = "lost"
        numbers = pa.array([f"re_{row}" for row in range(ROWS)])
        table = table.set_column(index, "status", pa.array(values))
        return table.set_column(table.schema.get_field_index("id"), "id", numbers)

    batch = landing.month(1, {"stripe.refund": 500}, {"stripe.refund": change})
    entry = batch["files"][0]
    data = pq.read_table(landing.path(entry))
    pq.write_table(data, landing.path(entry), row_group_size=10_000)
    landing.describe(entry)
    landing.save()

    report = ingest.run(landing.root, dsn)

    assert report.rows_loaded == ROWS - len(bad)
    assert query("select row_no, row_json->>'id' from ops.quarantine order by 1") == [
        (row, f"re_{row}") for row in bad
    ]
    assert query(
        "select count(*), bool_and(id = 're_' || _row_no), min(_row_no), max(_row_no)"
        " from raw_stripe.refund"
    ) == [(ROWS - len(bad), True, 1, ROWS - 2)]


def test_a_file_is_read_a_chunk_at_a_time(landing):
    batch = landing.month(1, {"finance.fx_rate": 1000})
    entry = batch["files"][0]
    data = pq.read_table(landing.path(entry))
    data = pa.concat_tables([data] * (ROWS // 1000 + 1))
    pq.write_table(data, landing.path(entry))
    landing.describe(entry)
    landing.save()
    from taproom.ingest import manifest

    landed = manifest.read(landing.root)
    [one] = landed.batches
    [file] = one.files
    whole = files.proven(landed.landing, file, one)
    sizes = [len(rows) for rows in whole.chunks()]
    assert max(sizes) == files.CHUNK_ROWS
    assert sum(sizes) == len(data)


def test_large_files_are_proven_as_small_ones(landing, dsn, query, monkeypatch):
    """Of a small file the content stays in memory, a large one is read again."""
    monkeypatch.setattr(files, "KEPT_BYTES", 100)
    entry = landing.month(1, {"stripe.invoice": 300, "finance.fx_rate": 40})["files"][0]
    path = landing.path(entry)
    whole = path.read_bytes()
    for content, why in (
        (b"", "is empty"),
        (whole[:-10], "is cut off"),
        (b"no" + whole[2:], "is not a Parquet file"),
        (whole[:200] + b"!" + whole[201:], "was changed after it was written"),
    ):
        path.write_bytes(content)
        with pytest.raises(TaproomError, match=why):
            ingest.run(landing.root, dsn)
    path.write_bytes(whole)
    assert ingest.run(landing.root, dsn).rows_loaded == 340
    assert query("select count(*) from raw_stripe.invoice") == [(300,)]


def test_small_files_that_share_a_chunk_keep_their_rows_apart(landing, dsn, query):
    """Rows of many batches are checked together; each knows its batch, its file and its number."""

    def spoil(table):
        late = table.column("_arrived_at").to_pylist()
        late[3] = datetime(2030, 1, 1, tzinfo=UTC)
        index = table.schema.get_field_index("_arrived_at")
        table = table.set_column(index, "_arrived_at", pa.array(late, table.schema.types[index]))
        index = table.schema.get_field_index("status")
        statuses = table.column("status").to_pylist()
        statuses[7] = "lost"
        return table.set_column(index, "status", pa.array(statuses))

    for month in range(1, 7):
        landing.month(month, {"stripe.refund": 10 + month}, {"stripe.refund": spoil})
    report = ingest.run(landing.root, dsn)
    assert (report.rows_in, report.rows_quarantined) == (81, 12)
    assert report.reasons == {
        "stripe.refund: _arrived_at is outside the batch's window": 6,
        "stripe.refund: status is not one of its values": 6,
    }
    months = [f"2024-{month:02d}" for month in range(1, 7)]
    assert query(
        "select batch_id, path, row_no from ops.quarantine order by batch_seq, row_no"
    ) == [(month, f"stripe/refund/{month}.parquet", row) for month in months for row in (3, 7)]
    assert query(
        "select _batch_id, _batch_seq, array_agg(_row_no order by _row_no) from raw_stripe.refund"
        " group by 1, 2 order by 2"
    ) == [
        (month, seq, [row for row in range(10 + seq) if row not in (3, 7)])
        for seq, month in enumerate(months, start=1)
    ]


def test_dictionaries_of_many_files_in_one_chunk(landing, dsn, query):
    """Texts may come as numbers into a list of values; each file has its own list."""

    def encode(table):
        index = table.schema.get_field_index("id")
        values = table.column("id").dictionary_encode()
        return table.set_column(index, "id", values)

    wanted = []
    for month in range(1, 4):
        batch = landing.month(month, {"stripe.refund": 10}, {"stripe.refund": encode})
        wanted += pq.read_table(landing.path(batch["files"][0])).column("id").to_pylist()
    report = ingest.run(landing.root, dsn)
    assert report.drift == []
    assert query("select id from raw_stripe.refund order by _batch_seq, _row_no") == [
        (id_,) for id_ in wanted
    ]


def test_a_window_is_each_file_s_own(landing, dsn, query):
    """A row of January in February's file is late, though January is in the same chunk."""

    def january(table):
        index = table.schema.get_field_index("_arrived_at")
        values = [datetime(2024, 1, 31, tzinfo=UTC)] * len(table)
        return table.set_column(index, "_arrived_at", pa.array(values, table.schema.types[index]))

    landing.month(1, {"finance.fx_rate": 5})
    landing.month(2, {"finance.fx_rate": 5}, {"finance.fx_rate": january})
    assert ingest.run(landing.root, dsn).rows_quarantined == 5
    assert query("select distinct _batch_id from raw_finance.fx_rate") == [("2024-01",)]


def test_the_planner_knows_keys_of_tables_that_grew(landing, dsn, query, monkeypatch):
    from taproom.ingest import load

    monkeypatch.setattr(load, "ANALYZE_ROWS", 40)
    landing.month(1, {"stripe.invoice": 50, "stripe.refund": 30})
    ingest.run(landing.root, dsn)
    assert query(
        "select tablename from pg_stats where attname = 'id' and schemaname = 'raw_stripe'"
    ) == [("invoice",)]
    assert query("select reltuples from pg_class where oid = 'raw_stripe.invoice'::regclass") == [
        (50,)
    ]


def test_the_benchmark_s_large_files_are_a_world_s_rows_repeated(landing, dsn, query, monkeypatch):
    from taproom.instructor.benchmark import large_files

    monkeypatch.setattr(large_files, "ROWS", 200)
    for month in range(4, 7):  # a column of subscription_history goes in between
        landing.month(month, {"stripe.subscription_history": 20, "finance.fx_rate": 5})
    root = landing.root.parent / "large"
    assert large_files.make(landing.root, root) == 225
    report = ingest.run(root, dsn)
    assert (report.batches, report.rows_loaded, report.rows_quarantined) == (["all"], 225, 0)
    assert query("select count(*), max(_row_no) from raw_stripe.subscription_history") == [
        (180, 179)
    ]
