"""The truth as a database: whole, and closed to everybody but its owner."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taproom import settings, warehouse
from taproom.errors import TaproomError
from taproom.services import postgres
from taproom.warehouse import truth_database


@pytest.fixture
def truth(tmp_path: Path, cluster: dict):
    """A truth folder of one table of three rows."""
    table = pa.table({"account_id": ["a", "b", "c"], "fit": [0.1, -0.2, None]})
    pq.write_table(table, tmp_path / "truth_account_latent.parquet")
    yield tmp_path
    postgres.drop_database(truth_database.DATABASE)


def _rows() -> list[tuple]:
    with postgres.connect(settings.OWNER, truth_database.DATABASE) as connection:
        return connection.execute(
            "select account_id, fit from truth.truth_account_latent order by 1"
        ).fetchall()


def test_the_owner_reads_what_the_files_hold(truth):
    assert warehouse.load_truth(truth) == {"truth_account_latent": 3}
    assert _rows() == [("a", 0.1), ("b", -0.2), ("c", None)]


@pytest.mark.parametrize("role", [settings.LEARNER, settings.SUPERSET])
def test_nobody_else_may_connect(truth, role):
    warehouse.load_truth(truth)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        postgres.connect(role, truth_database.DATABASE)


def test_a_damaged_file_leaves_the_database_as_it_was(truth):
    warehouse.load_truth(truth)
    (truth / "truth_churn.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(TaproomError, match="truth_churn cannot be read"):
        warehouse.load_truth(truth)
    assert len(_rows()) == 3
    assert not postgres.database_exists(f"{truth_database.DATABASE}_new")


def test_an_empty_folder_says_how_to_fill_it(tmp_path, cluster):
    with pytest.raises(TaproomError, match="no truth"):
        warehouse.load_truth(tmp_path)
