"""The simulated company: its clock, its people, its billing, and the files its sources deliver.

`init` makes a world, `advance` moves its clock, `truth` writes what really happened. A root is
the folder that holds `landing/`, `truth/` and `world/`.
"""

from .clock import as_date
from .lifecycle import advance, init, regenerate, rewind, status

__all__ = ["advance", "calibrate", "init", "regenerate", "rewind", "status", "truth"]


def truth(root, out=None, progress=None):
    """Write what really happened below `out` (root/truth); see truth_tables.py."""
    from .truth_tables import truth as write

    return write(root, out, progress)


def calibrate(seeds: int = 5, progress=None) -> tuple[str, bool]:
    """Measure account worlds of 24,000, seeds 1 to `seeds`, against the bands.

    One world's AUC rests on a few hundred leavers, so the mean over worlds is what is judged.
    Returns (table, all inside).
    """
    from .calibration import over_seeds, table

    months = None
    if progress is not None:

        def months(day: int) -> None:
            if as_date(day).day == 1:
                progress(as_date(day).strftime("%Y-%m"))

    rows = over_seeds(range(1, seeds + 1), months)
    return table(rows), all(r.ok for r in rows)
