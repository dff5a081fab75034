"""Superset's configuration, read by its web server, its worker and its set-up alike.

What differs from one installation to the next (secrets, addresses, folders) is in the file that
TAPROOM_SUPERSET_SETTINGS names; `./taproom up superset` writes it. Here is what all share. It runs
in Superset's own environment, which knows nothing of this course's package.
"""

import json
import os
from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from celery.signals import worker_ready
from superset.config import TALISMAN_CONFIG as DEFAULT_TALISMAN_CONFIG
from superset.config import THEME_DEFAULT as DEFAULT_THEME
from superset.tasks.types import FixedExecutor

_here = json.loads(Path(os.environ["TAPROOM_SUPERSET_SETTINGS"]).read_text())
_folder = Path(_here["folder"])
_valkey = _here.get("valkey")

SECRET_KEY = _here["secret_key"]
SQLALCHEMY_DATABASE_URI = _here["metadata_uri"]
SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
ALEMBIC_SKIP_LOG_CONFIG = True
SILENCE_FAB = True

# Browsers keep cookies by host, not by port, and the course runs several servers on one host.
SESSION_COOKIE_NAME = "taproom_superset_session"

FEATURE_FLAGS = {
    "ALERT_REPORTS": True,
    "DASHBOARD_RBAC": True,
    "DRILL_BY": True,
    "DRILL_TO_DETAIL": True,
    "EMBEDDED_SUPERSET": True,
    "ENABLE_TEMPLATE_PROCESSING": False,
}

ENABLE_CORS = False
HTML_SANITIZATION = True

# --- cache: query results and filters, by Valkey when it runs, else by files ------------------
# Results live for a day: whatever rebuilds tables empties the cache (services/superset/cache.py).


def _cache(name, seconds, folder_limit=2000):
    """A cache of its own key prefix (Valkey) or folder (files)."""
    common = {"CACHE_DEFAULT_TIMEOUT": int(seconds), "CACHE_KEY_PREFIX": f"superset_{name}_"}
    if _valkey:
        return {**common, "CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": _valkey}
    return {
        **common,
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(_folder / "cache" / name),
        "CACHE_THRESHOLD": folder_limit,
    }


_day = timedelta(days=1).total_seconds()
CACHE_CONFIG = _cache("objects", _day)
DATA_CACHE_CONFIG = _cache("data", _day)
FILTER_STATE_CACHE_CONFIG = {**_cache("filters", 90 * _day), "REFRESH_TIMEOUT_ON_RETRIEVAL": True}
EXPLORE_FORM_DATA_CACHE_CONFIG = {
    **_cache("explore", 7 * _day),
    "REFRESH_TIMEOUT_ON_RETRIEVAL": True,
}

# --- embedding: a dashboard in a notebook, by guest token -------------------------------------
GUEST_ROLE_NAME = "Guest"
GUEST_TOKEN_JWT_SECRET = _here["guest_secret"]
GUEST_TOKEN_JWT_EXP_SECONDS = 3600
_frames = ["'self'", "http://127.0.0.1:*", "http://localhost:*"]
_content = DEFAULT_TALISMAN_CONFIG["content_security_policy"]
TALISMAN_CONFIG = {
    **DEFAULT_TALISMAN_CONFIG,
    # X-Frame-Options knows no list of origins; frame-ancestors stands in its place.
    "frame_options": None,
    "content_security_policy": {
        **_content,
        "frame-ancestors": _frames,
        # Nothing is asked of other hosts: dashboards work without a network.
        "img-src": ["'self'", "blob:", "data:"],
        "connect-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
    },
}

# --- looks: colours that survive colour blindness (Okabe and Ito, 2008) -----------------------
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "taproom",
        "label": "Taproom",
        "description": "Eight colours that people with colour-blindness tell apart",
        "isDefault": True,
        "colors": [
            "#0072B2",
            "#E69F00",
            "#009E73",
            "#D55E00",
            "#56B4E9",
            "#CC79A7",
            "#6C6C6C",
            "#B8A100",
        ],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "taproom_blues",
        "label": "Taproom blues",
        "description": "Light to dark, one hue: more is darker",
        "isDiverging": False,
        "isDefault": True,
        "colors": ["#EAF3FA", "#B5D6EC", "#74B2DB", "#2F8AC4", "#0072B2", "#004A75"],
    },
    {
        "id": "taproom_diverging",
        "label": "Taproom orange to blue",
        "description": "Worse is orange, better is blue, the middle is pale",
        "isDiverging": True,
        "isDefault": False,
        "colors": ["#B35A00", "#E69F00", "#F7DDA5", "#F2F2F2", "#A9D0EA", "#2F8AC4", "#004A75"],
    },
]
APP_NAME = "Taproom"
THEME_DEFAULT = {
    **DEFAULT_THEME,
    "token": {
        **DEFAULT_THEME["token"],
        "brandAppName": APP_NAME,
        "colorPrimary": "#0072B2",
        "colorLink": "#0072B2",
    },
}
# One look for everybody: a screenshot in a module is what the learner sees.
THEME_DARK = None

# --- limits -----------------------------------------------------------------------------------
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_TIMEOUT = 60
CONTENT_SECURITY_POLICY_WARNING = False
SUPERSET_LOG_VIEW = True

# --- alerts: Celery's worker and beat, e-mail -------------------------------------------------
_smtp = _here["smtp"]
SMTP_HOST = _smtp["host"]
SMTP_PORT = _smtp["port"]
SMTP_STARTTLS = _smtp["starttls"]
SMTP_SSL = False
SMTP_USER = _smtp["user"]
SMTP_PASSWORD = _smtp["password"]
SMTP_MAIL_FROM = _smtp["from"]
EMAIL_REPORTS_SUBJECT_PREFIX = "[Taproom]"
ALERT_REPORTS_NOTIFICATION_DRY_RUN = False
ALERT_REPORTS_EXECUTORS = [FixedExecutor("admin")]
# Celery itself does not read this. With it Superset 6.1 leaves out a handler that fails after every
# task ("outside of application context"); the task's own context ends the session.
CELERY_ALWAYS_EAGER = True
WEBDRIVER_BASEURL = _here["url"] + "/"
WEBDRIVER_BASEURL_USER_FRIENDLY = WEBDRIVER_BASEURL


class CELERY_CONFIG:
    """One queue, one beat; the broker is Valkey, or the metadata database without it."""

    broker_url = _valkey or "sqla+" + _here["metadata_uri"]
    result_backend = _valkey or "db+" + _here["metadata_uri"]
    broker_connection_retry_on_startup = True
    imports = ("superset.sql_lab", "superset.tasks.scheduler")
    worker_prefetch_multiplier = 1
    task_acks_late = False
    beat_schedule_filename = str(_folder / "beat")
    beat_schedule = {  # noqa: RUF012
        "reports.scheduler": {"task": "reports.scheduler", "schedule": crontab()},
        "reports.prune_log": {
            "task": "reports.prune_log",
            "schedule": crontab(minute=0, hour=0),
        },
    }


@worker_ready.connect
def _say_ready(**_):
    """Leave a note for `./taproom up superset-worker`, which waits for it."""
    (_folder / "worker.ready").write_text(str(os.getpid()))


def FLASK_APP_MUTATOR(app):
    """Say in a header whose Superset this is: two homes may run one each."""

    @app.after_request
    def sign(response):
        response.headers["X-Taproom"] = _here["identity"]
        return response
