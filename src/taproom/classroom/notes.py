"""Remembers how far a learner is: a small file in the home, one part a world.

Nothing is kept when the course itself runs the notebooks (TAPROOM_PROGRESS=off), nor from a
notebook of solutions/; and a file that cannot be written never stands in the way of a check.
"""

from __future__ import annotations

import json
import os

from taproom import settings
from taproom.exercises import CORRECT

FILE = "progress.json"


def record(world_id: str, exercise: str, state: str) -> None:
    """Note the state of an exercise; correct once is correct for good."""
    if os.environ.get("TAPROOM_PROGRESS") == "off" or _in_solutions():
        return
    kept = _read()
    states = kept.setdefault("worlds", {}).setdefault(world_id, {})
    if states.get(exercise) != CORRECT:
        states[exercise] = state
    kept["last"] = world_id
    path = settings.home() / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(kept, indent=2, sort_keys=True), encoding="utf-8")
        fresh.replace(path)
    except OSError:
        return


def states() -> dict[str, str]:
    """The state of each exercise tried, in the world last worked on."""
    kept = _read()
    return kept.get("worlds", {}).get(kept.get("last"), {})


def _read() -> dict:
    try:
        return json.loads((settings.home() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _in_solutions() -> bool:
    # Jupyter tells a kernel which notebook it belongs to; papermill and nbval do not.
    return "solutions/" in os.environ.get("JPY_SESSION_NAME", "")
