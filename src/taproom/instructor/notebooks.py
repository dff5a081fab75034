"""Which notebooks there are, and in which order a course walks through them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from taproom import settings
from taproom.errors import TaproomError

# A solution follows the notebook whose number it carries.
FOLDERS = ("notebooks", "solutions")
NAME = re.compile(r"(\d\d)-.+\.ipynb$")


@dataclass(frozen=True)
class Notebook:
    """One notebook of the repository; `number` is the two digits its name starts with."""

    number: int
    folder: str
    path: Path

    @property
    def key(self) -> str:
        """`notebooks/05-subscriptions-and-mrr`: how reports and messages call it."""
        return f"{self.folder}/{self.path.stem}"

    @property
    def title(self) -> str:
        """The first heading of its prose, or its name when it has none."""
        for cell in self.cells():
            if cell["cell_type"] == "markdown":
                for line in source(cell).splitlines():
                    if line.startswith("# "):
                        return line[2:].strip()
        return self.path.stem

    def cells(self) -> list[dict]:
        """The stored cells, as plain dictionaries."""
        return json.loads(self.path.read_text(encoding="utf-8"))["cells"]


def source(cell: dict) -> str:
    """A cell's text, whether it is stored as one string or as a list of lines."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def find(root: Path | None = None, folders: tuple[str, ...] = FOLDERS) -> list[Notebook]:
    """Every numbered notebook, by number, then by folder in the order given."""
    root = root or settings.repo()
    found = [
        Notebook(int(match[1]), folder, path)
        for folder in folders
        for path in sorted((root / folder).glob("*.ipynb"))
        if (match := NAME.match(path.name))
    ]
    return sorted(found, key=lambda n: (n.number, folders.index(n.folder), n.path.name))


def choose(
    notebooks: list[Notebook], only: int | None = None, start_from: int | None = None
) -> list[Notebook]:
    """The notebooks of `--only NN` or `--from NN`; TaproomError when none is left."""
    chosen = [
        n
        for n in notebooks
        if (only is None or n.number == only) and (start_from is None or n.number >= start_from)
    ]
    if chosen:
        return chosen
    numbers = ", ".join(f"{n:02d}" for n in sorted({n.number for n in notebooks}))
    asked = f"--only {only:02d}" if only is not None else f"--from {start_from or 0:02d}"
    raise TaproomError(
        f"No notebook answers to {asked}.",
        where="notebooks/ and solutions/",
        remedy=f"choose one of these numbers: {numbers or 'none, the folders are empty'}.",
    )
