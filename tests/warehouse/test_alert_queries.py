"""What each alert asks is one number, on tables built from a world."""

from __future__ import annotations

import math

import pytest

from taproom.services.superset import alerts

FILES = alerts.wanted()


@pytest.mark.parametrize("alert", FILES, ids=[a["name"] for a in FILES])
def test_an_alert_asks_for_one_number(ask, alert):
    rows = ask(alert["sql"])
    assert len(rows) == len(rows[0]) == 1
    assert math.isfinite(rows[0][0])
