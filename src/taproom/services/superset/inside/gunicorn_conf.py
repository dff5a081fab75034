"""Runs in Superset's environment: how gunicorn serves it.

The application is loaded once and then forked: half the memory and half the time to start. A
connection to the database must not be shared by forks, so each begins with none.
"""

import os
from pathlib import Path

from superset.extensions import db

wsgi_app = "superset.app:create_app()"
workers = int(os.environ.get("TAPROOM_SUPERSET_WORKERS") or 2)
worker_class = "gthread"
threads = 8
timeout = 120
keepalive = 30
preload_app = True
# Heartbeats on disk would let a busy disk kill workers.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
limit_request_line = 0  # filters of a dashboard travel in the address


def post_fork(server, worker):
    """Forget the connections the parent opened, without closing them under it."""
    with worker.app.wsgi().app_context():
        db.engine.dispose(close=False)
