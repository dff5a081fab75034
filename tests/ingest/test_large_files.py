"""A file larger than one chunk: rows keep their numbers, memory keeps its bounds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from taproom import ingest
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
