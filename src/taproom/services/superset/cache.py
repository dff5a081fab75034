"""Superset's cached query results: kept for a day, and forgotten when tables were built anew.

In files of <home>/superset/cache/data, or in Valkey under the prefix superset_data_. Charts, users
and filters are cached under other names and stay.
"""

from __future__ import annotations

import shutil

from taproom import settings
from taproom.services import valkey

PREFIX = "superset_data_"


def forget_results() -> None:
    """Forget every result, so that the next view of a chart asks the database. Takes no time.

    Nothing happens in a home that has no Superset.
    """
    # Not place.folder(): that would make the folder.
    files = settings.home() / "superset" / "cache" / "data"
    if files.is_dir():
        # Renamed first: a server that writes meanwhile finds a folder gone, never half of one.
        old = files.with_name("data.old")
        shutil.rmtree(old, ignore_errors=True)
        files.rename(old)
        files.mkdir(mode=0o700)
        shutil.rmtree(old, ignore_errors=True)
    if valkey.ready():
        valkey.forget(PREFIX)
