"""Every chart of every dashboard answers with rows and without an error, by the API."""

from __future__ import annotations

import pytest

from taproom.dashboards import checks, files

CHARTS = [path for path in files.read(files.folder()) if files.kind(path) == "charts"]
DASHBOARDS = ("customer-success", "executive", "marketing", "operations", "product")


@pytest.fixture(scope="module")
def answers(dashboards, assets):
    """path -> what the chart answered, all asked in one go and past the cache."""
    return {one.path: one for one in checks.ask(dashboards, assets)}


@pytest.mark.parametrize("chart", CHARTS)
def test_chart_has_rows_and_no_error(answers, chart):
    answer = answers[chart]
    assert answer.good, f"{answer.title}: {answer.error or 'no rows'}"


def test_there_are_five_dashboards_and_all_are_published(dashboards):
    found = {one["slug"]: one for one in dashboards.all("dashboard")}
    assert set(DASHBOARDS) <= set(found)
    assert all(found[slug]["published"] for slug in DASHBOARDS)
