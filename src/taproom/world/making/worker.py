"""A worker process: reads jobs as JSON lines, writes answers as JSON lines (see workers.py)."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path

from taproom.world.making.landing import Batch
from taproom.world.making.simulate import simulate, simulate_shard
from taproom.world.making.tasks import Recipe, ShardFacts, Task, perform
from taproom.world.making.workers import tell_failure
from taproom.world.render import renderers


def main() -> None:
    # What anything prints goes to the log: standard output belongs to the answers.
    out, sys.stdout = sys.stdout, sys.stderr

    def say(**what) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    jobs: queue.Queue[dict] = queue.Queue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    renderers()  # imports them all while the parent still simulates
    facts: dict[str, ShardFacts] = {}
    while True:
        job = jobs.get()
        try:
            recipe = Recipe(**{**job["recipe"], "sources": tuple(job["recipe"]["sources"])})
            if job["kind"] == "simulate shard":
                done = simulate_shard(recipe, job["shard"], job["until"], Path(job["out"]))
            elif job["kind"] == "simulate":
                done = simulate(recipe, job["stops"], Path(job["facts"]), Path(job["out"]), say)
            else:
                place = job["facts"]
                if place not in facts:  # those of an earlier stop are not needed again
                    facts = {place: ShardFacts(place=Path(place))}
                batches = [Batch(*b) for b in job["batches"]]
                done = perform(
                    Path(job["landing"]),
                    recipe,
                    facts[place],
                    batches,
                    Task(**job["task"]),
                    lambda rows: say(rows=rows),
                )
            say(done=done)
        except BaseException as error:
            say(failed=tell_failure(error, job.get("name", "")))


def _read(jobs: queue.Queue) -> None:
    for line in sys.stdin:
        jobs.put(json.loads(line))
    os._exit(1)  # whoever gave the jobs has gone


if __name__ == "__main__":
    main()
