"""Landing files to raw tables: contracts checked first, broken rows put aside, batches whole.

    run(root, dsn)   load what has landed and is not in the database yet
    state(dsn)       what the database holds

How it works and what it promises: docs/ingest.md.
"""

from taproom.ingest.load import run
from taproom.ingest.report import Report
from taproom.ingest.state import state

__all__ = ["Report", "run", "state"]
