"""The statements of a tick, sent without dbt.

dbt takes seconds to import and a tenth of a second for each model, whatever the model does. So
whenever dbt builds a model it also writes down what a tick has to do for it
(dbt/macros/tick_plan.sql), and a tick sends that: only for models that something new concerns,
in one transaction, in which readers see either all of the tick or nothing.

What is new is judged model by model: ops.model_build keeps the batch through which a model is
built (batch_seq) and the batch that last changed its rows (changed_seq). A model is due when one
of its parents changed after the batch it is built through. Models of the daily, weekly and monthly
rhythm, and those only they read, wait until a UTC day has closed; what they missed until then
they still find, because their own batch has not moved on.

The plan holds for the project's files it was made from. After a change of one of them dbt itself
builds once, which writes the plan anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
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
    rhythm: str | None = None


@dataclass(frozen=True)
class Now:
    """Newest batch and clock of the database."""

    batch_seq: int
    as_of: datetime
    as_of_date: date


@dataclass(frozen=True)
class Built:
    """How far a model is built, and which batch last changed its rows."""

    batch_seq: int = 0
    changed_seq: int = 0
    as_of: datetime | None = None
    as_of_date: date | None = None


# Of these a tick builds nothing before a UTC day has closed.
SLOW = ("daily", "weekly", "monthly")


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
    now, builds = _now(connection), _builds(connection)
    ask = _Questions(connection)
    columns = _columns(connection)
    slow = waiting(models)
    changed = _newest_loads(connection)  # source or model -> batch that last changed its rows
    built, passed = [], []
    for model in models:
        name, before = f"model.{model.model}", builds.get(model.model, Built())
        newest = max((changed.get(parent, 0) for parent in model.parents), default=0)
        if model.materialized == "view":
            changed[name] = newest
            continue
        changed[name] = before.changed_seq
        if model.model in slow and before.as_of_date == now.as_of_date:
            continue
        passed.append(model.model)
        news = newest > before.batch_seq
        if not _is_due(model, news, before, now, ask) or not _has_cells(connection, model, ask):
            continue
        progress("model", len(built) + 1, model.model)
        try:
            rows = _build(connection, model, columns[model.relation], ask)
        except psycopg.Error as error:
            error.add_note(model.model)
            raise
        if rows:
            changed[name] = now.batch_seq
        built.append(model.model)
    _log(connection, now, {name: changed[f"model.{name}"] for name in passed})
    return built


def waiting(models: list[Model]) -> set[str]:
    """Models that a tick leaves alone until a UTC day has closed: those of a slow rhythm, and
    those without a rhythm of their own that only such ones read."""
    readers: dict[str, list[str]] = {model.model: [] for model in models}
    for model in models:
        for parent in model.parents:
            if parent.startswith("model."):
                readers.setdefault(parent[6:], []).append(model.model)
    slow: set[str] = set()
    for model in reversed(models):
        read_by = readers[model.model]
        if model.rhythm in SLOW or (model.rhythm is None and read_by and slow.issuperset(read_by)):
            slow.add(model.model)
    return slow


def _now(connection: psycopg.Connection) -> Now:
    return Now(
        *connection.execute(
            "select (select coalesce(max(batch_seq), 0) from ops.batch), as_of,"
            " public.as_of_date() from ops.clock"
        ).fetchone()
    )


def _builds(connection: psycopg.Connection) -> dict[str, Built]:
    rows = connection.execute(
        "select model, batch_seq, coalesce(changed_seq, batch_seq), as_of, as_of_date"
        " from ops.model_build"
    ).fetchall()
    return {name: Built(*rest) for name, *rest in rows}


def _newest_loads(connection: psycopg.Connection) -> dict[str, int]:
    return dict(
        connection.execute(
            "select 'source.' || source || '.' || table_name, max(batch_seq) from ops.load"
            " where rows_loaded > 0 group by 1"
        ).fetchall()
    )


def _is_due(model: Model, news: bool, before: Built, now: Now, ask: _Questions) -> bool:
    day = before.as_of_date != now.as_of_date
    if model.changed_keys:
        if model.grain_date and day:
            return True
        if model.also_delete and news:
            return True
        return bool(ask.literals(model.changed_keys) != "(null)")
    text = f"{model.statement} {model.cells}"
    return (
        news
        or (day and "public.as_of_date()" in text)
        or (before.as_of != now.as_of and "ops.clock" in text)
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


def _prune(connection: psycopg.Connection, model: Model) -> int:
    if not model.prune:
        return 0
    return connection.execute(f"delete from {model.relation} where {model.prune}").rowcount


def _cells(model: Model) -> str:
    return f"{model.model}__cells"


def _build(
    connection: psycopg.Connection, model: Model, columns: list[str], ask: _Questions
) -> int:
    """Rows taken away and put in."""
    names = ", ".join(columns)
    statement = ask.literals(model.statement)
    if not model.unique_key:
        # no truncate: a reader of the tables as they were goes on seeing all rows
        condition = f" where {ask.literals(model.condition)}" if model.condition else ""
        return _replace(
            connection, model, f"delete from {model.relation}{condition}", names, statement
        )
    key = model.unique_key.split(", ")
    same = " and ".join(f"target.{column} = given.{column}" for column in key)
    take_away = f"delete from {model.relation} as target using {{}} as given where {same}"
    if model.cells:
        # the statement, too, looks for its rows where the target's are
        changed = _replace(connection, model, take_away.format(_cells(model)), names, statement)
        return changed + _prune(connection, model)
    # nothing says beforehand which keys come: those in the new rows are replaced
    older = f" and given.{model.newest} >= target.{model.newest}" if model.newest else ""
    connection.execute(f"create temp table tick_rows on commit drop as {statement}")
    connection.execute("analyze tick_rows")
    gone = connection.execute(take_away.format("tick_rows") + older).rowcount
    came = connection.execute(
        f"insert into {model.relation} ({names}) select {names} from tick_rows as given"
        f" where not exists (select from {model.relation} as target where {same})"
    ).rowcount
    connection.execute("drop table tick_rows")
    return gone + came + _prune(connection, model)


def _replace(
    connection: psycopg.Connection, model: Model, take_away: str, names: str, statement: str
) -> int:
    gone = connection.execute(take_away).rowcount
    came = connection.execute(
        f"insert into {model.relation} ({names}) select {names} from (\n{statement}\n) as built"
    ).rowcount
    return gone + came


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


def _log(connection: psycopg.Connection, now: Now, changed: dict[str, int]) -> None:
    connection.execute(
        "update ops.model_build as build set batch_seq = %s, as_of_date = %s, as_of = %s,"
        " changed_seq = passed.changed_seq"
        " from (select unnest(%s::text[]), unnest(%s::bigint[])) as passed (model, changed_seq)"
        " where build.model = passed.model",
        [now.batch_seq, now.as_of_date, now.as_of, list(changed), list(changed.values())],
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
