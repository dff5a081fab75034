"""The simulated company: its clock, its people, its billing, and the files its sources deliver.

`init` makes a world, `advance` moves its clock, `truth` writes what really happened. A root is
the folder that holds `landing/`, `truth/` and `world/`.
"""

from .lifecycle import advance, init, regenerate, rewind, status

__all__ = ["advance", "init", "regenerate", "rewind", "status"]
