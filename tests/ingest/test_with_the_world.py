"""The simulator's own files, from a new company to its next hours."""

from __future__ import annotations

from pathlib import Path

import pytest

from taproom import ingest, world
from taproom.errors import TaproomError
from taproom.ingest import manifest


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("company") / "world"
    world.init(root, scale="tiny", seed=5)
    return root


def test_a_company_from_its_first_year_to_its_next_hours(company, dsn, query):
    report = ingest.run(company, dsn)
    landed = manifest.read(company)
    assert report.batches == [b.id for b in landed.batches]
    assert (report.rows_loaded, report.rows_quarantined) == (sum(b.rows for b in landed.batches), 0)
    assert query(
        "select table_name, column_name, change from ops.schema_drift where source = 'stripe'"
        " order by 1, 2"
    ) == [
        ("discount", None, "table added"),
        ("subscription_discount", None, "table removed"),
        ("subscription_history", "current_period_end", "column removed"),
        ("subscription_history", "current_period_start", "column removed"),
        ("subscription_item", "current_period_end", "column added"),
        ("subscription_item", "current_period_start", "column added"),
    ]
    assert query("select as_of_date()::text") == [("2025-12-31",)]
    day = world.advance(company, days=1)
    hours = world.advance(company, hours=5)
    assert ingest.run(company, dsn).batches == [day, hours]
    assert query("select as_of::text, as_of_date()::text from ops.clock") == [
        ("2026-01-02 05:00:00+00", "2026-01-01")
    ]
    for file in {f.key for b in manifest.read(company).batches for f in b.files}:
        source, table = file
        [(rows,)] = query(f"select count(*) from raw_{source}.{table}")
        assert [(rows,)] == query(
            "select sum(rows_loaded) from ops.load where source = %s and table_name = %s",
            [source, table],
        )


def test_the_remedy_of_a_damaged_file_works(company, dsn):
    landed = manifest.read(company)
    batch = landed.batches[6]
    file = next(f for f in batch.files if f.name == "stripe.invoice")
    path = landed.landing / file.path
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(TaproomError, match="is cut off") as failure:
        ingest.run(company, dsn)
    words = failure.value.remedy.replace(",", "").split()
    table, date = words[words.index("--table") + 1], words[words.index("--date") + 1]
    world.regenerate(company, table, date)
    assert len(ingest.run(company, dsn).batches) == len(landed.batches) - 6
