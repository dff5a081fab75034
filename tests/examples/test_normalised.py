"""Questions asked of staging by joins have the answers of the entities: only then may their times
be compared (src/taproom/instructor/benchmark/joins.py)."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlglot
from sqlglot import exp

from taproom import settings
from taproom.instructor import queries
from taproom.instructor.benchmark import joins
from taproom.services import postgres

DATABASE = settings.sandbox_database("examples")
QUERIES = queries.load()
WRITTEN = joins.written()
ONE_TABLE = [name for name, query in QUERIES.items() if len(query.tables) == 1]


@pytest.fixture(scope="module")
def owner(company):
    with postgres.connect(settings.OWNER, DATABASE) as connection:
        for name, value in joins.SETTINGS.items():
            connection.execute(f"set {name} = {value}")
        yield connection


def test_every_question_of_one_table_is_written_or_left_out_with_its_reason():
    assert sorted([*WRITTEN, *joins.LEFT_OUT]) == sorted(ONE_TABLE)


@pytest.mark.parametrize("question", WRITTEN)
def test_it_reads_staging_only(question):
    """And the clock; names it gives itself are none of a part's."""
    tree = sqlglot.parse_one(joins.statement(question), read="postgres")
    names = [cte.alias_or_name for cte in tree.args["with_"].expressions] if tree.ctes else []
    assert len(names) == len(set(names))
    given = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    read = {
        f"{table.db}.{table.name}"
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Identifier) and (table.db or table.name not in given)
    }
    assert all(name.startswith("staging.stg_") or name == "ops.clock" for name in read), read


def test_every_part_is_needed_by_two():
    """What only one question needs stands with it."""
    bodies = [path.read_text("utf-8") for path in joins.FOLDER.rglob("*.sql")]
    for path in (joins.FOLDER / "parts").glob("*.sql"):
        readers = [body for body in bodies if path.stem in joins.parts_of(body)]
        assert len(readers) >= 2, path.name


@pytest.mark.parametrize("question", WRITTEN)
def test_the_answer_is_the_entity_s(owner, question):
    ours = owner.execute(QUERIES[question].sql)
    theirs = owner.execute(joins.statement(question))
    assert [column.name for column in theirs.description] == [
        column.name for column in ours.description
    ]
    assert theirs.fetchall() == ours.fetchall()


def test_sqlfluff_is_content():
    done = subprocess.run(
        [sys.executable, "-m", "sqlfluff", "lint", str(joins.FOLDER)],
        cwd=settings.repo(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
