"""Reference answers of the questions in `examples/`, by another road than dbt's tables.

Everything is computed from the landing files in polars and numpy; no answer is rounded.
"""

from pathlib import Path

import polars as pl

from taproom.answers.landing import Landing
from taproom.answers.questions import (  # noqa: F401 (they fill REFERENCES)
    acquisition,
    adoption,
    ads,
    customers,
    experiments,
    fleet,
    origin,
    product,
    repairs,
    revenue,
    stakes,
    venues,
)
from taproom.answers.questions.reference import REFERENCES, Delivered

__all__ = ["REFERENCES", "compute", "delivered"]


def delivered(root: Path) -> Delivered:
    """The company whose landing folder is below `root`."""
    return Delivered(Landing.of(Path(root)))


def compute(root: Path, question: str) -> pl.DataFrame:
    """The reference answer of one question in the world below `root`."""
    return REFERENCES[question](delivered(root))
