"""Running notebooks by papermill, one kernel each, all from this one process.

papermill costs three seconds to import and a kernel about two to start, so papermill is
imported once and the next notebook's kernel starts while the notebook before it runs
(measured: 7.0 s a small notebook without, 4.9 s with).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import IO

from taproom.instructor.notebooks import Notebook, source

KERNEL = "python3"
# (cells done, cells in all) while a notebook runs
CellProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Failure:
    """The cell a notebook stopped at. `cell` counts code cells from 1, as their prompts do."""

    cell: int
    source: str
    name: str
    value: str
    traceback: str


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook; `failure` is None when every cell ran."""

    seconds: float
    cells: int
    failure: Failure | None


class Kernels:
    """Starts kernels ahead of their notebooks. Use as a context manager: none is left behind."""

    def __init__(self, log: IO[bytes], env: dict[str, str] | None = None) -> None:
        self._log = log
        self._env = os.environ | (env or {})
        self._ahead: list[tuple[Path, object]] = []
        self._used: list[object] = []

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, *_exc: object) -> None:
        for manager in [*self._used, *(manager for _, manager in self._ahead)]:
            self._stop(manager, now=True)

    def start(self, folder: Path) -> None:
        """Start a kernel that will run in `folder`; it loads while other work goes on."""
        self._ahead.append((folder, self._new(folder)))

    def take(self, folder: Path) -> object:
        """The kernel started ahead for `folder`, or a new one."""
        waiting = next((pair for pair in self._ahead if pair[0] == folder), None)
        if waiting:
            self._ahead.remove(waiting)
        manager = waiting[1] if waiting else self._new(folder)
        self._used.append(manager)
        return manager

    def release(self, manager: object) -> None:
        """End a kernel whose notebook is done."""
        self._used.remove(manager)
        self._stop(manager, now=False)

    def _new(self, folder: Path) -> object:
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_core.utils import run_sync

        manager = AsyncKernelManager(kernel_name=KERNEL)
        run_sync(manager.start_kernel)(
            extra_arguments=["--IPKernelApp.log_level=40"],
            cwd=str(folder),
            env=self._env,
            stderr=self._log,
        )
        return manager

    @staticmethod
    def _stop(manager: object, now: bool) -> None:
        from jupyter_core.utils import run_sync

        if run_sync(manager.is_alive)():
            run_sync(manager.shutdown_kernel)(now=now)
        else:
            run_sync(manager.cleanup_resources)()


def execute(
    notebook: Notebook, out: Path, kernels: Kernels, progress: CellProgress | None = None
) -> Outcome:
    """Run `notebook` in its own folder (as JupyterLab does) and write the executed copy to `out`.

    A failing cell is no exception here: it comes back in the Outcome, and the copy holds it.
    """
    papermill = _papermill()
    from nbclient.exceptions import DeadKernelError

    began = perf_counter()
    cells = [cell for cell in notebook.cells() if cell["cell_type"] == "code"]
    done = 0

    def on_cell(now_done: int) -> None:
        nonlocal done
        done = now_done
        if progress:
            progress(done, len(cells))

    folder = notebook.path.parent
    manager = kernels.take(folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    failure = None
    try:
        papermill.execute_notebook(
            notebook.path,
            out,
            engine_name="taproom",
            kernel_name=KERNEL,
            progress_bar=False,
            cwd=folder,
            km=manager,
            on_cell=on_cell,
        )
    except papermill.PapermillExecutionError as error:
        trace = "\n".join(error.traceback)
        failure = Failure(error.exec_count or done, error.source, error.ename, error.evalue, trace)
    except DeadKernelError:
        failure = Failure(
            cell=done,
            source=source(cells[done - 1]) if done else "",
            name="Dead kernel",
            value="The notebook's Python process ended; most often the machine ran out of memory.",
            traceback="",
        )
    finally:
        kernels.release(manager)
    return Outcome(perf_counter() - began, len(cells), failure)


@cache
def _papermill():
    """papermill, with an engine that tells how far a notebook is. Imported late: it is slow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies' own deprecations
        import papermill
        from papermill.clientwrap import PapermillNotebookClient
        from papermill.engines import Engine, papermill_engines
        from papermill.log import logger

    class Watched(Engine):
        """papermill's own way, on a kernel that runs already; tells `on_cell` how far it is."""

        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, on_cell=None, km=None, **_kwargs):
            save = nb_man.cell_complete
            done = 0

            def complete(cell, **more) -> None:
                nonlocal done
                save(cell, **more)
                if cell.cell_type == "code":
                    done += 1
                    on_cell(done)

            nb_man.cell_complete = complete
            client = PapermillNotebookClient(nb_man, km=km, kernel_name=kernel_name, log=logger)
            client.execute(cleanup_kc=True)

    papermill_engines.register("taproom", Watched)
    return papermill
