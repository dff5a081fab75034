"""Each dashboard, drawn whole in a headless Chromium, on a desk and on a tablet.

TAPROOM_PICTURES names a folder that keeps the pictures, as CI does.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from taproom.dashboards import browser, exchange, files

pytestmark = pytest.mark.skipif(
    browser.chromium() is None, reason="no browser here (Debian: apt-get install chromium)"
)
SLUGS = sorted(
    config["slug"]
    for path, config in files.read(files.folder()).items()
    if files.kind(path) == "dashboards"
)


@pytest.fixture(scope="module")
def charts(assets) -> dict[str, int]:
    """slug -> how many charts the dashboard shows."""
    return {
        config["slug"]: len(exchange.charts_of(config))
        for path, config in assets.items()
        if files.kind(path) == "dashboards"
    }


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    kept = os.environ.get("TAPROOM_PICTURES")
    return Path(kept) if kept else tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def desk(dashboards, charts, pictures) -> dict[str, dict]:
    """What was seen of each dashboard and its tabs in a wide window."""
    return {one["dashboard"]: one for one in browser.look(charts, 1440, pictures)}


@pytest.fixture(scope="module")
def tablet(desk, charts, pictures) -> dict[str, dict]:
    """The first view of each in a narrow one."""
    return {one["dashboard"]: one for one in browser.look(charts, 768, pictures, tabs=False)}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_chart_is_drawn_and_nothing_is_wrong(desk, charts, pictures, slug):
    seen = desk[slug]
    assert seen["wrong"] == []
    assert seen["drawn"] == charts[slug]
    assert (pictures / f"{slug}-1440.png").stat().st_size > 20_000


@pytest.mark.parametrize("slug", SLUGS)
def test_a_narrow_window_needs_no_sideways_scrolling(tablet, slug):
    assert tablet[slug]["wrong"] == []
    assert tablet[slug]["overflow"] <= 0
