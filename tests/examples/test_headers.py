"""What stands above the SQL of the questions, and how it is laid out. No database is needed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from taproom import settings
from taproom.answers.questions import REFERENCES
from taproom.instructor import queries, reference

QUERIES = queries.load()
FOLDERS = [f"examples/{name}" for name in queries.FOLDERS]
DASHBOARDS = {
    "Executive": 12, "Marketing": 10, "Customer Success": 10, "Product": 10, "Operations": 8,
}  # fmt: skip


def test_every_question_has_its_query_and_its_reference():
    assert list(QUERIES) == [f"Q{number:02}" for number in range(1, 51)]
    assert set(REFERENCES) == set(QUERIES)


def test_each_dashboard_and_difficulty_has_its_share():
    assert Counter(query.dashboard for query in QUERIES.values()) == DASHBOARDS
    assert {query.difficulty for query in QUERIES.values()} == {"easy", "medium", "hard"}
    assert {query.path.parent.name for query in QUERIES.values()} == set(queries.FOLDERS)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_header_tells_what_a_reader_needs(query):
    assert query.path.name.startswith(f"{query.id.lower()}-")
    assert query.question.endswith("?") or query.question.endswith(".")
    assert len(query.reading) > 60 and query.excludes
    assert query.tables_read() == {f"entities.{name}" for name in query.tables}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_no_date_is_written_down_and_rows_come_in_order(query):
    """The company of another clock is asked the same question."""
    assert not re.search(r"'\d{4}-\d{2}", query.sql)
    assert not re.search(r"\b(current_date|now\(\)|current_timestamp)", query.sql)
    if query.key:
        assert "order by" in query.sql.rsplit("\nfrom ", 1)[1]


def test_at_least_45_of_50_need_one_table():
    """One physical table by the parser; CTEs and self-joins are allowed."""
    single = [query.id for query in QUERIES.values() if len(query.tables_read()) == 1]
    assert len(single) >= 45, f"only {len(single)} need one table"


@pytest.mark.parametrize("page", reference.example_pages())
def test_the_indexes_are_fresh(page):
    """When this fails: python -m taproom.instructor.reference"""
    written = (settings.repo() / page).read_text(encoding="utf-8")
    assert written == reference.example_pages()[page]


def test_sqlfluff_is_content():
    done = subprocess.run(
        [sys.executable, "-m", "sqlfluff", "lint", *FOLDERS],
        cwd=settings.repo(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
