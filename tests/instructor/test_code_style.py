"""The linters, as tests, so that one closing line covers them."""

import subprocess
import sys

import pytest

from taproom import settings


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_is_content(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--quiet", "--no-cache", "."],
        cwd=settings.repo(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_sqlfluff_is_content():
    """Rules and their reasons stand in .sqlfluff; no database is needed."""
    done = subprocess.run(
        [sys.executable, "-m", "sqlfluff", "lint", "--processes", "2", "dbt"],
        cwd=settings.repo(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
