"""The statements of a tick, sent without dbt.

dbt takes seconds to import and a tenth of a second for each model, whatever the model does. So
whenever dbt builds a model it also writes down what a tick has to do for it
(dbt/macros/tick_plan.sql), and a tick sends that: only for models that something new concerns,
in one transaction, in which readers see either all of the tick or nothing.

The plan holds for the project's files it was made from. After a change of one of them dbt itself
builds once, which writes the plan anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from graphlib import TopologicalSorter

import psycopg
from psycopg.rows import namedtuple_row

# More values than this are left to the database to join.
LONGEST_LIST = 2000

# «kind:query», innermost first: a question whose answer stands in the statement as a literal
_QUESTION = re.compile(r"«(\w+):([^«»]*)»")


@dataclass(frozen=True)
class Model:
    """One row of ops.tick_plan."""

    model: str
    relation: str
    materialized: str
    project: str
    parents: list[str]
    statement: str
    condition: str | None
    unique_key: str | None
    changed_keys: str | None
    grain_date: str | None
    also_delete: str | None
    newest: str | None = None
    cells: str | None = None
    prune: str | None = None


@dataclass(frozen=True)
class Moved:
    """What is new since the tables were built."""

    sources: frozenset[str]
    instant: bool
    day: bool


def read(connection: psycopg.Connection, project: str) -> list[Model] | None:
    """The plan in the order of building; None when there is none for these project files."""
    if connection.execute("select to_regclass('ops.tick_plan')").fetchone()[0] is None:
        return None
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows = cursor.execute("select * from ops.tick_plan order by model").fetchall()
    models = {row.model: Model(**row._asdict()) for row in rows}
    if not models or any(model.project != project for model in models.values()):
        return None
    order = TopologicalSorter(
        {
            name: [parent[6:] for parent in model.parents if parent.startswith("model.")]
            for name, model in models.items()
        }
    )
    return [models[name] for name in order.static_order()]


def forget_others(connection: psycopg.Connection, project: str) -> None:
    """Drop what is planned for models the project no longer has."""
    connection.execute("delete from ops.tick_plan where project <> %s", [project])


def run(
    connection: psycopg.Connection, models: list[Model], progress: Callable[..., None]
) -> list[str]:
    """Build what something new concerns; returns the names of those models.

    The caller commits. Raises psycopg.Error, with the model's name as a note.
    """
    # a model of forty steps may look dear to the planner; none lasts long enough for this
    connection.execute("set local jit = off")
    moved = _moved(connection)
    ask = _Questions(connection)
    columns = _columns(connection)
    fresh: set[str] = set(moved.sources)
    built = []
    for model in models:
        if not _is_due(model, fresh, moved, ask) or not _has_cells(connection, model, ask):
            continue
        fresh.add(f"model.{model.model}")
        if model.materialized == "view":
            continue
        progress("model", len(built) + 1, model.model)
        try:
            _build(connection, model, columns[model.relation], ask)
        except psycopg.Error as error:
            error.add_note(model.model)
            raise
        built.append(model.model)
    _log(connection)
    return built


def _moved(connection: psycopg.Connection) -> Moved:
    # as a rule all tables are built through the same batch, that of the tick before; somebody may
    # have built only some of them since
    seq, instant, day = connection.execute(
        "select min(batch_seq), min(as_of), min(as_of_date) from ops.model_build"
        " where model in (select model from ops.tick_plan where materialized <> 'view')"
    ).fetchone()
    sources = connection.execute(
        "select distinct 'source.' || source || '.' || table_name from ops.load"
        " where batch_seq > %s and rows_loaded > 0",
        [seq],
    ).fetchall()
    clock = connection.execute(
        "select as_of is distinct from %s, public.as_of_date() is distinct from %s from ops.clock",
        [instant, day],
    ).fetchone()
    return Moved(frozenset(name for (name,) in sources), *clock)


def _is_due(model: Model, fresh: set[str], moved: Moved, ask: _Questions) -> bool:
    if model.changed_keys:
        if model.grain_date and moved.day:
            return True
        if model.also_delete and not fresh.isdisjoint(model.parents):
            return True
        return bool(ask.literals(model.changed_keys) != "(null)")
    text = f"{model.statement} {model.cells}"
    return (
        not fresh.isdisjoint(model.parents)
        or (moved.day and "public.as_of_date()" in text)
        or (moved.instant and "ops.clock" in text)
    )


def _has_cells(connection: psycopg.Connection, model: Model, ask: _Questions) -> bool:
    """Whether a cell changed, for a model that is built by cell; puts them where its statement
    looks for them."""
    if not model.cells:
        return True
    name = _cells(model)
    connection.execute(
        f"create temporary table {name} on commit drop as {ask.literals(model.cells)}"
    )
    connection.execute(f"analyze {name}")
    # with time alone, too, rows grow too old to be kept
    return (
        bool(model.prune) or connection.execute(f"select exists (select from {name})").fetchone()[0]
    )


def _prune(connection: psycopg.Connection, model: Model) -> None:
    if model.prune:
        connection.execute(f"delete from {model.relation} where {model.prune}")


def _cells(model: Model) -> str:
    return f"{model.model}__cells"


def _build(
    connection: psycopg.Connection, model: Model, columns: list[str], ask: _Questions
) -> None:
    names = ", ".join(columns)
    statement = ask.literals(model.statement)
    if model.unique_key:
        key = model.unique_key.split(", ")
        same = " and ".join(f"target.{column} = given.{column}" for column in key)
        if model.cells:
            # the statement, too, looks for its rows where the target's are
            connection.execute(
                f"delete from {model.relation} as target using {_cells(model)} as given"
                f" where {same}"
            )
            connection.execute(
                f"insert into {model.relation} ({names})"
                f" select {names} from (\n{statement}\n) as built"
            )
            _prune(connection, model)
            return
        # nothing says beforehand which keys come: those in the new rows are replaced
        older = f" and given.{model.newest} >= target.{model.newest}" if model.newest else ""
        connection.execute(f"create temp table tick_rows on commit drop as {statement}")
        connection.execute("analyze tick_rows")
        connection.execute(
            f"delete from {model.relation} as target using tick_rows as given where {same}{older}"
        )
        connection.execute(
            f"insert into {model.relation} ({names}) select {names} from tick_rows as given"
            f" where not exists (select from {model.relation} as target where {same})"
        )
        connection.execute("drop table tick_rows")
        _prune(connection, model)
        return
    # no truncate: a reader of the tables as they were goes on seeing all rows
    condition = f" where {ask.literals(model.condition)}" if model.condition else ""
    connection.execute(f"delete from {model.relation}{condition}")
    connection.execute(
        f"insert into {model.relation} ({names}) select {names} from (\n{statement}\n) as built"
    )


def _columns(connection: psycopg.Connection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select format('%%I.%%I', n.nspname, c.relname), quote_ident(a.attname)"
        " from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname in (select split_part(replace(relation, '\"', ''), '.', 1)"
        " from ops.tick_plan) and a.attnum > 0 and not a.attisdropped"
        " order by a.attrelid, a.attnum",
        [],
    ).fetchall()
    found: dict[str, list[str]] = {}
    for relation, column in rows:
        schema, _, name = relation.partition(".")
        found.setdefault(f'"{schema}"."{name}"', []).append(column)
    return found


def _log(connection: psycopg.Connection) -> None:
    connection.execute(
        "update ops.model_build set"
        " batch_seq = (select coalesce(max(batch_seq), 0) from ops.batch),"
        " as_of_date = public.as_of_date(), as_of = (select as_of from ops.clock)"
    )


class _Questions:
    """Puts answers where a statement has questions; asks none twice in a tick, in which a
    model's parents are complete before the model is asked about."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.answers: dict[tuple[str, str], str] = {}

    def literals(self, text: str) -> str:
        found = True
        while found:
            text, found = _QUESTION.subn(self._answer, text)
        return text

    def _answer(self, question: re.Match) -> str:
        key = question.groups()
        if key not in self.answers:
            self.answers[key] = self._ask(*key)
        return self.answers[key]

    def _ask(self, kind: str, query: str) -> str:
        if kind == "list":
            never, _, query = query.partition(":")
            values = [value for (value,) in self.connection.execute(query).fetchall()]
            if len(values) > LONGEST_LIST:
                return f"({query})"
            quoted = ("'" + str(value).replace("'", "''") + "'" for value in values)
            return "(" + (", ".join(quoted) or never) + ")"
        row = self.connection.execute(query).fetchone()
        if kind == "date":
            return f"'{row[0] if row else '1900-01-01'}'::date"
        return str(row[0] if row else 0)
