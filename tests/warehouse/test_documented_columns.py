"""Every model and column is told, tested and read; every enum stands once."""

from __future__ import annotations

from collections import defaultdict

import pytest
import sqlglot

from taproom.instructor import reading
from taproom.warehouse import manifest

AT_LEAST = 0.90
# One name, two meanings on purpose: (column) -> why.
OTHER_ENUM: dict[str, str] = {
    "venue_type": "of a customer the group's kind, of a venue its own: the application's lists",
    "source_system": "each entity's history names the systems that report on it",
}


@pytest.fixture(scope="module")
def models() -> dict[str, manifest.Model]:
    return manifest.models()


def test_every_model_and_column_is_described(models):
    untold = [m.name for m in models.values() if not m.description]
    untold += [
        f"{m.name}.{c.name}" for m in models.values() for c in m.columns.values()
        if not c.description
    ]  # fmt: skip
    assert untold == []
    assert [m.name for m in models.values() if not m.columns] == []


def test_an_entity_says_what_a_row_is_and_what_is_left_out(models):
    """Grain and exclusions stand in the description of each table of an entity."""
    silent = [
        m.name
        for m in models.values()
        if m.layer == "entities"
        and not (
            any(word in m.description.lower() for word in ("one row", "versions of"))
            and any(
                word in m.description.lower()
                for word in ("exclu", "left out", "without", "no ", "nowhere", "neither")
            )
        )
    ]
    assert silent == []


@pytest.mark.parametrize("layer", ["entities", "marts", "intermediate", "staging"])
def test_nine_columns_of_ten_are_tested(models, layer):
    """When this fails: ./taproom docs --missing names the columns."""
    tested, every = manifest.coverage(models)[layer]
    assert tested / every >= AT_LEAST, f"{tested} of {every} columns of {layer}"


def test_every_entity_column_is_typed_and_every_key_tested(models):
    entities = [m for m in models.values() if m.layer == "entities"]
    assert [f"{m.name}.{c.name}" for m in entities for c in m.columns.values() if not c.type] == []
    tables = [m for m in models.values() if m.layer != "staging" and m.materialized != "view"]
    assert [m.name for m in tables if not m.keys] == [], "no test named unique or unique_rows"


def test_every_key_of_an_entity_leads_somewhere(models):
    """A column named as the key of an atomic table has a relationships test to it."""
    keys = {
        m.keys[0][0]: m.name
        for m in models.values()
        if m.layer == "entities" and m.name == f"entity_{m.folder}" and m.keys
    }
    loose = [
        f"{m.name}.{c.name}"
        for m in models.values()
        if m.layer == "entities"
        for c in m.columns.values()
        if c.name in keys and m.name != keys[c.name] and c.refers_to is None
    ]
    assert loose == []


def test_every_enum_stands_once(models):
    """One name has one list of values, wherever the column appears; and what looks like an enum
    of an entity has its list. A mart passes on what the entity holds."""
    lists: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    without = []
    for model in models.values():
        if model.layer not in ("entities", "marts"):
            continue
        for column in model.columns.values():
            if column.values:
                # a mart's row for all of them together is no further value
                lists[column.name].add(tuple(sorted(set(column.values) - {"all"})))
            elif (
                model.layer == "entities"
                and column.name not in OTHER_ENUM
                and column.name.endswith(("_status", "_band", "_tier", "_type", "segment"))
            ):
                without.append(f"{model.name}.{column.name}")
    # a table may know only some of the values; it may not know others
    several = {
        name: sorted(found)
        for name, found in lists.items()
        if not any(set().union(*found) == set(longest) for longest in found)
    }
    assert {name: found for name, found in several.items() if name not in OTHER_ENUM} == {}
    assert without == []


# A coarser grain -> the finer one of its own entity, whose rows it sums.
SUMS = {"entity_devices_monthly": "entity_devices_daily"}


def test_entities_read_intermediate_only(models):
    """But for a coarser grain, which may sum the finer one of its entity: never another entity."""
    layers = {m.name: m.layer for m in models.values()}
    wrong = {
        m.name: [p for p in m.parents if layers.get(p) != "intermediate" and p != SUMS.get(m.name)]
        for m in models.values()
        if m.layer == "entities"
    }
    assert {name: parents for name, parents in wrong.items() if parents} == {}
    folders = {m.name: m.folder for m in models.values()}
    assert [one for one, finer in SUMS.items() if folders[one] != folders[finer]] == []


def test_layers_read_downwards_only(models):
    may = {
        "staging": {"source", "staging"},
        "intermediate": {"staging", "intermediate"},
        "entities": {"intermediate"},
        "marts": {"entities", "intermediate", "marts"},
    }
    layers = {m.name: m.layer for m in models.values()}
    wrong = {
        (m.name, parent)
        for m in models.values()
        for parent in m.parents
        if layers.get(parent, parent.split(".")[0]) not in may[m.layer]
        and parent != SUMS.get(m.name)
    }
    assert wrong == set()


def test_every_column_of_an_entity_is_read(models):
    """By a question, mart, dashboard, notebook or exercise. When this fails: cut the column, or
    say in its yml which question it answers: config: {meta: {kept_for: "…"}}."""
    unread = reading.unread(models, reading.readers(models))
    assert unread == {}


def test_a_reason_to_keep_a_column_is_a_reason(models):
    weak = [
        f"{m.name}.{c.name}"
        for m in models.values()
        for c in m.columns.values()
        if "kept_for" in c.meta and len(str(c.meta["kept_for"]).split()) < 3
    ]
    assert weak == []


def test_further_questions_name_columns_there_are(models):
    wrong = [
        (table, column)
        for table, questions in reading.further_questions().items()
        for columns in questions.values()
        for column in columns
        if table not in models or column not in models[table].columns
    ]
    assert wrong == []
    assert [
        question
        for questions in reading.further_questions().values()
        for question in questions
        if not question.endswith("?")
    ] == []


def test_sql_of_a_further_question_reads_its_one_table_and_answers(ask):
    for (table, question), sql in reading.further_sql().items():
        named = {
            f"{one.db}.{one.name}"
            for one in sqlglot.parse_one(sql, read="postgres").find_all(sqlglot.exp.Table)
        }
        assert named == {f"entities.{table}"}, question
        assert ask(sql), question
