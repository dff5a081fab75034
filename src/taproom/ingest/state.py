"""What a database holds of the company."""

from __future__ import annotations

from typing import Any

import psycopg


def state(dsn: str) -> dict[str, Any]:
    """The clock (`as_of`, None when nothing is loaded), and how many batches and rows are loaded.

    `world_id` names the company; `batch` and `batch_seq` the newest batch.
    """
    empty = {
        "as_of": None,
        "world_id": None,
        "batch": None,
        "batch_seq": 0,
        "batches": 0,
        "rows": 0,
    }
    with psycopg.connect(dsn) as connection:
        if connection.execute("select to_regclass('ops.clock') is null").fetchone()[0]:
            return empty
        connection.execute("set time zone 'UTC'")
        clock = connection.execute("select as_of, world_id from ops.clock").fetchone()
        if clock is None:
            return empty
        batches, rows, newest = connection.execute(
            "select count(*), coalesce(sum(rows_loaded), 0)::bigint, max(batch_seq) from ops.batch"
        ).fetchone()
        batch = connection.execute(
            "select batch_id from ops.batch where batch_seq = %s", [newest]
        ).fetchone()
    return {
        "as_of": clock[0],
        "world_id": clock[1],
        "batch": batch[0],
        "batch_seq": newest,
        "batches": batches,
        "rows": rows,
    }
