"""The stored notebooks as the tests see them: cells with their outputs, tags and prose."""

from __future__ import annotations

import json
import re
from pathlib import Path

from taproom import settings
from taproom.instructor.notebooks import Notebook, find, source

PLOTLY = "application/vnd.plotly.v1+json"
IGNORE_TAG, IGNORE_COMMENT = "nbval-ignore-output", "# NBVAL_IGNORE_OUTPUT"

RUN = find()  # notebooks and solutions: stored with outputs
EXERCISES = find(folders=("exercises",))  # stored without


def name(notebook: Notebook) -> str:
    """How a parametrised test is called."""
    return notebook.key


def code(notebook: Notebook) -> list[dict]:
    """Code cells in order."""
    return [cell for cell in notebook.cells() if cell["cell_type"] == "code"]


def prose(notebook: Notebook) -> list[str]:
    """Markdown cells without code spans, code blocks, links' targets and HTML comments."""
    return [strip_code(source(c)) for c in notebook.cells() if c["cell_type"] == "markdown"]


def strip_code(markdown: str) -> str:
    """What a reader reads as sentences."""
    text = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    text = re.sub(r"`[^`]*`", "", text)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)", "]", text)


def ignored(cell: dict) -> bool:
    """Is the cell's output left uncompared by nbval?"""
    tags = cell["metadata"].get("tags", [])
    return IGNORE_TAG in tags or any(
        line.strip() == IGNORE_COMMENT for line in source(cell).splitlines()
    )


def figures(cell: dict) -> list[dict]:
    """The plotly figures among a cell's outputs."""
    return [
        output["data"][PLOTLY] for output in cell["outputs"] if PLOTLY in output.get("data", {})
    ]


def documents(*patterns: str) -> dict[Path, str]:
    """Text of the repository's files that match."""
    root = settings.repo()
    return {
        path: path.read_text(encoding="utf-8")
        for pattern in patterns
        for path in sorted(root.glob(pattern))
    }


def size(value: object) -> int:
    """Bytes as stored."""
    return len(json.dumps(value))
