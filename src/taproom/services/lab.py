"""JupyterLab on the running platform, for the person at this machine.

Its verbs are those of a service, but it runs in the foreground: `./taproom lab` is the learner's
window, and closing it is Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from taproom import settings
from taproom.services import postgres
from taproom.services.supervisor import Command


def prepare() -> None:
    """The database the notebooks talk to is up."""
    postgres.start()


def command(arguments: list[str] | None = None) -> Command:
    """JupyterLab on 127.0.0.1 with a token, opened in the folder of the notebooks.

    A port among the arguments stands in the place of ours: JupyterLab takes only one.
    """
    port = os.environ.get("TAPROOM_LAB_PORT") or settings.PORTS["lab"]
    own = any(a.split("=")[0] in ("--port", "--ServerApp.port") for a in arguments or [])
    argv = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.ip={settings.HOST}",
        *([] if own else [f"--ServerApp.port={port}"]),
        f"--ServerApp.root_dir={settings.repo()}",
        "--LabApp.default_url=/lab/tree/notebooks",
        # Jupyter asks for this as root; the token and 127.0.0.1 hold all the same.
        *(["--allow-root"] if os.geteuid() == 0 else []),
        *(arguments or []),
    ]
    return Command(argv=argv, cwd=Path(settings.repo()), env=postgres.environment(settings.LEARNER))


def ready() -> bool:
    """Is the database up? JupyterLab itself tells its address when it is ready."""
    return postgres.ready()


def url() -> str:
    """Where JupyterLab asks to be; it takes the next port when that one is taken."""
    return f"http://{settings.HOST}:{os.environ.get('TAPROOM_LAB_PORT') or settings.PORTS['lab']}"
