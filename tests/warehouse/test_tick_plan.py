"""A tick sends what dbt wrote down, as much of it as is concerned, and dbt where it must."""

from __future__ import annotations

import pytest
from table_hashes import differing, fingerprints

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import postgres
from taproom.warehouse import plan, runner


def no_dbt(*_args, **_options):
    raise AssertionError("dbt was started")


@pytest.fixture
def built_models(monkeypatch) -> list[str]:
    """Names of the models ticks have built without dbt."""
    names: list[str] = []
    run = plan.run

    def noted(*args):
        names.extend(run(*args))

    monkeypatch.setattr(plan, "run", noted)
    return names


def test_a_tick_starts_no_dbt_and_builds_what_is_concerned(tiny, monkeypatch, built_models):
    box = tiny("planned")
    monkeypatch.setattr(runner, "must_build", no_dbt)
    box.tick(days=1)
    day = set(built_models)
    assert {"int_calendar__days", "entity_customers_daily"} <= day
    with postgres.connect(settings.LEARNER, box.database) as connection:
        views = {name for (name,) in connection.execute("select viewname from pg_views")}
    assert "stg_app__accounts" in views
    assert not day & views

    built_models.clear()
    box.tick(hours=1)
    # no day ended: nothing that only grows by days is built
    assert set(built_models) < day - {"int_calendar__days"}
    for name in built_models:
        assert built_models.count(name) == 1


def test_dbt_builds_the_same(tiny, monkeypatch):
    planned, by_dbt = tiny("by_plan"), tiny("by_dbt")
    planned.tick(days=3)
    with monkeypatch.context() as patch:
        patch.setattr(plan, "read", lambda *_args: None)
        by_dbt.tick(days=3)
    assert not differing(fingerprints(planned), fingerprints(by_dbt))


def test_a_changed_project_is_built_by_dbt_once(tiny, monkeypatch):
    box = tiny("changed_project")
    with postgres.connect(settings.LEARNER, box.database, autocommit=True) as connection:
        connection.execute("update ops.tick_plan set project = 'older'")
        # a model that has been deleted since
        connection.execute(
            "insert into ops.tick_plan (model, relation, materialized, project, parents, statement)"
            " values ('gone', 'intermediate.gone', 'table', 'older', '{}', 'select 1')"
        )
    box.tick(hours=1)
    with postgres.connect(settings.LEARNER, box.database) as connection:
        models = plan.read(connection, runner.fingerprint())
    assert models
    assert "gone" not in [model.model for model in models]
    monkeypatch.setattr(runner, "must_build", no_dbt)
    box.tick(hours=1)


def test_a_failure_names_the_model_and_leaves_the_tables(tiny):
    box = tiny("failing_tick")
    before = fingerprints(box)
    with postgres.connect(settings.LEARNER, box.database, autocommit=True) as connection:
        connection.execute(
            "update ops.tick_plan set statement = 'select 1 / 0 as x -- public.as_of_date()'"
            " where model = 'int_calendar__days'"
        )
    with pytest.raises(TaproomError, match="could not be built") as failure:
        box.tick(days=1)
    assert "int_calendar__days" in failure.value.where
    assert not differing(before, fingerprints(box))
