"""How much memory a run takes at most: this process, all it started, and PostgreSQL."""

from __future__ import annotations

import contextlib
import threading

import psutil

from taproom.services import supervisor

SECONDS_BETWEEN = 1.0


class Peak:
    """Samples memory in the background while the `with` block runs; `bytes` is the most seen.

    Shared pages are counted once where the system can tell (proportional set size on Linux);
    elsewhere resident size is summed, which counts PostgreSQL's shared buffers more than once.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak-memory", daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, sum(map(_size, processes())))
            if self._stop.wait(SECONDS_BETWEEN):
                return


def processes() -> list[psutil.Process]:
    """This process, its descendants, and the PostgreSQL of this home with its own."""
    roots = [psutil.Process()]
    pid = supervisor.running("postgres")
    if pid:
        with contextlib.suppress(psutil.Error):
            roots.append(psutil.Process(pid))
    found: dict[int, psutil.Process] = {}
    for root in roots:
        with contextlib.suppress(psutil.Error):
            for process in [root, *root.children(recursive=True)]:
                found[process.pid] = process
    return list(found.values())


def _size(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return getattr(full, "pss", 0) or full.rss
    except psutil.Error:
        return 0
