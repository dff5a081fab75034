"""Calling dbt in this process."""

from __future__ import annotations

import os

import pytest

from taproom.errors import TaproomError
from taproom.warehouse import runner


def test_exit_status_and_environment(cluster):
    before = dict(os.environ)
    assert runner.build(["list", "--select", "int_calendar__days", "--quiet"]) == 0
    assert runner.build(["list", "--no-such-option"]) == 2
    assert dict(os.environ) == before


def test_a_failure_names_the_model(cluster):
    # nothing is loaded in this database, so the first model fails
    with pytest.raises(TaproomError, match="It went wrong") as failure:
        runner.must_build(
            ["run", "--select", "int_finance__fx_daily"],
            "It went wrong.",
            progress=lambda *parts: None,
        )
    assert "int_finance__fx_daily" in failure.value.where
    assert "dbt.log" in failure.value.remedy
