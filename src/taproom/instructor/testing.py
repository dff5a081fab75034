"""`./taproom test`: everything CI runs, in one pytest run, so that one closing line says it all.

ruff, sqlfluff and the documentation are tests like any other; the notebooks and solutions are
validated by nbval against a small course of their own (see taproom.instructor.validation).
Arguments are handed to pytest: `./taproom test tests/world -k clock`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from taproom import settings

FOLDERS = ("tests", "notebooks", "solutions")


def test(args: list[str]) -> int:
    """Run the tests; returns pytest's exit status. Nothing touches the learner's own home."""
    root = settings.repo()
    chosen = [] if names_tests(args) else [f for f in FOLDERS if (root / f).is_dir()]
    command = [
        sys.executable, "-m", "pytest", "-p", "taproom.instructor.validation",
        "--nbval", *chosen, *args,
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="taproom-test-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)  # PostgreSQL runs as another user where root runs the tests
        env = os.environ | {"TAPROOM_HOME": str(Path(place) / "tests"), "TAPROOM_TESTS": place}
        env.pop("PYTEST_ADDOPTS", None)
        process = subprocess.Popen(command, cwd=root, env=env, stdin=subprocess.DEVNULL)
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # pytest got it too: let it close what it opened
                continue


def names_tests(args: list[str]) -> bool:
    """Do the arguments say which tests to run?"""
    return any(not arg.startswith("-") and Path(arg.split("::")[0]).exists() for arg in args)
