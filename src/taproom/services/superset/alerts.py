"""Superset's alerts, as the files of superset/alerts say: a number, a limit, and who is told.

    with superset.client() as admin:
        alerts.apply(admin)            what was changed, in words; nothing when run again

`./taproom up superset-worker` looks at them by their timetable. That is this computer's; the
numbers are the world's: no statement may ask what day it is here (a test reads them).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import mail
from taproom.services.superset.access import DATABASE
from taproom.services.superset.client import Client

# What is compared to see whether an alert is as wanted; recipients are looked at apart.
COMPARED = (
    "description",
    "sql",
    "crontab",
    "grace_period",
    "active",
    "report_format",
    "email_subject",
)


def wanted(folder: Path | None = None) -> list[dict[str, Any]]:
    """The files of superset/alerts (or another folder), in the order of their names."""
    folder = folder or settings.repo() / "superset" / "alerts"
    return [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yaml"))]


def apply(
    admin: Client, alerts: list[dict[str, Any]] | None = None, database: str = DATABASE
) -> list[str]:
    """Make the alerts as wanted; a line for each that had to be made or changed.

    An alert whose dashboard is not there yet is told and left out. Alerts of others stay.
    """
    alerts = wanted() if alerts is None else alerts
    databases = {d["database_name"]: d["id"] for d in admin.all("database")}
    if database not in databases:
        raise TaproomError(
            f"Superset knows no database called {database}.",
            remedy="run ./taproom superset import",
        )
    boards = {d["slug"]: d["id"] for d in admin.all("dashboard") if d["slug"]}
    there = {r["name"]: r["id"] for r in admin.all("report")}
    told = []
    for alert in alerts:
        if alert["dashboard"] not in boards:
            told.append(f"alert {alert['name']}: waits for the dashboard {alert['dashboard']}")
            continue
        body = _body(alert, databases[database], boards[alert["dashboard"]])
        number = there.get(alert["name"])
        if number is None:
            admin.post("report/", body)
            told.append(f"alert {alert['name']}: made")
        elif not _as_wanted(admin.get(f"report/{number}")["result"], body):
            admin.put(f"report/{number}", body)
            told.append(f"alert {alert['name']}: changed")
    return told


def history(admin: Client, name: str) -> list[dict[str, Any]]:
    """What became of the looks at an alert, oldest first: state, value, error_message and when.

    States: Success (it fired and the mail went out), Not triggered, On Grace (it would have fired
    again), Error; Working while at it.
    """
    number = next((r["id"] for r in admin.all("report") if r["name"] == name), None)
    if number is None:
        raise TaproomError(
            f"Superset has no alert called {name!r}.", remedy="run ./taproom superset setup"
        )
    answer = admin.get(
        f"report/{number}/log/",
        q={"page_size": 100, "order_column": "scheduled_dttm", "order_direction": "asc"},
    )
    return answer["result"]


def _body(alert: dict[str, Any], database: int, dashboard: int) -> dict[str, Any]:
    return {
        "type": "Alert",
        "name": alert["name"],
        "description": alert["description"].strip(),
        "email_subject": alert["name"],
        "active": True,
        "crontab": alert["looked_at"],
        "timezone": "UTC",
        "sql": alert["sql"].strip(),
        "database": database,
        "dashboard": dashboard,
        # Else a dashboard may carry one alert only.
        "creation_method": "alerts_reports",
        # No picture: that would need a browser beside every worker. The mail links the dashboard.
        "report_format": "TEXT",
        "validator_type": "operator",
        "validator_config_json": {
            "op": alert["fires_when"]["is"],
            "threshold": alert["fires_when"]["than"],
        },
        "grace_period": int(alert["silent_for_hours"] * 3600),
        "working_timeout": 600,
        "log_retention": 90,
        "recipients": [
            {
                "type": "Email",
                "recipient_config_json": {"target": ",".join(map(mail.address, alert["to"]))},
            }
        ],
    }


def _as_wanted(now: dict[str, Any], body: dict[str, Any]) -> bool:
    def plain(value: Any) -> Any:
        return yaml.safe_load(value) if isinstance(value, str) else value

    return (
        all(now.get(key) == body[key] for key in COMPARED)
        and plain(now["validator_config_json"]) == body["validator_config_json"]
        and (now.get("dashboard") or {}).get("id") == body["dashboard"]
        and now["database"]["id"] == body["database"]
        and [plain(r["recipient_config_json"])["target"] for r in now["recipients"]]
        == [r["recipient_config_json"]["target"] for r in body["recipients"]]
    )
