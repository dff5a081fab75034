"""Every big number of the dashboards equals what the entity tables say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from taproom.dashboards import files

EXPECTED = yaml.safe_load(Path(__file__).with_name("big_numbers.yml").read_text())
CHARTS = {
    Path(path).stem: chart
    for path, chart in files.read(files.folder()).items()
    if files.kind(path) == "charts" and chart["viz_type"].startswith("big_number")
}


@pytest.fixture(scope="module")
def numbers(dashboards) -> dict[str, int]:
    """uuid -> Superset's own number of a chart."""
    return {one["uuid"]: one["id"] for one in dashboards.all("chart")}


def test_none_is_taken_on_trust():
    """When this fails: add the big number to big_numbers.yml, or drop what is no more."""
    assert sorted(EXPECTED) == sorted(CHARTS)


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_big_number_is_what_the_entities_say(dashboards, numbers, ask, name):
    chart = CHARTS[name]
    rows = dashboards.rows(dashboards.chart_data(numbers[chart["uuid"]], fresh=True))
    query = json.loads(chart["query_context"])["queries"][0]
    (metric,) = query["metrics"]
    axis = chart["params"].get("x_axis")
    newest = max(rows, key=lambda row: row[axis]) if axis else rows[0]
    ((right,),) = ask(EXPECTED[name])
    assert float(newest[metric]) == pytest.approx(float(right), rel=1e-9, abs=1e-9)
