"""The notebooks of solutions/, the single source of an exercise, read as cells.

A solution stands in a code cell between two marker lines; the first one says what an exercise
has in its place:

    # begin solution 05-01: mrr_usd = ...
    mrr_usd = ...the real thing...
    # end solution
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from taproom import settings
from taproom.exercises import Exercise

BEGIN = re.compile(r"^(?P<indent>\s*)# begin solution (?P<id>\d\d-\d\d): (?P<placeholder>.+)$")
END = re.compile(r"^\s*# end solution\s*$")


class Unmarked(ValueError):
    """The marker lines of a solution are missing or do not pair."""


def notebooks() -> list[Path]:
    """The notebooks of solutions/, in order."""
    return sorted((settings.repo() / "solutions").glob("*.ipynb"))


def read(path: Path) -> dict:
    """A notebook as nbformat's JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def code(cell: dict) -> str:
    """The source of a cell as one string."""
    return "".join(cell["source"])


def blocks(source: str) -> Iterator[tuple[str, str, str]]:
    """Each solution in a cell as (exercise id, placeholder, solution code)."""
    lines = source.splitlines()
    start = None
    for number, line in enumerate(lines):
        begin = BEGIN.match(line)
        if begin:
            if start is not None:
                raise Unmarked(f"a solution begins inside another: {line.strip()}")
            start, opening = number, begin
        elif END.match(line):
            if start is None:
                raise Unmarked("a solution ends that never began")
            body = textwrap.dedent("\n".join(lines[start + 1 : number]))
            yield opening["id"], opening["placeholder"], body
            start = None
    if start is not None:
        raise Unmarked(f"a solution has no end: {lines[start].strip()}")


def without_solutions(source: str) -> str:
    """The cell as an exercise has it: each solution replaced by its placeholder."""
    list(blocks(source))  # refuse markers that do not pair before cutting anything
    kept, inside = [], False
    for line in source.splitlines():
        begin = BEGIN.match(line)
        if begin:
            inside = True
            kept.append(begin["indent"] + begin["placeholder"])
        elif END.match(line):
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def solution(exercise: Exercise) -> str:
    """The code of one exercise's solution."""
    path = settings.repo() / "solutions" / f"{exercise.notebook}.ipynb"
    for cell in read(path)["cells"]:
        for name, _, body in blocks(code(cell)) if cell["cell_type"] == "code" else ():
            if name == exercise.id:
                return body
    raise Unmarked(f"{path.name} holds no solution of {exercise.id}")
