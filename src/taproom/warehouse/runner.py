"""One call of dbt, in this process, against one database."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from taproom import services, settings
from taproom.errors import TaproomError
from taproom.services import postgres

Progress = Callable[..., None]

# What a bare option list is meant for: `./taproom build --select x` is `dbt build --select x`.
DEFAULT_COMMAND = "build"
COMMANDS = frozenset(
    (
        "build",
        "clean",
        "compile",
        "debug",
        "docs",
        "list",
        "ls",
        "parse",
        "retry",
        "run",
        "show",
        "source",
        "test",
    )
)
BUILD_TABLES = frozenset(("build", "retry", "run"))
READ_TABLES = frozenset(("build", "retry", "run", "show", "source", "test"))


def build(
    args: list[str] | None = None,
    *,
    full_refresh: bool = False,
    database: str | None = None,
    role: str = settings.OWNER,
    progress: Progress | None = None,
) -> int:
    """Run dbt; returns its exit status: 0 all well, 1 a model or test failed, 2 wrong usage.

    `args` as on dbt's command line, without a command `build`. With `progress` dbt is silent
    but for warnings and errors, and each finished model or test is reported.
    """
    result = _invoke(list(args or []), full_refresh, database, role, progress)
    if result.success:
        return 0
    return 2 if result.exception is not None else 1


def must_build(
    args: list[str],
    what: str,
    *,
    full_refresh: bool = False,
    database: str | None = None,
    role: str = settings.OWNER,
    progress: Progress | None = None,
) -> None:
    """Run dbt; raises TaproomError `what`, with the models and tests that failed, unless all
    went well."""
    result = _invoke(args, full_refresh, database, role, progress)
    if result.success:
        return
    failed = [
        f"{r.node.name}: {(r.message or '').strip().splitlines()[0] if r.message else r.status}"
        for r in getattr(result.result, "results", None) or []
        if r.status in ("error", "fail", "runtime error")
    ]
    log = Path(environment(database, role)["DBT_LOG_PATH"]) / "dbt.log"
    raise TaproomError(
        what,
        where="\n".join(failed[:5]) or str(result.exception or "dbt"),
        remedy=f"read {log}; after a change of a model, ./taproom build",
    )


def environment(database: str | None = None, role: str = settings.OWNER) -> dict[str, str]:
    """The environment variables dbt needs for a database; each database has its own target
    folder, because dbt parses everything again when the connection of a target changes."""
    name = database or settings.DATABASE
    return {
        **postgres.environment(role, name),
        "DBT_PROJECT_DIR": str(project()),
        "DBT_PROFILES_DIR": str(project()),
        "DBT_TARGET_PATH": str(settings.home() / "dbt" / name),
        "DBT_LOG_PATH": str(settings.logs() / "dbt" / name),
        # a plan for ticks counts for these files only, see plan.py
        "TAPROOM_DBT_PROJECT": fingerprint(),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def project() -> Path:
    """The folder of the dbt project."""
    return settings.repo() / "dbt"


def fingerprint() -> str:
    """Sixteen hexadecimal digits that change when a model, macro, test or description does."""
    digest, folder = hashlib.sha256(), project()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        made = parts[0] in ("target", "logs") or path.name.startswith(".")
        if path.suffix in (".sql", ".yml") and not made:
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _invoke(args, full_refresh, database, role, progress):
    command = args if args and args[0] in COMMANDS else [DEFAULT_COMMAND, *args]
    verb = command[0]
    if verb in READ_TABLES:
        from taproom import ingest

        ingest.settle(postgres.url(role, database or settings.DATABASE))
    if full_refresh:
        command = [*command, "--full-refresh"]
    if progress:
        command = ["--quiet", *command]
    try:
        return invoke(
            command, environment(database, role), [_reporter(progress)] if progress else []
        )
    finally:
        if verb in BUILD_TABLES:
            services.tables_changed(database)


def invoke(command: list[str], variables: dict[str, str], callbacks: list | None = None):
    """dbt's own result of a command, run with these environment variables."""
    with _surroundings(variables), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dbt.cli.main import dbtRunner

        return dbtRunner(callbacks=callbacks or []).invoke(command)


def _reporter(progress: Progress):
    def report(event) -> None:
        data = event.data
        if event.info.name == "LogModelResult":
            progress("dbt", data.index, "of", data.total, data.description)
        elif event.info.name == "LogTestResult":
            progress("dbt", data.index, "of", data.num_models, data.name)

    return report


@contextmanager
def _surroundings(variables: dict[str, str]):
    # dbt reads its settings from the environment when it starts; leave no trace of ours.
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
