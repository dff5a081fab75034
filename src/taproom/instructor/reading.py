"""Who reads a table, and which columns nobody reads.

A file reads a column when it names both the column and its table, comments and prose aside. That
errs on the side of "read": a file on two tables that share a column's name reads both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlglot
import yaml
from sqlglot import exp

from taproom import settings
from taproom.instructor import queries
from taproom.warehouse import manifest

# Kept in every history, whether or not somebody reads it there: the shape of the table.
OF_EVERY_HISTORY = {
    "valid_from", "valid_to", "recorded_at", "superseded_at", "is_current", "version_no",
    "change_type", "changed_columns", "prev_version_key", "source_system", "row_hash",
}  # fmt: skip
WORD = re.compile(r"\w+")
SQL_COMMENT = re.compile(r"{#.*?#}|--[^\n]*", re.DOTALL)


@dataclass(frozen=True)
class Reader:
    """Something that reads tables: its kind, its name for a list, its words."""

    kind: str  # question, mart, notebook, solution, dashboard or further
    name: str
    words: frozenset[str]


def readers(models: dict[str, manifest.Model]) -> list[Reader]:
    """Questions, marts, notebooks, solutions of exercises and dashboards."""
    root = settings.repo()
    found = [
        Reader("question", query.id, _words(SQL_COMMENT.sub(" ", query.sql)))
        for query in queries.load().values()
    ]
    found += [
        Reader("mart", model.name, _words(SQL_COMMENT.sub(" ", model.code)))
        for model in models.values()
        if model.layer == "marts"
    ]
    for kind, folder in (("notebook", "notebooks"), ("solution", "solutions")):
        found += [
            Reader(kind, path.stem, _words(code(path)))
            for path in sorted((root / folder).glob("*.ipynb"))
        ]
    found += [
        Reader("further", question, frozenset((table, *columns)))
        for table, questions in further_questions().items()
        for question, columns in questions.items()
    ]
    found += [
        Reader("dashboard", path.stem, _words(path.read_text(encoding="utf-8")))
        for path in sorted((root / "superset").rglob("*.yaml"))
    ]
    return found


def further_questions() -> dict[str, dict[str, list[str]]]:
    """Table -> question -> the columns that answer it: the reason beside a column that none of the
    course's own files reads."""
    return {
        table: {
            question: _columns(answer) if isinstance(answer, str) else answer
            for question, answer in questions.items()
        }
        for table, questions in _further().items()
    }


def further_sql() -> dict[tuple[str, str], str]:
    """(table, question) -> the SQL that answers it, where it is given."""
    return {
        (table, question): answer
        for table, questions in _further().items()
        for question, answer in questions.items()
        if isinstance(answer, str)
    }


def _further() -> dict[str, dict[str, list[str] | str]]:
    path = Path(__file__).parent / "further_questions.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _columns(sql: str) -> list[str]:
    """Columns the statement names, those it makes itself aside."""
    tree = sqlglot.parse_one(sql, read="postgres")
    made = {alias.alias for alias in tree.find_all(exp.Alias)}
    return list(dict.fromkeys(c.name for c in tree.find_all(exp.Column) if c.name not in made))


def code(notebook: Path) -> str:
    """What stands in the code cells."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return SQL_COMMENT.sub(" ", text)


def of_table(table: str, found: Iterable[Reader]) -> list[Reader]:
    """Those that name the table."""
    return [reader for reader in found if table in reader.words]


def unread(
    models: dict[str, manifest.Model], found: Iterable[Reader], layer: str = "entities"
) -> dict[str, list[str]]:
    """Table -> its columns that nobody reads, in the order of the table.

    Left out: keys; what every history has; columns whose yml says in `meta: kept_for` which
    question of a stranger they answer.
    """
    found = list(found)
    result = {}
    for model in models.values():
        if model.layer == layer:
            words = frozenset().union(*(r.words for r in of_table(model.name, found)))
            kept = {column for key in model.keys for column in key}
            if model.name.endswith("_history"):
                kept |= OF_EVERY_HISTORY
            result[model.name] = [
                column.name
                for column in model.columns.values()
                if column.name not in words | kept and not column.meta.get("kept_for")
            ]
    return {table: columns for table, columns in result.items() if columns}


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text))
