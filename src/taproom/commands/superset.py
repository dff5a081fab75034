"""Superset as a whole: set it up, test each of its connections, test everything.

./taproom superset setup         superset/setup_superset.py
./taproom superset connections   superset/connection_helper.sh
./taproom superset test          superset/test_superset.sh
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from taproom import dashboards, settings
from taproom.errors import TaproomError
from taproom.services import mail, postgres, superset, superset_worker, valkey
from taproom.services.superset import access, alerts, metadata, place

SCHEMAS = ("entities", "marts")


@dataclass(frozen=True)
class Line:
    """One row of the table: what was tried, ok, note or wrong, what was seen, what to do."""

    what: str
    state: str
    seen: str
    remedy: str = ""
    milliseconds: float = 0


def setup() -> dict[str, list[str]]:
    """Start Superset, import the assets, then roles, users, rules and alerts; what was changed."""
    superset.start()
    done = dashboards.import_assets()
    with superset.client() as admin:
        changed = {
            "assets": [f"{how}: {path}" for how in ("made", "changed") for path in done[how]],
            "access": access.apply(admin),
            "alerts": alerts.apply(admin),
        }
    return changed


def connections() -> Iterator[Line]:
    """Every connection Superset lives by, tried one after the other, nothing being started."""
    yield _tried("environment", _environment)
    yield _tried("PostgreSQL", _database)
    yield _tried("warehouse, read as superset_readonly", _reading)
    yield _tried("warehouse, closed otherwise", _closed)
    yield _tried("superset_db, Superset's own tables", _metadata)
    yield _tried("Superset's web server", _web)
    yield _tried("Superset, signing in as admin", _login)
    yield _tried("Superset to the warehouse", _through)
    yield _optional("cache and queue (Valkey)", valkey.ready(), "results are cached in files")
    yield _optional("mailbox", mail.ready(), "alerts cannot send mail")
    yield _optional("worker of the alerts", superset_worker.ready(), "alerts are not looked at")


def validate() -> Iterator[Line]:
    """The connections, then what is in Superset: assets, charts, roles, rules, alerts."""
    broken = False
    for line in connections():
        broken = broken or line.state == "wrong"
        yield line
    if broken:
        yield Line("everything else", "wrong", "not tried", "mend what is wrong above first")
        return
    with superset.client() as admin:
        yield _tried("files of the assets", _files)
        for slug in _slugs():
            yield _tried(f"dashboard {slug}", lambda slug=slug: _dashboard(admin, slug))
        yield _tried("roles, users, rules", lambda: _as_wanted(access.apply(admin)))
        yield _tried("each user signs in and sees its dashboards", lambda: _users(admin))
        yield _tried("alerts", lambda: _as_wanted(alerts.apply(admin)))
        yield _tried("numbers of the alerts", _alert_numbers)


def table(lines: Iterator[Line]) -> int:
    """Print the rows as they come; 1 when one is wrong, else 0."""
    count = {"ok": 0, "note": 0, "wrong": 0}
    print(f"{'':6} {'what was tried':44} {'ms':>6}  what was seen")
    for line in lines:
        count[line.state] += 1
        print(f"{line.state:6} {line.what:44} {line.milliseconds:6.0f}  {line.seen}")
        if line.remedy:
            print(f"{'':52}  what to do: {line.remedy}")
    print(", ".join(f"{number} {state}" for state, number in count.items() if number))
    return 1 if count["wrong"] else 0


def _tried(what: str, attempt: Callable[[], str]) -> Line:
    started = time.perf_counter()
    state, remedy = "ok", ""
    try:
        seen = attempt()
    except TaproomError as error:
        state, seen, remedy = "wrong", error.what, error.remedy or ""
    except psycopg.Error as error:
        state, seen = "wrong", str(error).strip().splitlines()[0]
        remedy = "./taproom up postgres; ./taproom doctor"
    return Line(what, state, seen, remedy, (time.perf_counter() - started) * 1000)


def _optional(what: str, ready: bool, without: str) -> Line:
    return Line(what, "ok", "answers") if ready else Line(what, "note", f"is not up: {without}")


def _environment() -> str:
    if not place.made():
        raise TaproomError(
            "Superset's environment is not made, or for another list of packages.",
            remedy="run ./taproom up superset",
        )
    return str(place.environment())


def _database() -> str:
    with postgres.connect(settings.OWNER) as connection:
        row = connection.execute("select current_setting('server_version')").fetchone()
    return f"version {row[0]}, {settings.HOST}:{postgres.status()['port']}"


def _reading() -> str:
    counts = []
    with postgres.connect(settings.SUPERSET) as connection:
        for schema in SCHEMAS:
            (number,) = connection.execute(
                "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where n.nspname = %s and c.relkind in ('r', 'p', 'v', 'm')"
                " and has_table_privilege(c.oid, 'select')",
                [schema],
            ).fetchone()
            if not number:
                raise TaproomError(
                    f"There is no table in {schema} to read.", remedy="run ./taproom build"
                )
            counts.append(f"{number} tables in {schema}")
    return ", ".join(counts)


def _closed() -> str:
    with postgres.connect(settings.SUPERSET, autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        (other,) = connection.execute(
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname !~ '^(pg_|information_schema|public)' and n.nspname <> all(%s)"
            " and c.relkind in ('r', 'p', 'v', 'm') and has_table_privilege(c.oid, 'select')",
            [list(SCHEMAS)],
        ).fetchone()
        (writable,) = connection.execute(
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname !~ '^(pg_|information_schema)' and c.relkind in ('r', 'p', 'v', 'm')"
            " and has_table_privilege(c.oid, 'insert, update, delete, truncate')",
        ).fetchone()
        (creating,) = connection.execute(
            "select count(*) from pg_namespace where has_schema_privilege(oid, 'create')"
        ).fetchone()
    if other or writable or creating:
        raise TaproomError(
            f"superset_readonly may read {other} tables elsewhere, write {writable}, "
            f"create in {creating} schemas.",
            remedy="revoke what was granted by hand, as taproom_owner",
        )
    with contextlib.suppress(psycopg.OperationalError):
        postgres.connect(settings.SUPERSET, settings.SUPERSET_DATABASE).close()
        raise TaproomError("superset_readonly may enter superset_db.", remedy="revoke connect")
    return "reads nothing else, writes nothing"


def _metadata() -> str:
    dsn = metadata.uri().replace("postgresql+psycopg2", "postgresql", 1)
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select (select count(*) from slices), (select count(*) from dashboards)"
        ).fetchone()
    return f"{row[0]} charts, {row[1]} dashboards"


def _web() -> str:
    if not superset.ready():
        raise TaproomError("Superset does not answer.", remedy="run ./taproom up superset")
    return superset.url()


def _login() -> str:
    with superset.client() as admin:
        roles = admin.get("me/roles/")["result"]["roles"]
    return f"roles: {', '.join(roles)}"


def _through() -> str:
    with superset.client() as admin:
        database = next(
            (d["id"] for d in admin.all("database") if d["database_name"] == access.DATABASE), None
        )
        if database is None:
            raise TaproomError(
                "Superset has no database called Taproom.", remedy="run ./taproom superset import"
            )
        address = admin.get(f"database/{database}/connection")["result"]["sqlalchemy_uri"]
        admin.post(
            "sqllab/execute/",
            {"database_id": database, "schema": "marts", "sql": "select 1 as one"},
        )
    reader, _, rest = address.removeprefix("postgresql+psycopg2://").partition(":")
    if reader != settings.SUPERSET:
        raise TaproomError(f"Superset reads as {reader}.", remedy="run ./taproom superset import")
    return f"as {reader} from {rest.rpartition('@')[2]}"


def _files() -> str:
    assets = dashboards.files.read(dashboards.files.folder())
    wrong = dashboards.checks.problems(assets)
    if wrong:
        raise TaproomError(f"{len(wrong)} faults, such as {wrong[0]}", remedy="mend the files")
    return f"{len(assets)} files, no fault"


def _slugs() -> list[str]:
    return list(
        dict.fromkeys(s for r in access.wanted()["roles"].values() for s in r["dashboards"])
    )


def _dashboard(admin: superset.Client, slug: str) -> str:
    try:
        charts = admin.get(f"dashboard/{slug}/charts")["result"]
    except superset.Refused as refused:
        raise TaproomError("It is not there.", remedy="run ./taproom superset setup") from refused
    rows, slowest, wrong = 0, 0.0, []
    for chart in charts:
        started = time.perf_counter()
        try:
            answers = admin.chart_data(chart["id"], fresh=True)["result"]
            rows += sum(a["rowcount"] or 0 for a in answers)
            if not all(a["rowcount"] for a in answers):
                wrong.append(f"{chart['slice_name']}: no rows")
        except TaproomError as error:
            wrong.append(f"{chart['slice_name']}: {error.what}")
        slowest = max(slowest, time.perf_counter() - started)
    if wrong or not charts:
        raise TaproomError(
            f"{len(wrong)} of {len(charts)} charts fail, such as {(wrong or ['none'])[0]}",
            remedy="./taproom superset check names each",
        )
    return f"{len(charts)} charts, {rows} rows, slowest {slowest * 1000:.0f} ms uncached"


def _as_wanted(changed: list[str]) -> str:
    if changed:
        return f"{len(changed)} put right: {changed[0]}"
    return "as the files say"


def _users(admin: superset.Client) -> str:
    wanted = access.wanted()
    there = {d["slug"] for d in admin.all("dashboard")}
    for name, user in wanted["users"].items():
        due = {s for r in user["roles"] for s in wanted["roles"][r]["dashboards"]} & there
        with superset.client(name) as session:
            seen = {d["slug"] for d in session.all("dashboard")} & set(_slugs())
        if seen != due:
            raise TaproomError(
                f"{name} sees {', '.join(sorted(seen)) or 'none'} and should see "
                f"{', '.join(sorted(due)) or 'none'}.",
                remedy="run ./taproom superset setup",
            )
    return f"{len(wanted['users'])} users"


def _alert_numbers() -> str:
    told = []
    with postgres.connect(settings.SUPERSET) as connection:
        for alert in alerts.wanted():
            (value,) = connection.execute(alert["sql"]).fetchone()
            told.append("none" if value is None else f"{value:.3f}")
    return ", ".join(told)
