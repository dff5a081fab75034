"""The course's state can be left and brought back."""

from __future__ import annotations

import pytest

from taproom import settings, warehouse
from taproom.errors import TaproomError
from taproom.services import postgres
from taproom.warehouse.course import check_disk


def state() -> tuple:
    with postgres.connect(settings.LEARNER) as connection:
        return connection.execute(
            "select (select as_of from ops.clock), count(*), sum(mrr_usd)"
            " from entities.entity_customers_daily"
        ).fetchone()


def test_reset_brings_back_world_and_tables(new_home):
    new_home()
    postgres.start()
    with pytest.raises(TaproomError, match="no saved state"):
        warehouse.reset()
    warehouse.course("tiny", 42)
    before = state()
    assert warehouse.course("tiny", 42)["built"] is False

    warehouse.tick(days=1)
    assert state() != before
    warehouse.reset()
    assert state() == before
    # and from there the world goes on as before
    assert warehouse.tick(hours=1)["batch"].startswith("20260101T0000")


def test_copying_is_refused_without_room(cluster, monkeypatch):
    class Full:
        free = 1_000_000

    monkeypatch.setattr("shutil.disk_usage", lambda _path: Full)
    with pytest.raises(TaproomError, match="twice its size"):
        check_disk(settings.DATABASE)


def test_a_sandbox_belongs_to_the_learner(tiny):
    sandbox = tiny("mine")
    with postgres.connect(settings.LEARNER, sandbox.database, autocommit=True) as connection:
        connection.execute("create table staging.scratch as select 1 as x")
        connection.execute("delete from raw_stripe.invoice")
    with pytest.raises(TaproomError, match="cannot be the name"):
        warehouse.sandbox("../other")
    again = warehouse.sandbox_reset("mine")
    with postgres.connect(settings.LEARNER, again.database) as connection:
        assert connection.execute("select count(*) > 0 from raw_stripe.invoice").fetchone()[0]
    warehouse.sandbox_drop("mine")
    assert not postgres.database_exists(sandbox.database)
    assert not sandbox.root.exists()
