"""Make the course environment. Standard library only: it runs before there is an environment.

    python bootstrap.py REPOSITORY ENVIRONMENT

uv installs requirements/course.txt (every file checked against its hash), then the package of
this repository, editable. A uv on the PATH is used; otherwise pip puts one beside the environment.
What it writes last is the stamp that ./taproom looks for (a copy of the lock), so an interrupted
set-up is never taken for a finished one: the next run starts over.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

NEEDED_BYTES = 2_500_000_000  # the environment is 0.9 GB, uv's cache once more, and some air
UV = "uv>=0.8,<1"  # older ones do not know today's lock files
WAIT_SECONDS = 900


class SetupError(Exception):
    """What went wrong, and what to do next."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}\nWhat to do: {remedy}")


def main(repository: Path, environment: Path) -> int:
    """Make or refresh the environment; 0 when it is ready, 1 with a message when not."""
    started = time.monotonic()
    try:
        with alone(environment):
            if not finished(repository, environment):
                make(repository, environment)
                seconds = time.monotonic() - started
                remember(environment, seconds)
                say(f"The course environment is ready ({seconds:.0f} seconds).")
    except SetupError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"The environment could not be written: {error}")
        say(
            "What to do: set TAPROOM_HOME to a folder of your own with 3 GB free, and run it again."
        )
        return 1
    except KeyboardInterrupt:
        say("Stopped. The next run starts the set-up over.")
        return 130
    return 0


def make(repository: Path, environment: Path) -> None:
    """Create or update the environment, and stamp it."""
    lock = repository / "requirements" / "course.txt"
    if not lock.exists():
        raise SetupError(f"There is no {lock}.", "get the whole repository again")
    python = environment / "bin" / "python"
    update = stamped_for(environment) == where(repository, environment) and python.exists()
    if update:
        say("The list of packages has changed: updating the course environment.")
    else:
        say("First use: making the course environment, about 1 GB, once. One to three minutes.")
        check_disk(environment)
        shutil.rmtree(environment, ignore_errors=True)
    stamp(environment).unlink(missing_ok=True)

    uv = find_uv(environment)
    if not update:
        say("[1/3] an empty environment")
        run([*uv, "venv", "--quiet", "--python", sys.executable, str(environment)])
    say("[2/3] the packages, each checked against its hash")
    target = ["--python", str(python)]
    # Compiled now, once and by all cores: else every command compiles pandas and dbt anew where
    # Python may not write beside its libraries, and the first ones do everywhere.
    run([*uv, "pip", "sync", "--require-hashes", "--compile-bytecode", *target, str(lock)])
    say("[3/3] the course itself")
    # The build tools are in the lock, so this step asks the network for nothing.
    run(
        [
            *uv,
            "pip",
            "install",
            "--quiet",
            *target,
            "--no-deps",
            "--no-build-isolation",
            "--offline",
            "--editable",
            str(repository),
        ]
    )

    (environment / "taproom.where").write_text(where(repository, environment) + "\n")
    fresh = environment / "taproom.lock.new"
    shutil.copyfile(lock, fresh)
    fresh.replace(stamp(environment))


def side_environment(environment: Path, lock: Path) -> Path:
    """A small environment beside the course's, for what only one command needs; its Python.

    Raises SetupError. Nothing happens when it is there and its lock has not changed.
    """
    python = environment / "bin" / "python"
    with alone(environment):
        if stamp(environment).exists() and stamp(environment).read_bytes() == lock.read_bytes():
            return python
        stamp(environment).unlink(missing_ok=True)
        uv = find_uv(environment)
        run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)])
        run([*uv, "pip", "sync", "--require-hashes", "--python", str(python), str(lock)])
        shutil.copyfile(lock, stamp(environment))
    return python


def remember(environment: Path, seconds: float) -> None:
    """Keep how long the set-up took, for the report and the benchmark table."""
    now = time.time()
    record = {"seconds": round(seconds, 2), "began_at": now - seconds, "finished_at": now}
    (environment.parent.parent / "setup.json").write_text(json.dumps(record) + "\n")


def finished(repository: Path, environment: Path) -> bool:
    """Has somebody finished exactly this environment, for this lock and this folder?"""
    lock = repository / "requirements" / "course.txt"
    with contextlib.suppress(OSError):
        return (
            stamped_for(environment) == where(repository, environment)
            and stamp(environment).read_bytes() == lock.read_bytes()
        )
    return False


def find_uv(environment: Path) -> list[str]:
    """The command of uv: the one on the PATH, else one of our own beside the environment."""
    found = shutil.which("uv")
    if found and subprocess.run([found, "--version"], capture_output=True).returncode == 0:
        return [found]
    tools = environment.parent / "tools"
    own = tools / "bin" / "uv"
    if own.exists():
        return [str(own)]
    say("uv, which does the installing")
    shutil.rmtree(tools, ignore_errors=True)
    fresh = subprocess.run(
        [sys.executable, "-m", "venv", str(tools)], capture_output=True, text=True
    )
    if fresh.returncode:
        raise SetupError(
            f"Python could not make a virtual environment:\n{tail(fresh.stdout + fresh.stderr)}",
            "Debian, Ubuntu: apt install python3-venv; elsewhere name a complete Python with "
            "TAPROOM_PYTHON=/path/to/python3",
        )
    run(
        [
            str(tools / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "-qq",  # errors only; a machine's own pip settings make it chatty
            "--disable-pip-version-check",
            UV,
        ]
    )
    return [str(own)]


def run(command: list[str]) -> None:
    """Run a step; its progress goes to the terminal, its failure becomes a SetupError."""
    # uv would otherwise install into, or complain about, an environment that is active.
    variables = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
    kept: list[str] = []
    with subprocess.Popen(
        command, env=variables, stdout=sys.stderr, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            kept.append(line)
            if not line.startswith((" + ", " - ", " ~ ")):  # one line for each package is too much
                say("      " + line.rstrip())
    if process.returncode:
        raise SetupError(*diagnosis("".join(kept)))


def diagnosis(said: str) -> tuple[str, str]:
    """What the output of a failed step means, and the remedy."""
    low = said.lower()
    if "no space left" in low:
        return "The disk is full.", "free 3 GB, or set TAPROOM_HOME to a folder on another disk"
    if "hash" in low and "mismatch" in low:
        return (
            "A downloaded package is not the one the course was locked with.",
            "run `uv cache clean` and try again; if it stays, do not trust this package index",
        )
    network = (
        "failed to fetch",
        "connection",
        "dns",
        "timed out",
        "network",
        "resolve host",
        "could not find a version",
        "no matching distribution",
        "certificate",
        "proxy",
    )
    if any(word in low for word in network):
        return (
            "The packages could not be fetched from PyPI.",
            "check the network (a proxy: HTTPS_PROXY; a mirror: UV_DEFAULT_INDEX and "
            "PIP_INDEX_URL; a company's certificate: SSL_CERT_FILE and PIP_CERT), then run it "
            "again: what was fetched is kept",
        )
    return (
        "A step of the set-up failed (its output is above).",
        "run it again; if it stays, report it",
    )


def check_disk(environment: Path) -> None:
    """Refuse early, rather than half-way with a full disk."""
    place = environment
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < NEEDED_BYTES:
        raise SetupError(
            f"Only {free / 1e9:.1f} GB are free at {place}; the set-up needs "
            f"{NEEDED_BYTES / 1e9:.1f} GB.",
            "free some space, or set TAPROOM_HOME to a folder on another disk",
        )


@contextlib.contextmanager
def alone(environment: Path):
    """One set-up at a time: a second one waits for the first, and then finds the work done."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    path = environment.parent / f"{environment.name}.lock"
    with path.open("w") as handle:
        deadline = time.monotonic() + WAIT_SECONDS
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"Another ./taproom has held {path} for {WAIT_SECONDS // 60} minutes.",
                        "let it finish or stop it, then run this again",
                    ) from None
            if not told:
                say("Another ./taproom is making the course environment; waiting for it.")
                told = True
            time.sleep(0.3)
        yield


def where(repository: Path, environment: Path) -> str:
    """An environment knows its own path and the repository's: moved, it must be made again."""
    return f"{repository}|{environment}"


def stamped_for(environment: Path) -> str | None:
    """What `where` said when the environment was finished, or None."""
    if not stamp(environment).exists():
        return None
    with contextlib.suppress(OSError):
        return (environment / "taproom.where").read_text().strip()
    return None


def stamp(environment: Path) -> Path:
    """A copy of the lock the environment was finished with."""
    return environment / "taproom.lock"


def tail(text: str, lines: int = 8) -> str:
    """The last lines of a program's output."""
    return "\n".join(text.strip().splitlines()[-lines:])


def say(text: str) -> None:
    """To standard error: standard output belongs to the command that follows."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
