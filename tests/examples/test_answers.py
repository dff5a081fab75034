"""Each question's answer from the entities beside its reference from the delivered files."""

from __future__ import annotations

import pytest
from comparing import differences

from taproom.answers.questions import REFERENCES
from taproom.instructor import queries

QUERIES = queries.load()
COMPARED = {name: query for name, query in QUERIES.items() if name in REFERENCES}


@pytest.fixture(scope="module")
def wrong(ask, reference) -> dict[str, list[str]]:
    """What is wrong with each answer, by question."""
    return {
        query.id: differences(ask(query.sql), reference(query.id), query.key)
        for query in COMPARED.values()
    }


@pytest.mark.parametrize("question", COMPARED)
def test_the_answer_is_its_reference(wrong, question):
    """Decimals to half a unit of the last digit shown, everything else exactly."""
    assert wrong[question][:5] == []


def test_at_least_45_of_50_are_right_by_one_table(wrong):
    right = [
        query.id
        for query in COMPARED.values()
        if not wrong[query.id] and len(query.tables_read()) == 1
    ]
    assert len(right) >= 45, f"right by one table: {len(right)}"


@pytest.mark.parametrize("question", QUERIES)
def test_the_answer_is_not_empty(ask, question):
    """A tiny company can lack a rare thing; it may not lack most of them."""
    rows = ask(QUERIES[question].sql)
    assert rows or question in MAY_BE_EMPTY
    if rows:
        assert all(set(row) == set(rows[0]) for row in rows)


# What a company of a hundred customers may simply not have.
MAY_BE_EMPTY = {"Q14", "Q18", "Q24", "Q25", "Q28", "Q29", "Q33"}
