"""A damaged file fails its batch, says how to mend it, and leaves the other batches alone."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taproom import ingest
from taproom.errors import TaproomError

ROWS = {"stripe.customer": 40, "stripe.invoice": 60, "stripe.charge": 20}


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def no_parquet(path: Path) -> None:
    path.write_text("id,amount\nin_1,100\n")


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(bytes(data))


def absent(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = {
    cut_off: "is cut off",
    emptied: "is empty",
    no_parquet: "is not a Parquet file",
    flipped: "was changed after it was written",
    absent: "is missing",
    a_folder: "cannot be read",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__)
def test_damage_fails_its_batch_only(damage, landing, dsn, query):
    landing.month(1, ROWS)
    second = landing.month(2, ROWS)
    landing.month(3, ROWS)
    path = landing.path(second["files"][1])
    whole = path.read_bytes()
    damage(path)

    with pytest.raises(TaproomError) as failure:
        ingest.run(landing.root, dsn)

    text = str(failure.value)
    assert DAMAGES[damage] in text
    assert str(path) in text
    assert "stripe.invoice" in text
    assert "2024-02" in text
    assert (
        "./taproom world regenerate --table stripe.invoice --date 2024-02-01"
        in failure.value.remedy
    )
    assert query("select batch_id from ops.batch") == [("2024-01",)]
    assert query("select count(*) from raw_stripe.customer") == [(40,)]
    assert query("select as_of::text from ops.clock") == [("2024-02-01 00:00:00+00",)]

    if path.is_dir():
        path.rmdir()
    path.write_bytes(whole)
    report = ingest.run(landing.root, dsn)
    assert report.batches == ["2024-02", "2024-03"]
    assert query("select count(*) from raw_stripe.invoice") == [(180,)]


def test_damage_that_the_manifest_agrees_with(landing, dsn, query):
    """Checksums right, content wrong: not Parquet, undecodable, or another number of rows."""
    batch = landing.month(1, ROWS)
    entry = batch["files"][1]
    path = landing.path(entry)
    whole = path.read_bytes()

    no_parquet(path)
    entry |= {"sha256": _sha(path), "bytes": path.stat().st_size}
    landing.save()
    assert "is not a Parquet file" in _failure(landing, dsn)

    column = pq.ParquetFile(pa.BufferReader(whole)).metadata.row_group(0).column(0)
    data = bytearray(whole)
    page = column.dictionary_page_offset or column.data_page_offset
    data[page : page + column.total_compressed_size] = b"\x17" * column.total_compressed_size
    path.write_bytes(bytes(data))
    entry |= {"sha256": _sha(path), "bytes": path.stat().st_size}
    landing.save()
    assert "cannot be decoded" in _failure(landing, dsn)

    path.write_bytes(whole)
    landing.describe(entry)
    entry["rows"] += 1
    landing.save()
    assert "has 60 rows where the manifest says 61" in _failure(landing, dsn)

    assert query("select count(*) from ops.batch") == [(0,)]
    assert query("select count(*) from raw_stripe.customer") == [(0,)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d | {"format": 1}, "its format is 1"),
        (lambda d: {k: v for k, v in d.items() if k != "seed"}, "missing or wrong"),
        (lambda d: d | {"batches": d["batches"][::-1]}, "does not follow"),
        (lambda d: d | {"batches": [d["batches"][0], d["batches"][0]]}, "does not follow"),
        (lambda d: d | {"start": "2024-01-01T00:00:00"}, "no time zone"),
    ],
)
def test_a_manifest_that_cannot_be_used(change, said, landing, dsn):
    landing.month(1, {"finance.budget_rate": 3})
    landing.month(2, {"finance.budget_rate": 3})
    landing.document = change(landing.document)
    landing.save()
    assert re.search(said, _failure(landing, dsn))


def test_the_folder_of_another_version_is_refused_with_the_remedy(landing, dsn, query):
    """Nothing of it is loaded, also where a database of this version is there already."""
    landing.month(1, {"finance.budget_rate": 3})
    ingest.run(landing.root, dsn)
    landing.month(2, {"finance.budget_rate": 3})
    landing.document["format"] = 1
    landing.save()
    with pytest.raises(TaproomError, match=r"its format is 1, this version reads \d") as failure:
        ingest.run(landing.root, dsn)
    assert "./taproom world init --replace" in failure.value.remedy
    assert query("select count(*) from raw_finance.budget_rate") == [(3,)]


def test_no_manifest_and_broken_json(landing, dsn):
    manifest = landing.folder / "_manifest.json"
    manifest.write_text('{"format": 2, ')
    assert "it is not JSON" in _failure(landing, dsn)
    manifest.unlink()
    assert "./taproom world init" in _failure(landing, dsn)


def test_files_outside_the_landing_folder_are_refused(landing, dsn):
    batch = landing.month(1, {"finance.budget_rate": 3})
    batch["files"][0]["path"] = "../../secret.parquet"
    landing.save()
    assert "leads out of the landing folder" in _failure(landing, dsn)


def test_a_table_no_contract_describes(landing, dsn):
    batch = landing.month(1, {"finance.budget_rate": 3})
    batch["files"][0]["table"] = "budget"
    landing.save()
    assert "No contract describes the table finance.budget" in _failure(landing, dsn)


def _failure(landing, dsn) -> str:
    with pytest.raises(TaproomError) as failure:
        ingest.run(landing.root, dsn)
    return str(failure.value)


def _sha(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
