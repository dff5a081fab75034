"""What must hold of the built tables beyond dbt's own tests."""

from __future__ import annotations

import json

from taproom import warehouse
from taproom.warehouse import manifest


def test_nothing_above_raw_names_a_person(ask):
    found = ask(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('staging', 'intermediate', 'entities', 'marts')"
        " and column_name in ('email', 'full_name', 'phone', 'receipt_email', 'address_line_1')"
    )
    assert found == []
    assert ask(
        "select count(*) from staging.stg_app__users where email_hash !~ '^[0-9a-f]{64}$'"
    ) == [(0,)]


def test_an_erased_person_is_masked_in_every_version(ask):
    erased = ask(
        "select distinct id from raw_app.users where email is null and deleted_at is not null"
    )
    if erased:
        assert ask(
            f"select count(*) from raw_app.users where email is not null and id = '{erased[0][0]}'"
        ) != [(0,)], "the raw log should still hold the person"
    assert ask(
        "select count(*) from staging.stg_app__users_versions"
        " where is_erased and (email_hash is not null or email_domain is not null)"
    ) == [(0,)]


def test_test_accounts_stop_at_intermediate(ask):
    assert ask("select count(*) from intermediate.int_accounts__identity where is_test") > [(0,)]
    for table in ("entity_customers", "entity_customers_daily", "entity_customers_history"):
        assert ask(
            f"select count(*) from entities.{table} join intermediate.int_accounts__identity"
            " on raw_account_id = entity_account_id where is_test or is_merged".replace(
                "entity_account_id", f"{table}.account_id"
            )
        ) == [(0,)]


def test_lists_of_changes_of_devices_are_not_ahead_of_the_clock(ask):
    """Of the newest batch, which is all a tick asks for: the whole lists take minutes."""
    ((newest, as_of),) = ask("select max(batch_seq), (select as_of from ops.clock) from ops.batch")
    for view, column in (
        ("int_accounts__device_day_changes", "date"),
        ("int_devices__hour_changes", "hour_at"),
    ):
        ((listed, ahead),) = ask(
            f"select count(*), count(*) filter (where {column} > '{as_of}')"
            f" from intermediate.{view} where batch_seq >= {newest}"
        )
        assert listed, f"the newest batch changes nothing in {view}"
        assert not ahead, f"{view} names what has not been yet"


def test_every_built_column_is_described(built, ask):
    target = warehouse.environment(built.database, "learner")["DBT_TARGET_PATH"]
    assert built.build(["parse"], progress=lambda *parts: None) == 0
    with open(f"{target}/manifest.json", encoding="utf-8") as handle:  # noqa: PTH123
        nodes = json.load(handle)["nodes"].values()
    described = {
        (node["schema"], node["name"], column["name"])
        for node in nodes
        if node["resource_type"] == "model" and node["description"]
        for column in node["columns"].values()
        if column["description"]
    }
    there = {
        row
        for row in ask(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema in ('staging', 'intermediate', 'entities', 'marts')"
        )
        if not row[1].endswith("__dbt_tmp")
    }
    assert sorted(there - described) == []


def test_freshness_is_judged_by_the_worlds_clock(built):
    assert built.build(["source", "freshness"], progress=lambda *parts: None) == 0


def test_every_entity_is_indexed_by_its_key(built, ask):
    """Atomic tables and grains by a unique index on the key their test names; histories by the
    thing they are about."""
    indexes: dict[str, set[tuple[bool, tuple[str, ...]]]] = {}
    for table, unique, columns in ask(
        "select t.relname, i.indisunique, array_agg(a.attname::text order by a.attnum)"
        " from pg_index as i join pg_class as t on t.oid = i.indrelid"
        " join pg_namespace as n on n.oid = t.relnamespace and n.nspname = 'entities'"
        " join pg_attribute as a on a.attrelid = i.indexrelid group by i.indexrelid, 1, 2"
    ):
        indexes.setdefault(table, set()).add((unique, tuple(columns)))
    bare = []
    for model in manifest.models().values():
        if model.layer != "entities":
            continue
        found = indexes.get(model.name, set())
        if model.name.endswith("_history"):
            thing = next(name for name in model.columns if name.endswith("_id"))
            if not any(columns[0] == thing for _, columns in found):
                bare.append(model.name)
        elif not any(
            unique and set(columns) == set(key) for unique, columns in found for key in model.keys
        ):
            bare.append(model.name)
    assert bare == []
