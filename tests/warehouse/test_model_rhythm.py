"""How often each table is fresh: by its tag, in dbt's selectors and in ticks alike."""

from __future__ import annotations

import pytest
import yaml
from table_hashes import differing, fingerprints

from taproom import settings
from taproom.services import postgres
from taproom.warehouse import manifest, plan, runner

RHYTHMS = ("atomic", "hourly", *plan.SLOW)


@pytest.fixture(scope="module")
def models() -> dict[str, manifest.Model]:
    return manifest.models()


def planned(sandbox) -> list[plan.Model]:
    with postgres.connect(settings.LEARNER, sandbox.database) as connection:
        return plan.read(connection, runner.fingerprint())


def ends(sandbox) -> dict[str, tuple]:
    """Batch and clock every table is built through."""
    with postgres.connect(settings.LEARNER, sandbox.database) as connection:
        rows = connection.execute(
            "select model, batch_seq, changed_seq, as_of_date, as_of from ops.model_build"
        ).fetchall()
    return {name: tuple(rest) for name, *rest in rows}


def test_every_entity_and_mart_has_one_rhythm(models):
    """When this fails: name the model in dbt_project.yml, as its neighbours are."""
    wrong = {
        model.name: model.tags
        for model in models.values()
        if model.layer in ("entities", "marts") and len(set(RHYTHMS).intersection(model.tags)) != 1
    }
    assert wrong == {}


def test_every_rhythm_has_its_selector_and_reads_no_parent_that_is_behind():
    text = (runner.project() / "selectors.yml").read_text(encoding="utf-8")
    selectors = {one["name"]: one["definition"] for one in yaml.safe_load(text)["selectors"]}
    assert list(selectors) == ["quarter_hour", "hourly", "daily", "weekly", "monthly"]
    seen = set()
    for definition in selectors.values():
        for part in definition.get("union", [definition]):
            assert part["method"] == "tag" and part["parents"] is True
            seen.add(part["value"])
    assert seen == set(RHYTHMS)


def test_what_is_built_by_key_waits_for_no_parent(built):
    """A table that takes only changed keys must not move on while a parent is behind: it would
    miss what changed in the parent. Tables built whole may."""
    models = planned(built)
    slow = plan.waiting(models)
    views = {model.model: model.parents for model in models if model.materialized == "view"}

    def tables_behind(parents: list[str]) -> set[str]:
        found = set()
        for parent in parents:
            name = parent.removeprefix("model.")
            if name in views:
                found |= tables_behind(views[name])
            elif name in slow:
                found.add(name)
        return found

    wrong = {
        model.model: tables_behind(model.parents)
        for model in models
        if model.materialized == "incremental"
        and model.model not in slow
        and tables_behind(model.parents)
    }
    assert wrong == {}


def test_daily_tables_wait_until_the_day_closes(tiny):
    box = tiny("rhythm")
    slow = plan.waiting(planned(box))
    assert {"entity_customers_daily", "entity_subscriptions_monthly"} <= slow
    assert slow.isdisjoint({"entity_customers", "entity_subscriptions_history"})
    tables = {f"entities.{name}" for name in slow} | {f"intermediate.{name}" for name in slow}

    before, then = fingerprints(box), ends(box)
    for hours in (1, 3, 12):
        box.tick(hours=hours)
        now = fingerprints(box)
        assert not tables.intersection(differing(before, now))
        assert {name: then[name] for name in slow if name in then} == {
            name: end for name, end in ends(box).items() if name in slow
        }
    assert differing(before, now), "sixteen hours changed nothing"

    box.tick(hours=8)
    assert tables.intersection(differing(before, fingerprints(box)))
    by_hours = fingerprints(box)
    assert box.build(["run"], full_refresh=True, progress=lambda *parts: None) == 0
    assert not differing(by_hours, fingerprints(box))


def test_an_hour_builds_only_what_is_fed_by_what_came(tiny, monkeypatch):
    """Counted: every table built has a source among the hour's loads, or reads the clock."""
    box = tiny("counted")
    names: list[str] = []
    run = plan.run
    monkeypatch.setattr(plan, "run", lambda *args: names.extend(run(*args)) or names)
    box.tick(hours=1)
    with postgres.connect(settings.LEARNER, box.database) as connection:
        came = {
            name
            for (name,) in connection.execute(
                "select 'source.' || source || '.' || table_name from ops.load"
                " where rows_loaded > 0 and batch_seq = (select max(batch_seq) from ops.batch)"
            )
        }
    models = planned(box)
    fed = set(came)
    for model in models:
        reads_clock = "ops.clock" in model.statement
        if reads_clock or not fed.isdisjoint(model.parents):
            fed.add(f"model.{model.model}")
    assert names and {f"model.{name}" for name in names} <= fed
    tables = [model for model in models if model.materialized != "view"]
    assert len(names) < len(tables) / 2, f"{len(names)} of {len(tables)} tables in one hour"
