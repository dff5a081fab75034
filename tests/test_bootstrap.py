"""./taproom's first use, with a stand-in for uv so that it takes no network and no time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taproom import bootstrap, settings

# Writes down what it was asked, makes an "environment" whose Python says what it was called with.
UV = """#!/bin/sh
printf '%s\\n' "$*" >>"$UV_LOG"
for last; do :; done
case "$1 $2" in
"venv "*)
    mkdir -p "$last/bin"
    printf '#!/bin/sh\\nfor a; do printf "<%%s>" "$a"; done; echo\\n' >"$last/bin/python"
    chmod +x "$last/bin/python" ;;
"pip sync")
    [ -z "${UV_SLEEP:-}" ] || sleep "$UV_SLEEP"
    [ -z "${UV_SAYS:-}" ] || { echo "$UV_SAYS" >&2; exit 2; } ;;
esac
"""


class Clone:
    """A clone of the repository, as far as the set-up sees it, in a path with spaces."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone" / "of taproom"
        self.tools = folder / "bin"
        self.log = folder / "uv.log"
        self.lock = self.root / "requirements" / "course.txt"
        self.environment = self.root / ".taproom" / "env" / "course"
        for part in ("taproom", "src/taproom/bootstrap.py", "requirements/course.txt"):
            (self.root / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(settings.repo() / part, self.root / part)
        self.tools.mkdir()
        (self.tools / "uv").write_text(UV)
        (self.tools / "uv").chmod(0o755)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TAPROOM_")}
        env = {
            **inherited,
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            "UV_LOG": str(self.log),
            "TAPROOM_PYTHON": sys.executable,
            **variables,
        }
        return subprocess.Popen(
            [str(self.root / "taproom"), *arguments],
            env=env,
            cwd=self.root.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        with self.start(*arguments, **variables) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def asked(self) -> list[str]:
        """What uv was asked since the last question, without paths."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [" ".join(line.split()[:2]).removesuffix(" --quiet") for line in lines]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


MADE = ["--version", "venv", "pip sync", "pip install"]


def test_first_use_makes_the_environment_and_runs_the_command(clone):
    status, out, err = clone.run("sql", "select 'a  b'")
    assert (status, out) == (0, "<-P><-m><taproom.cli><sql><select 'a  b'>\n")
    assert "First use" in err
    assert "is ready" in err
    assert clone.asked() == MADE
    assert (clone.environment / "taproom.lock").read_bytes() == clone.lock.read_bytes()
    assert (clone.root / ".taproom" / "setup.json").exists()


def test_afterwards_it_is_silent_and_instant(clone):
    clone.run()
    clone.asked()
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        assert clone.run("status") == (0, "<-P><-m><taproom.cli><status>\n", "")
        seconds.append(time.perf_counter() - began)
    assert clone.asked() == []
    assert min(seconds) < 0.15


def test_every_file_is_checked_against_its_hash(clone):
    clone.run()
    calls = clone.log.read_text().splitlines()
    assert any(c.startswith("pip sync --require-hashes") and str(clone.lock) in c for c in calls)
    assert any("--no-deps --no-build-isolation" in c and "--editable" in c for c in calls)


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("error: Failed to fetch: `https://index.example/six/`", "could not be fetched from PyPI"),
        ("error: dns error: failed to lookup address", "could not be fetched from PyPI"),
        ("error: Hash mismatch for six==1.17.0", "is not the one the course was locked with"),
        ("error: No space left on device (os error 28)", "The disk is full"),
        ("error: something else", "A step of the set-up failed"),
    ],
)
def test_a_failed_step_says_why_and_the_next_run_starts_over(clone, says, told):
    status, out, err = clone.run(UV_SAYS=says)
    assert (status, out) == (1, "")
    assert says in err
    assert told in err
    assert "What to do: " in err
    leftover = clone.environment / "leftover"
    leftover.touch()
    clone.asked()
    assert clone.run()[0] == 0
    assert clone.asked() == MADE
    assert not leftover.exists()


def test_ctrl_c_stops_it_and_the_next_run_starts_over(clone):
    with clone.start(UV_SLEEP="30") as process:
        while "pip sync" not in (clone.log.read_text() if clone.log.exists() else ""):
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode in (130, -signal.SIGINT)
    assert "Stopped" in err
    clone.asked()
    assert clone.run()[0] == 0
    assert clone.asked() == MADE


def test_kill_9_in_the_middle_is_started_over(clone):
    with clone.start(UV_SLEEP="30") as process:
        while "pip sync" not in (clone.log.read_text() if clone.log.exists() else ""):
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)
    clone.asked()
    assert clone.run()[0] == 0
    assert clone.asked() == MADE


def test_a_changed_lock_is_synchronised(clone):
    clone.run()
    clone.asked()
    with clone.lock.open("a") as handle:
        handle.write("# one more\n")
    _, _, err = clone.run()
    assert "has changed" in err
    assert clone.asked() == ["--version", "pip sync", "pip install"]
    assert clone.run()[2] == ""


def test_a_moved_clone_makes_its_environment_again(clone, tmp_path):
    clone.run()
    moved = tmp_path / "elsewhere"
    clone.root.rename(moved)
    clone.root, clone.asked_before = moved, clone.asked()
    assert clone.run()[0] == 0
    assert clone.asked() == MADE


def test_two_at_once_make_it_once(clone):
    first, second = clone.start("a", UV_SLEEP="1"), clone.start("b", UV_SLEEP="1")
    with first, second:
        said = [process.communicate(timeout=60) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert [out[-4:] for out, _ in said] == ["<a>\n", "<b>\n"]
    assert sum("waiting for it" in err for _, err in said) == 1
    assert clone.asked() == MADE


def test_taproom_home_holds_the_environment(clone, tmp_path):
    home = tmp_path / "another home"
    clone.run(TAPROOM_HOME=str(home))
    assert (home / "env" / "course" / "taproom.lock").exists()
    assert not (clone.root / ".taproom").exists()


def test_no_python_is_told(clone, tmp_path):
    status, _, err = clone.run(TAPROOM_PYTHON="/no/such/python")
    assert status == 1
    assert "No Python 3.11 or later was found at /no/such/python" in err
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("dirname", "cmp"):
        (bare / name).symlink_to(shutil.which(name))
    status, _, err = clone.run(TAPROOM_PYTHON="", PATH=str(bare))
    assert status == 1
    assert "TAPROOM_PYTHON=" in err


def test_an_old_python_is_not_taken(clone, tmp_path):
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert clone.run(TAPROOM_PYTHON=str(old))[0] == 1


def test_a_home_that_cannot_be_written_is_told(clone, tmp_path):
    (tmp_path / "file").touch()
    status, _, err = clone.run(TAPROOM_HOME=str(tmp_path / "file" / "home"))
    assert status == 1
    assert "could not be written" in err
    assert "Traceback" not in err


def test_a_full_disk_is_told_before_anything_is_fetched(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**9))
    with pytest.raises(bootstrap.SetupError, match=r"Only 1\.0 GB are free"):
        bootstrap.check_disk(tmp_path / "not" / "yet")
