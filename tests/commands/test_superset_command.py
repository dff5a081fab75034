"""What `./taproom superset connections | test` prints, and the three scripts over the command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from taproom import cli, settings
from taproom.commands import superset as command
from taproom.errors import TaproomError

FOLDER = settings.repo() / "superset"


def test_the_table_counts_and_says_what_to_do(capsys):
    def broken() -> str:
        raise TaproomError("It is out of beer.", remedy="order some")

    def refused() -> str:
        raise psycopg.OperationalError("connection refused\nmore words")

    lines = [
        command._tried("one", lambda: "fine"),
        command._tried("two", broken),
        command._tried("three", refused),
        command._optional("four", False, "no music"),
    ]
    assert command.table(iter(lines)) == 1
    told = capsys.readouterr().out
    assert "ok     one" in told
    assert "what to do: order some" in told
    assert "connection refused" in told
    assert "more words" not in told
    assert "is not up: no music" in told
    assert told.endswith("1 ok, 1 note, 2 wrong\n")
    assert command.table(iter(lines[:1])) == 0


def test_where_nothing_runs_every_connection_says_what_to_do(new_home, capsys, monkeypatch):
    new_home()
    monkeypatch.setenv("TAPROOM_SUPERSET_ENV", str(settings.home() / "env" / "superset"))
    assert cli.main(["superset", "connections"]) == 1
    told = capsys.readouterr().out
    assert "what to do: run ./taproom up superset" in told
    assert "is not up: results are cached in files" in told
    assert cli.main(["superset", "test"]) == 1
    assert "mend what is wrong above first" in capsys.readouterr().out


@pytest.mark.parametrize(("script", "subcommand"), [
    ("setup_superset.py", "setup"),
    ("connection_helper.sh", "connections"),
    ("test_superset.sh", "test"),
])  # fmt: skip
def test_a_script_is_the_command_of_its_repository(tmp_path: Path, script, subcommand):
    (tmp_path / "superset").mkdir()
    copy = shutil.copy(FOLDER / script, tmp_path / "superset")
    taproom = tmp_path / "taproom"
    taproom.write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    taproom.chmod(0o755)
    # From elsewhere, as people do.
    done = subprocess.run([copy, "--more"], cwd="/", capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (f"superset {subcommand} --more\n", 3)
