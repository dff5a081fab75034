"""Landing files to raw tables: contracts checked first, broken rows put aside, batches whole.

    run(root, dsn)   load what has landed and is not in the database yet
    state(dsn)       what the database holds
    settle(dsn)      finish what a killed run has prepared, so that nobody waits for its locks

How it works and what it promises: docs/ingest.md.
"""

from taproom.ingest.load import run, settle
from taproom.ingest.report import Report
from taproom.ingest.state import state

__all__ = ["Report", "run", "settle", "state"]
