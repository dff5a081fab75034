"""Writes exercises/ from solutions/: `python -m taproom.classroom.generate [--check]`.

An exercise is its solution's notebook without the marked code, without outputs and without cells
tagged `solution-only`. Never edit exercises/ by hand: a test compares it with what this makes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from taproom import settings
from taproom.classroom import sources

NOTE = (
    "*Replace each `...` and run the cell below it. `hint` and `solution` are there when you are "
    "stuck. What a check compares is described in [docs/checks.md](../docs/checks.md).*"
)


def exercise(notebook: dict) -> dict:
    """The exercise notebook of a solution notebook."""
    cells = []
    for cell in notebook["cells"]:
        if "solution-only" in cell.get("metadata", {}).get("tags", ()):
            continue
        fresh = {
            "cell_type": cell["cell_type"],
            "id": cell["id"],
            "metadata": {
                key: value for key, value in cell["metadata"].items() if key in ("tags", "jupyter")
            },
            "source": sources.code(cell),
        }
        if cell["cell_type"] == "code":
            fresh["source"] = sources.without_solutions(fresh["source"])
            fresh.update(execution_count=None, outputs=[])
        cells.append(fresh)
    if cells and cells[0]["cell_type"] == "markdown":
        cells[0]["source"] += f"\n\n{NOTE}"
    kernel = {"kernelspec": notebook["metadata"]["kernelspec"]}
    kernel["language_info"] = {"name": "python"}
    for cell in cells:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def text(notebook: dict) -> str:
    """A notebook as Jupyter writes it to a file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def due() -> dict[Path, str]:
    """What exercises/ has to hold: path and content of every file."""
    folder = settings.repo() / "exercises"
    return {folder / path.name: text(exercise(sources.read(path))) for path in sources.notebooks()}


def stale() -> list[str]:
    """The files of exercises/ that differ from what solutions/ makes, by name."""
    wanted = due()
    folder = settings.repo() / "exercises"
    differing = [
        path.name
        for path, content in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    ]
    return differing + [path.name for path in folder.glob("*.ipynb") if path not in wanted]


def write() -> list[Path]:
    """Make exercises/ anew; notebooks without a solution go."""
    wanted = due()
    folder = settings.repo() / "exercises"
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.ipynb"):
        if path not in wanted:
            path.unlink()
    for path, content in wanted.items():
        path.write_text(content, encoding="utf-8")
    return list(wanted)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: python -m taproom.classroom.generate [--check]", file=sys.stderr)
        return 2
    if arguments:
        differing = stale()
        for name in differing:
            print(f"exercises/{name} is not what solutions/{name} makes", file=sys.stderr)
        return 1 if differing else 0
    for path in write():
        print(f"exercises/{path.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
