"""Alerts: written as files, made so in Superset, one that fires by mail and one that is silent."""

from __future__ import annotations

import re
import time

import pytest

from taproom import settings
from taproom.errors import TaproomError
from taproom.services import mail, postgres, superset, superset_worker, valkey
from taproom.services.superset import access, alerts

FILES = alerts.wanted()
CLOCK = re.compile(r"\b(now|current_date|current_time\w*|localtime\w*|today|interval)\b", re.I)
WAIT_SECONDS = 420


@pytest.mark.parametrize("alert", FILES, ids=[a["name"] for a in FILES])
def test_an_alert_asks_tables_for_dashboards_and_not_the_wall_clock(alert):
    assert not CLOCK.search(alert["sql"])
    tables = re.findall(r"(?:from|join)\s+(\w+\.\w+)", alert["sql"])
    assert tables
    assert {t.split(".")[0] for t in tables} <= {"entities", "marts"}
    wanted = access.wanted()
    assert alert["dashboard"] in {s for r in wanted["roles"].values() for s in r["dashboards"]}
    assert set(alert["to"]) <= wanted["users"].keys()
    assert alert["description"].endswith(".")
    assert alert["fires_when"]["is"] in ("<", ">", "<=", ">=")


def test_names_are_each_one_s_own():
    names = [a["name"] for a in FILES]
    assert len(set(names)) == len(names) >= 4


def probe(name: str, sql: str, dashboard: str = "alert-probe") -> dict:
    """An alert that is looked at every minute and fires above 10."""
    return {
        "name": name,
        "description": "A test.",
        "dashboard": dashboard,
        "to": ["operations"],
        "sql": sql,
        "fires_when": {"is": ">", "than": 10},
        "looked_at": "* * * * *",
        "silent_for_hours": 1,
    }


LOUD = probe("Too warm", "select max(n) from marts.alert_probe")
QUIET = probe("Far too warm", "select min(n) from marts.alert_probe")
EMPTY = probe("Nothing known", "select max(n) from marts.alert_probe where n > 100")


@pytest.fixture(scope="module")
def warehouse(superset_up):
    """A table to ask, a database Superset reads it by, and a dashboard to link."""
    with superset.client() as admin, postgres.connect(settings.OWNER) as owner:
        owner.execute("create table marts.alert_probe (n int)")
        owner.execute("insert into marts.alert_probe values (5), (50)")
        owner.commit()
        uri = postgres.url(settings.SUPERSET).replace("postgresql", "postgresql+psycopg2", 1)
        database = admin.post("database/", {"database_name": "Probe", "sqlalchemy_uri": uri})
        board = admin.post("dashboard/", {"dashboard_title": "Probe", "slug": "alert-probe"})
        yield "Probe"
        for alert in admin.all("report"):
            admin.delete(f"report/{alert['id']}")
        admin.delete(f"dashboard/{board['id']}")
        admin.delete(f"database/{database['id']}")
        owner.execute("drop table marts.alert_probe")


def test_applied_twice_nothing_changes_and_a_change_by_hand_is_put_back(warehouse):
    # Looked at once a year: this test is not to send mail.
    calm = QUIET | {"name": "Calm", "looked_at": "0 0 1 1 *"}
    lost = calm | {"name": "Lost", "dashboard": "no-such"}
    with superset.client() as admin:
        assert alerts.apply(admin, [calm, lost], warehouse) == [
            "alert Calm: made",
            "alert Lost: waits for the dashboard no-such",
        ]
        assert alerts.apply(admin, [calm], warehouse) == []
        number = next(r["id"] for r in admin.all("report") if r["name"] == "Calm")
        for change in (
            {"sql": "select 1"},
            {"active": False},
            {"validator_config_json": {"op": ">", "threshold": 11}},
            {"crontab": "0 0 2 1 *"},
        ):
            admin.put(f"report/{number}", change)
            assert alerts.apply(admin, [calm], warehouse) == ["alert Calm: changed"]
            assert alerts.apply(admin, [calm], warehouse) == []
        assert alerts.history(admin, "Calm") == []
        with pytest.raises(TaproomError, match="no alert called"):
            alerts.history(admin, "Beer")
        with pytest.raises(TaproomError, match="no database called Other"):
            alerts.apply(admin, [calm], "Other")


def test_one_fires_and_sends_mail_while_the_others_are_silent(warehouse):
    with superset.client() as admin:
        alerts.apply(admin, [LOUD, QUIET, EMPTY], warehouse)
        assert superset_worker.start()["state"] == "up"
        names = [a["name"] for a in (LOUD, QUIET, EMPTY)]
        seen = waited_for(admin, names)
        superset_worker.stop()
        valkey.stop()
    assert seen["Too warm"][0]["state"] == "Success"
    assert seen["Too warm"][0]["value"] == 50
    assert {entry["state"] for entry in seen["Too warm"][1:]} <= {"On Grace"}
    for name in ("Far too warm", "Nothing known"):
        assert {entry["state"] for entry in seen[name]} == {"Not triggered"}
    sent = [m for m in mail.messages() if "warm" in m["Subject"] or "known" in m["Subject"]]
    mail.stop()
    assert [m["Subject"] for m in sent] == ["[Taproom] Too warm"]
    assert mail.address("operations") in sent[0]["To"]
    text = sent[0].get_body(("html",)).get_content()
    assert "A test." in text
    assert superset.url() in text


def waited_for(admin: superset.Client, names: list[str]) -> dict[str, list[dict]]:
    """The histories of alerts, once each was looked at to the end."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        seen = {
            name: [e for e in alerts.history(admin, name) if e["state"] != "Working"]
            for name in names
        }
        if all(seen.values()):
            return seen
        time.sleep(2)
    raise AssertionError(f"not looked at within {WAIT_SECONDS} seconds: {seen}")
