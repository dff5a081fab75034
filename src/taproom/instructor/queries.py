"""The questions in `examples/`: their SQL with its header, and the tables a query reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from taproom import settings

WRITTEN = (
    "<!-- Written by `python -m taproom.instructor.reference`; edit the headers of the queries. -->"
)
FOLDERS = {
    "power_queries": (
        "Power queries",
        "Figures a company asks for every week. Short statements, read as they stand.",
    ),
    "business_scenarios": (
        "Business scenarios",
        "Questions somebody acts on the same day: whom to call, what to stop, what to repair.",
    ),
    "strategic_analysis": (
        "Strategic analysis",
        "Questions for a board: where growth comes from, what it costs, what would happen. Read "
        "the reading first; each answer has a way of being misunderstood.",
    ),
}
FIELDS = ("id", "question", "dashboard", "difficulty", "tables", "key", "reading", "excludes")
_FIELD = re.compile(r"-- (\w+):\s?(.*)")


@dataclass(frozen=True)
class Query:
    """One file of `examples/`: what stands in its header, and its statement.

    `key` names a row of the answer; empty when the answer is one row.
    """

    path: Path
    id: str
    question: str
    dashboard: str
    difficulty: str
    tables: tuple[str, ...]
    key: tuple[str, ...]
    reading: str
    excludes: str
    sql: str

    def tables_read(self) -> set[str]:
        """Physical tables the statement reads, schema included; CTEs are none."""
        tree = sqlglot.parse_one(self.sql, read="postgres")
        named = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
        return {
            f"{table.db}.{table.name}"
            for table in tree.find_all(exp.Table)
            if isinstance(table.this, exp.Identifier) and (table.db or table.name not in named)
        }


def folder() -> Path:
    """Where the questions are."""
    return settings.repo() / "examples"


def load() -> dict[str, Query]:
    """Every question by its id, in the order of their numbers."""
    found = [read(path) for path in sorted(folder().glob("*/*.sql"))]
    return {query.id: query for query in sorted(found, key=lambda query: query.id)}


def read(path: Path) -> Query:
    """The question in a file; ValueError where its header is not as it should be."""
    values: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[: next((n for n, line in enumerate(lines) if not line.startswith("--")), 0)]
    field = ""
    for line in head:
        if match := _FIELD.fullmatch(line):
            field, values[match[1]] = match[1], match[2].strip()
        else:
            values[field] += " " + line.removeprefix("--").strip()
    if tuple(values) != FIELDS:
        raise ValueError(f"{path.name}: the header needs {', '.join(FIELDS)}, in this order")
    listed = {name: tuple(values.pop(name).replace(",", " ").split()) for name in ("tables", "key")}
    sql = "\n".join(lines[len(head) :]).strip()
    return Query(path=path, sql=sql, **listed, **values)


def index(found: list[Query]) -> str:
    """The page of all questions, by dashboard."""
    lines = [
        "# Questions to the company",
        WRITTEN,
        f"{len(found)} questions and the SQL that answers them, nearly all from one entity table. "
        "Each file begins with how to read its answer and what is left out. Run one in the course "
        'environment with `./taproom sql "$(cat examples/…)"`, or take it into a notebook.',
        "",
        "Where no index helps a condition, `(select as_of_date())` asks the clock once a statement "
        "and not once a row, which halves the time on the long daily tables.",
        "",
        "Every answer is held by a test against a reference computed from the delivered files by "
        "other code (`src/taproom/answers/questions`).",
        "",
    ]
    for name, (title, purpose) in FOLDERS.items():
        lines.append(f"- [{title}]({name}/README.md): {purpose}")
    for dashboard in dict.fromkeys(query.dashboard for query in found):
        lines += ["", f"## {dashboard}", "", *_table(found, dashboard, "")]
    return "\n".join(lines) + "\n"


def folder_index(name: str, found: list[Query]) -> str:
    """The page of one folder."""
    title, purpose = FOLDERS[name]
    lines = [f"# {title}", WRITTEN, f"{purpose} [All questions](../README.md)."]
    for dashboard in dict.fromkeys(query.dashboard for query in found):
        lines += ["", f"## {dashboard}", "", *_table(found, dashboard, "../")]
    return "\n".join(lines) + "\n"


def _table(found: list[Query], dashboard: str, up: str) -> list[str]:
    rows = [
        f"| [{query.id}]({_link(query, up)}) | {query.question} | {query.difficulty} | "
        f"{', '.join(f'`{table}`' for table in query.tables)} |"
        for query in found
        if query.dashboard == dashboard
    ]
    return ["| | question | difficulty | table |", "|---|---|---|---|", *rows]


def _link(query: Query, up: str) -> str:
    return query.path.name if up else f"{query.path.parent.name}/{query.path.name}"
