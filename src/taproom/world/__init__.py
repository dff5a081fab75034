"""The simulated company: its clock, its people, its billing, and the files its sources deliver.

`init` makes a world, `advance` moves its clock, `write_truth` writes what really happened,
`judge` measures worlds against the bands of realism. A root is the folder that holds
`landing/`, `truth/` and `world/`.
"""

from taproom.world.making.lifecycle import advance, init, regenerate, rewind, status

__all__ = ["advance", "init", "judge", "regenerate", "rewind", "status", "write_truth"]


def write_truth(root, out=None, progress=None):
    """Write what really happened below `out` (root/truth); see the package truth."""
    from taproom.world.truth import truth as write

    return write(root, out, progress)


def judge(
    scale: str = "small", seeds: int = 5, progress=None, first_seed: int = 1
) -> tuple[str, bool]:
    """Measure `seeds` worlds from `first_seed` on against the bands: account worlds of 24,000,
    and whole worlds at a scale. Returns (table, all inside).
    """
    from taproom.world import calibrate

    numbers = range(first_seed, first_seed + seeds)
    rows = calibrate.accounts_alone(numbers, progress)
    rows += calibrate.whole_worlds(scale, numbers, progress=progress)
    return calibrate.table(rows), all(r.ok for r in rows)
