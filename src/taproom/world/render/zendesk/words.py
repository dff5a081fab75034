"""The texts of texts.yml as lists to draw from, their blanks filled."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from taproom.world.people.names import Ragged

VARIANTS = 8  # ways in which the blanks of one text are filled


@cache
def _texts() -> dict:
    path = Path(__file__).with_name("texts.yml")
    return yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def filled(texts) -> list[str]:
    """Each text in VARIANTS ways, its blanks filled (once, if it has none)."""
    blanks = _texts()["blanks"].items()
    out = []
    for number, text in enumerate(texts):
        for way in range(VARIANTS if "{" in text else 1):
            out.append(text.format(**{k: v[(way * 5 + number) % len(v)] for k, v in blanks}))
    return out


def _halves(texts) -> list[list[str]]:
    return [text.split(" | ") for text in filled(texts)]


@cache
def pairs(name: str) -> tuple[Ragged, Ragged]:
    """Subjects and bodies, position by position, by subject of the ticket where there are some."""
    found = _texts()[name]
    lists = found.values() if isinstance(found, dict) else [found]
    halves = [_halves(some) for some in lists]
    return tuple(Ragged([[h[side] for h in some] for some in halves]) for side in (0, 1))


@cache
def texts(name: str) -> Ragged:
    """Texts by subject of the ticket, or one list of texts where the subject does not matter."""
    found = _texts()[name]
    return Ragged(
        [filled(some) for some in (found.values() if isinstance(found, dict) else [found])]
    )
