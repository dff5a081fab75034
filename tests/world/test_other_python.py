"""The same world under another Python: the landing files of a seed, byte by byte.

Runs when TAPROOM_OTHER_PYTHON names a Python of another version that has numpy, pyarrow, polars
and PyYAML as locked in requirements/course.txt.
"""

import os
import subprocess

import pytest

from taproom import settings, world
from taproom.world.making import landing

OTHER = os.environ.get("TAPROOM_OTHER_PYTHON")


@pytest.mark.skipif(not OTHER, reason="TAPROOM_OTHER_PYTHON names no second Python")
def test_another_python_makes_the_same_world(tmp_path):
    call = (
        "from pathlib import Path; from taproom import world; "
        f"root = Path({str(tmp_path / 'other')!r}); "
        "world.init(root, scale='tiny', seed=42); world.advance(root, hours=30)"
    )
    path = {**os.environ, "PYTHONPATH": str(settings.repo() / "src")}
    subprocess.run([OTHER, "-c", call], check=True, env=path)
    world.init(tmp_path / "own", scale="tiny", seed=42)
    world.advance(tmp_path / "own", hours=30)
    own, other = (
        [
            (f["path"], f["rows"], f["sha256"])
            for b in landing.read_manifest(tmp_path / name)["batches"]
            for f in b["files"]
        ]
        for name in ("own", "other")
    )
    assert own == other
