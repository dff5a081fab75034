"""The command line: parses, calls, prints. What takes time to import is imported when needed."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path

from taproom import settings
from taproom.errors import TaproomError

SCALES = ("tiny", "small", "full")
# These hand what they do not know on to dbt, JupyterLab or the test runner.
HANDS_ON = ("build", "lab", "test")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 on failure, 2 on wrong usage, 130 on Ctrl-C."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command not in HANDS_ON:
        parser.error(f"unknown argument: {' '.join(rest)}")
    options.rest = rest
    _surroundings()
    try:
        return options.call(options) or 0
    except TaproomError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where this one ended.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        traceback.print_exc()
        print(
            f"\nThis is a fault of Taproom itself, in ./taproom {options.command}.\n"
            "What to do: ./taproom doctor may find its cause; if not, report the lines above.",
            file=sys.stderr,
        )
        return 1


def _surroundings() -> None:
    # Programs of this environment (dbt, jupyter) are found by what we start, and nothing we
    # start reports home.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    for name, value in {
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PLOOMBER_STATS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }.items():
        os.environ.setdefault(name, value)


# --- the course -----------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    from taproom import instructor

    return instructor.run_course(
        scale=options.scale, seed=options.seed, only=options.only, start_from=options.start_from
    )


def _test(options: argparse.Namespace) -> int:
    from taproom import instructor

    return instructor.test(options.rest)


def _bench(options: argparse.Namespace) -> int:
    from taproom import instructor

    return instructor.bench(json=options.json, full=options.full)


def _lab(options: argparse.Namespace) -> None:
    from taproom.services import lab

    lab.prepare()
    command = lab.command(options.rest)
    os.chdir(command.cwd)
    os.execve(command.argv[0], command.argv, {**os.environ, **command.env})


# --- the services ---------------------------------------------------------------------------


def _up(options: argparse.Namespace) -> None:
    from taproom import services
    from taproom.commands import show

    with show.progress("Starting"):
        states = services.up(options.service)
    show.states(states)


def _down(options: argparse.Namespace) -> None:
    from taproom import services
    from taproom.commands import show

    with show.progress("Stopping"):
        states = services.down(options.service)
    show.states(states)


def _status(options: argparse.Namespace) -> None:
    from taproom import services
    from taproom.commands import show

    states = services.status(options.service)
    show.as_json(states) if options.json else show.states(states)


# --- the world and the warehouse ------------------------------------------------------------


def _world_init(options: argparse.Namespace) -> None:
    from taproom import world
    from taproom.commands import show

    with show.progress(f"Making the world (seed {options.seed}, {options.scale})") as tell:
        result = world.init(
            settings.data(),
            scale=options.scale,
            seed=options.seed,
            mess=options.mess,
            progress=tell,
            replace=options.replace,
        )
    show.mapping(result)


def _world_advance(options: argparse.Namespace) -> None:
    from taproom import world
    from taproom.commands import show

    with show.progress("The world goes on") as tell:
        batch = world.advance(
            settings.data(), days=options.days, hours=options.hours, progress=tell
        )
    print(batch)


def _world_status(options: argparse.Namespace) -> None:
    from taproom import world
    from taproom.commands import show

    status = world.status(settings.data())
    show.as_json(status) if options.json else show.mapping(status)


def _world_regenerate(options: argparse.Namespace) -> None:
    from taproom import world
    from taproom.commands import show

    show.mapping(world.regenerate(settings.data(), options.table, options.date))


def _world_truth(options: argparse.Namespace) -> None:
    from taproom import world
    from taproom.commands import show

    out = options.out or settings.data() / "truth"
    with show.progress("Telling the truth") as tell:
        world.write_truth(settings.data(), out, progress=tell)
    if not options.load:
        show.mapping({"truth": out})
        return
    from taproom import services, warehouse
    from taproom.warehouse import truth_database

    services.up(["postgres"])
    with show.progress("Loading the truth") as tell:
        rows = warehouse.load_truth(out, progress=tell)
    show.mapping({"truth": out, "database": truth_database.DATABASE, "rows": rows})


def _world_calibrate(options: argparse.Namespace) -> None:
    from taproom import world
    from taproom.commands import show

    with show.progress(f"Living through {options.seeds} worlds") as tell:
        text, inside = world.judge(
            options.scale, options.seeds, progress=tell, first_seed=options.first_seed
        )
    print(text)
    if not inside:
        raise TaproomError(
            "The world is not as realistic as it should be.",
            where="the rows marked OUTSIDE above",
            remedy="mend what makes them in src/taproom/world, then run this again",
        )


def _ingest(options: argparse.Namespace) -> None:
    from taproom import ingest
    from taproom.commands import show
    from taproom.services import postgres

    postgres.start()
    with show.progress("Loading") as tell:
        report = ingest.run(settings.data(), postgres.url(settings.OWNER), progress=tell)
    show.mapping(report)


def _build(options: argparse.Namespace) -> int:
    from taproom import warehouse
    from taproom.services import postgres

    postgres.start()
    return warehouse.build(options.rest)


def _docs(options: argparse.Namespace) -> None:
    from taproom.instructor import documentation

    if options.missing is not None:
        print("\n".join(documentation.coverage_lines(options.missing)))
        return
    from taproom.commands import show
    from taproom.services import postgres

    postgres.start()
    with show.progress("Describing the tables") as tell:
        page = documentation.write_page(tell)
    print("\n".join([*documentation.coverage_lines(), str(page)]))


def _tick(options: argparse.Namespace) -> None:
    from taproom import warehouse
    from taproom.commands import show
    from taproom.services import postgres

    postgres.start()
    with show.progress("Advance, load, build:") as tell:
        result = warehouse.tick(days=options.days, hours=options.hours, progress=tell)
    show.mapping(result)


def _reset(options: argparse.Namespace) -> None:
    from taproom import warehouse
    from taproom.commands import show
    from taproom.services import postgres

    postgres.start()
    with show.progress("Resetting") as tell:
        result = warehouse.reset(progress=tell)
    show.mapping(result)


def _sql(options: argparse.Namespace) -> None:
    from taproom.commands import sql

    role = settings.OWNER if options.role == "owner" else options.role
    statement = sys.stdin.read() if options.statement == "-" else options.statement
    sql.run(statement, role, options.database)


def _superset_import(options: argparse.Namespace) -> None:
    from taproom import dashboards
    from taproom.commands import show

    with show.progress("Importing the dashboards"):
        done = dashboards.import_assets(options.folder)
    show.mapping({what: len(paths) for what, paths in done.items()})
    print("\n".join(f"{what}: {path}" for what in ("made", "changed") for path in done[what]))


def _superset_export(options: argparse.Namespace) -> None:
    from taproom import dashboards
    from taproom.commands import show

    with show.progress("Exporting the dashboards"):
        done = dashboards.export_assets(options.folder, tuple(options.new or ()))
    paths = [f"{what}: {path}" for what, paths in done.items() for path in paths]
    print("\n".join(paths) or "nothing changed")


def _superset_setup(options: argparse.Namespace) -> None:
    from taproom.commands import show, superset

    with show.progress("Setting up Superset"):
        changed = superset.setup()
    print("\n".join(line for lines in changed.values() for line in lines) or "nothing changed")


def _superset_connections(options: argparse.Namespace) -> int:
    from taproom.commands import superset

    return superset.table(superset.connections())


def _superset_test(options: argparse.Namespace) -> int:
    from taproom.commands import superset

    return superset.table(superset.validate())


def _superset_check(options: argparse.Namespace) -> int:
    from taproom import dashboards
    from taproom.commands import show

    with show.progress("Asking every chart"):
        text, well = dashboards.check(options.folder)
    print(text)
    return 0 if well else 1


def _doctor(options: argparse.Namespace) -> int:
    from taproom.commands import doctor

    return doctor.report()


# --- the words ------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="taproom", description="Taproom: a course that is also a working data platform."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, call, help: str, under=commands) -> argparse.ArgumentParser:
        one = under.add_parser(name, help=help, description=help, allow_abbrev=False)
        one.set_defaults(call=call)
        return one

    run = add("run", _run, "the whole course, end to end, with a report to open")
    _scale_and_seed(run)
    run.add_argument("--only", type=int, metavar="NN", help="this notebook only")
    run.add_argument("--from", dest="start_from", type=int, metavar="NN", help="from this one on")
    add("test", _test, "everything CI runs; further arguments go to the test runner")
    add("lab", _lab, "JupyterLab on the running platform; further arguments go to JupyterLab")

    for name, call, help in (
        ("up", _up, "start the services"),
        ("down", _down, "stop the services"),
        ("status", _status, "what is up, and where"),
    ):
        one = add(name, call, help)
        one.add_argument("service", nargs="*", metavar="SERVICE", help="all when none is named")
        if name == "status":
            one.add_argument("--json", action="store_true", help="for machines")

    _world(add("world", None, "the simulated company"), add)
    _superset(add("superset", None, "the dashboards as code"), add)
    add("ingest", _ingest, "load the landing files that are not loaded yet")
    add("build", _build, "dbt build; further arguments go to dbt")
    docs = add("docs", _docs, "dbt's documentation as one page, and the share of tested columns")
    docs.add_argument(
        "--missing",
        nargs="*",
        metavar="MODEL",
        help="only list the columns no test names, of all models or of those named",
    )
    _span(add("tick", _tick, "advance the world, load and build what changed"))
    add("reset", _reset, "back to the state the notebooks expect, in seconds")

    sql = add("sql", _sql, "run a statement; CSV with a header line on standard output")
    sql.add_argument("statement", help="the SQL, or - to read it from standard input")
    sql.add_argument(
        "--role",
        choices=["owner", *settings.ROLES],
        default=settings.LEARNER,
        metavar="ROLE",
        help="learner (as given), owner or superset_readonly",
    )
    sql.add_argument("--database", metavar="NAME", help="such as that of a sandbox")
    bench = add("bench", _bench, "measure this machine: the benchmark table")
    bench.add_argument("--json", action="store_true", help="for machines")
    bench.add_argument("--full", action="store_true", help="the full scale, too: much longer")
    add("doctor", _doctor, "ports, memory, disk, versions: what is wrong and what to do")
    return parser


def _world(parser: argparse.ArgumentParser, add) -> None:
    commands = parser.add_subparsers(dest="world_command", metavar="COMMAND", required=True)
    init = add("init", _world_init, "a new company with two years of history", commands)
    _scale_and_seed(init)
    init.add_argument(
        "--replace", action="store_true", help="delete the world that is here, make a new one"
    )
    init.add_argument(
        "--mess",
        choices=["default", "none", "heavy"],
        default="default",
        help="the defects of real sources, or none",
    )
    _span(add("advance", _world_advance, "let time go on in the company", commands))
    status = add("status", _world_status, "seed, scale, clock, batches", commands)
    status.add_argument("--json", action="store_true", help="for machines")
    again = add("regenerate", _world_regenerate, "deliver a table's day once more", commands)
    again.add_argument("table", metavar="SOURCE.TABLE", help="such as stripe.invoice")
    again.add_argument("date", metavar="YYYY-MM-DD", help="a UTC day")
    truth = add("truth", _world_truth, "the hidden truth as Parquet, for checking", commands)
    truth.add_argument("--out", type=Path, metavar="FOLDER", help="default: truth/ of the data")
    truth.add_argument(
        "--load",
        action="store_true",
        help="also into the database taproom_truth, which only its owner may enter",
    )
    judge = add(
        "calibrate", _world_calibrate, "is the company as realistic as it should be?", commands
    )
    judge.add_argument("--scale", choices=SCALES, default="small", help="of the whole worlds")
    judge.add_argument("--seeds", type=int, default=5, metavar="N", help="worlds, default 5")
    judge.add_argument(
        "--first-seed", type=int, default=1, metavar="N", help="seed of the first, default 1"
    )


def _superset(parser: argparse.ArgumentParser, add) -> None:
    commands = parser.add_subparsers(dest="superset_command", metavar="COMMAND", required=True)
    for name, call, help in (
        ("import", _superset_import, "bring superset/assets into Superset, which is started"),
        ("export", _superset_export, "bring what was changed in Superset into superset/assets"),
        ("check", _superset_check, "read the assets, ask every chart for its rows"),
    ):
        one = add(name, call, help, commands)
        one.add_argument("--folder", type=Path, help="in the place of superset/assets")
        if name == "export":
            one.add_argument(
                "--new", nargs="+", metavar="SLUG", help="dashboards without a file yet"
            )
    for name, call, help in (
        ("setup", _superset_setup, "start it, import, then roles, users, row rules and alerts"),
        ("connections", _superset_connections, "try each connection and say what is wrong"),
        ("test", _superset_test, "test everything about Superset: one table"),
    ):
        add(name, call, help, commands)


def _scale_and_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scale", choices=SCALES, default="small", help="default: small")
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="default: 42")


def _span(parser: argparse.ArgumentParser) -> None:
    span = parser.add_mutually_exclusive_group(required=True)
    span.add_argument("--days", type=_positive, default=0, metavar="N")
    span.add_argument("--hours", type=_positive, default=0, metavar="N")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
