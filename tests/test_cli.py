"""The command line: what it accepts, how it fails, what it prints."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from taproom import cli, settings
from taproom.commands import doctor
from taproom.errors import RULE, TaproomError

COMMANDS = ["run", "test", "lab", "up", "down", "status", "world", "superset", "ingest", "build",
            "docs", "tick", "reset", "sql", "bench", "doctor"]  # fmt: skip


def usage_error(*arguments: str) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    assert caught.value.code == 2


def test_help_tells_every_command(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    listed = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)
    assert listed == COMMANDS


@pytest.mark.parametrize("arguments", [
    (), ("beer",), ("tick",), ("tick", "--days", "0"), ("tick", "--days", "1", "--hours", "1"),
    ("tick", "--days", "many"), ("world",), ("world", "beer"), ("run", "--scale", "huge"),
    ("run", "--seed", "x"), ("up", "--beer"), ("sql",), ("sql", "select 1", "--role", "root"),
    ("status", "--js"),
])  # fmt: skip
def test_wrong_usage_is_status_2(arguments, capsys):
    usage_error(*arguments)
    assert "usage: taproom" in capsys.readouterr().err


def test_the_whole_course_is_called_as_asked(monkeypatch):
    from taproom import instructor

    asked = {}
    monkeypatch.setattr(instructor, "run_course", lambda **kw: asked.update(kw) or 0)
    assert cli.main(["run"]) == 0
    assert asked == {"scale": "small", "seed": 42, "only": None, "start_from": None}
    assert cli.main(["run", "--scale", "tiny", "--seed", "7", "--from", "03"]) == 0
    assert asked == {"scale": "tiny", "seed": 7, "only": None, "start_from": 3}


def test_further_arguments_go_to_dbt_and_the_tests(monkeypatch, cluster):
    from taproom import instructor, warehouse

    asked = []
    monkeypatch.setattr(warehouse, "build", lambda rest: asked.append(rest) or 0, raising=False)
    monkeypatch.setattr(instructor, "test", lambda rest: asked.append(rest) or 5, raising=False)
    assert cli.main(["build", "--select", "staging", "--full-refresh"]) == 0
    assert cli.main(["test", "tests/world", "-x"]) == 5
    assert asked == [["--select", "staging", "--full-refresh"], ["tests/world", "-x"]]


def test_an_error_shows_the_place_the_cause_and_the_remedy(monkeypatch, capsys):
    from taproom import services

    def fail(names):
        raise TaproomError("The keg is empty.", where="tap 3", remedy="change the keg")

    monkeypatch.setattr(services, "up", fail)
    assert cli.main(["up"]) == 1
    err = capsys.readouterr().err
    assert err.endswith(f"{RULE}\ntap 3\n{RULE}\nThe keg is empty.\nWhat to do: change the keg\n")


def test_up_status_and_down(new_home, capsys):
    new_home()
    assert cli.main(["status"]) == 0
    assert capsys.readouterr().out == "postgres   not made\n"
    assert cli.main(["up", "postgres"]) == 0
    up = capsys.readouterr().out
    port = os.environ["TAPROOM_PG_PORT"]
    assert up == f"postgres   up        postgresql://127.0.0.1:{port}/saas_platform_dev\n"
    assert cli.main(["status", "--json"]) == 0
    state = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in state] == ["up"]
    assert settings.password(settings.OWNER) not in json.dumps(state)
    assert cli.main(["down"]) == 0
    assert capsys.readouterr().out == "postgres   down\n"


def test_an_unknown_service_is_an_error(capsys):
    assert cli.main(["up", "beer"]) == 1
    assert "choose from: postgres" in capsys.readouterr().err


def test_sql_prints_csv_with_a_header(cluster, capsys):
    statement = "select 1 as one, null as nothing, 'a, \"b\"' as text, true as yes, 1.50 as price"
    assert cli.main(["sql", statement]) == 0
    assert capsys.readouterr().out == ('one,nothing,text,yes,price\n1,,"a, ""b""",t,1.50\n')


@pytest.mark.parametrize(("role", "user"), [
    ([], "learner"), (["--role", "owner"], "taproom_owner"),
    (["--role", "superset_readonly"], "superset_readonly"),
])  # fmt: skip
def test_sql_runs_as_the_learner_unless_told_otherwise(cluster, capsys, role, user):
    assert cli.main(["sql", "select current_user", *role]) == 0
    assert capsys.readouterr().out == f"current_user\n{user}\n"


def test_sql_takes_several_statements_and_writes(cluster, capsys):
    assert cli.main(["sql", "create table mine (i int); insert into mine values (1), (2)"]) == 0
    assert capsys.readouterr().out == ""
    assert cli.main(["sql", "select sum(i) from mine; drop table mine"]) == 0
    assert capsys.readouterr().out == "sum\n3\n"


def test_sql_shows_the_statement_and_postgres_message(cluster, capsys):
    assert cli.main(["sql", "select beer from taps"]) == 1
    err = capsys.readouterr().err
    assert "select beer from taps" in err
    assert 'relation "taps" does not exist' in err
    assert "What to do:" in err
    assert "Traceback" not in err


def test_sql_in_a_pipe_that_closes_early(cluster):
    command = f"'{sys.executable}' -m taproom.cli sql 'select generate_series(1, 300000)' | head -2"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "generate_series\n1\n", "")


def test_ctrl_c_is_status_130_without_a_traceback(cluster):
    with subprocess.Popen(
        [sys.executable, "-m", "taproom.cli", "sql", "select pg_sleep(60)"],
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        from taproom.services import postgres

        busy = "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)'"
        with postgres.connect(postgres.SUPERUSER, autocommit=True) as connection:
            while connection.execute(busy).fetchone() == (0,):
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
            assert connection.execute(busy).fetchone() == (0,), "the query was ended too"
    assert process.returncode == 130
    assert "Stopped" in err
    assert "Traceback" not in err


def test_the_lab_listens_here_and_knows_the_database(cluster):
    from taproom.services import lab

    command = lab.command(["--no-browser"])
    assert "--ServerApp.ip=127.0.0.1" in command.argv
    assert command.argv[-1] == "--no-browser"
    assert command.env["TAPROOM_PG_USER"] == settings.LEARNER
    assert command.env["TAPROOM_PG_PORT"] == str(cluster["port"])


def test_starting_imports_nothing_heavy():
    heavy = "pandas numpy pyarrow duckdb psycopg dbt plotly rich jupyter_core taproom.world"
    code = f"import sys, taproom.cli; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_doctor_finds_nothing_wrong_here(cluster):
    findings = {finding.about: finding for finding in doctor.examine()}
    assert findings["postgres"].state == "ok"
    assert findings["packages"].state == "ok", findings["packages"].seen
    for finding in findings.values():
        assert finding.state == "ok" or finding.remedy


def test_doctor_says_what_to_do(monkeypatch, capsys):
    usage = doctor.shutil.disk_usage("/")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=10**8))
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"wrong +disk +0\.1 GB free", out)
    assert "what to do: free some space" in out


def test_a_fault_of_our_own_is_called_so(monkeypatch, capsys):
    from taproom import services

    monkeypatch.setattr(services, "status", lambda names: {}[0])
    assert cli.main(["status"]) == 1
    err = capsys.readouterr().err
    assert "KeyError: 0" in err
    assert "fault of Taproom itself, in ./taproom status" in err


def test_nested_results_are_indented(capsys):
    from taproom.commands import show

    show.mapping({"seed": 7, "mean": 1234.5, "tables": {"app.users": 3, "app.x": 10}})
    assert capsys.readouterr().out == (
        "seed    7\nmean    1,234.50\ntables\n  app.users  3\n  app.x      10\n"
    )
