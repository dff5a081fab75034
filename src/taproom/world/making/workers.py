"""Tasks done in this process, or by worker processes when there is much to do.

Workers are fresh Python processes that speak JSON lines (worker.py): threads of Arrow and polars
do not survive a fork. A worker whose parent has gone ends at once.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from taproom.errors import TaproomError

#: Fewer rows than this are rendered sooner than a worker starts.
ROWS_FOR_WORKERS = 300_000


def count(rows: float, wanted: int | None = None) -> int:
    """Processes to render so many rows with; 1 is this one."""
    if wanted is not None:
        return max(1, wanted)
    return _cores() if rows >= ROWS_FOR_WORKERS else 1


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


class Pool:
    """Worker processes; they start at once and load what they need while the parent works.

    Use as a context: leaving it ends them. Jobs and answers are JSON objects.
    """

    def __init__(self, n: int, logs: Path):
        logs.mkdir(parents=True, exist_ok=True)
        # One thread each for what would take all cores: there are as many workers as cores.
        alone = {
            "POLARS_MAX_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        self._said: queue.Queue[tuple[int, dict | None]] = queue.Queue()
        self._logs = [logs / f"worker-{i}.log" for i in range(n)]
        self._waiting: deque[dict] = deque()
        self._busy: dict[int, dict] = {}
        self._workers: list[subprocess.Popen] = []
        self._ears: list[threading.Thread] = []
        for i, log in enumerate(self._logs):
            with log.open("wb") as errors:
                self._workers.append(
                    subprocess.Popen(
                        [sys.executable, "-m", f"{__package__}.worker"],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=errors,
                        env={**os.environ, **alone},
                        text=True,
                    )
                )
            self._ears.append(threading.Thread(target=self._listen, args=(i,), daemon=True))
            self._ears[-1].start()

    def _listen(self, i: int) -> None:
        with self._workers[i].stdout as answers:
            for line in answers:
                self._said.put((i, json.loads(line)))
        self._said.put((i, None))

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_) -> None:
        for worker in self._workers:
            worker.kill()
        for worker, ear in zip(self._workers, self._ears, strict=True):
            worker.wait()
            ear.join()
            with suppress(BrokenPipeError):  # what it was told before it died
                worker.stdin.close()

    def add(self, jobs: Iterable[dict]) -> None:
        """Jobs to do, each by the next free worker, in this order."""
        self._waiting.extend(jobs)
        for i in range(len(self._workers)):
            if i not in self._busy:
                self._give(i)

    def answers(self) -> Iterator[tuple[dict, dict]]:
        """What workers say, until all is done: (job, {"done": result}) at its end, and whatever
        it tells on its way. More jobs may be added meanwhile. TaproomError when one fails or a
        worker dies."""
        while self._busy:
            i, said = self._said.get()
            if said is None or "failed" in said:
                raise self._failure(i, self._busy.get(i), said)
            job = self._busy[i]
            if "done" in said:
                del self._busy[i]
                self._give(i)
            yield job, said

    def _give(self, i: int) -> None:
        if self._waiting:
            self._busy[i] = self._waiting.popleft()
            with suppress(BrokenPipeError):  # it has died; its end of output tells
                self._workers[i].stdin.write(json.dumps(self._busy[i]) + "\n")
                self._workers[i].stdin.flush()

    def _failure(self, i: int, job: dict | None, said: dict | None) -> TaproomError:
        what = (job or {}).get("name", "the work")
        if said is None:
            code = self._workers[i].wait()
            log = self._logs[i].read_text(errors="replace")[-2000:].strip()
            return TaproomError(
                f"A worker process ended while it made {what} ({_how(code)}).",
                log or str(self._logs[i]),
                "run the same command again, it goes on where it stopped; if memory is short, "
                "close other programs first",
            )
        return TaproomError(*said["failed"])


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"status {code}"


def tell_failure(error: BaseException, name: str) -> list[str]:
    """What happened, where and what to do, of an error in a worker."""
    import traceback

    if isinstance(error, TaproomError):
        return [error.what, error.where, error.remedy]
    text = "".join(traceback.format_exception(error))
    return [f"{name} could not be made: {error!r}", text, "this is a fault of Taproom; report it"]
