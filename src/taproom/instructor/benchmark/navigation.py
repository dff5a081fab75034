"""Opening the dashboards: how long until a reader sees them, alone and among twenty.

    python -m taproom.instructor.benchmark.navigation

measures the platform that is up in this home and prints its lines; `./taproom bench` measures a
small company of its own. What is timed is the first view: the tab that opens, its header and the
numbers above it. The browser has the program of Superset's pages in its cache, as a reader has who
came yesterday; a cold round empties the cache of results, a warm one does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from time import perf_counter

from taproom import dashboards
from taproom.dashboards import browser, checks, exchange, files
from taproom.errors import TaproomError
from taproom.instructor.benchmark.asking import percentile
from taproom.instructor.benchmark.measure import Measure
from taproom.services import superset

ROUNDS = 10
VIEWERS = 20
CONNECTIONS = 6  # a browser opens no more to one server
EMPTY = "empty"


def measure() -> list[Measure]:
    """Lines for every dashboard; those of the browser only where there is one."""
    dashboards.import_assets()
    assets = files.read(files.folder())
    shown = {
        config["slug"]: first_view(config)
        for path, config in assets.items()
        if files.kind(path) == "dashboards"
    }
    lines = list(charts(assets))
    with empty_dashboard():
        counts = {EMPTY: 0} | {slug: len(uuids) for slug, uuids in shown.items()}
        if browser.chromium():
            lines += opened(counts)
        lines += [line for slug, uuids in shown.items() for line in together(slug, uuids)]
    return lines


def charts(assets: files.Assets) -> Iterator[Measure]:
    """Milliseconds of each chart's data by the API, asked of the database and of the cache."""
    superset.forget_results()
    with superset.client() as client:
        checks.ask(client, assets)  # connections, plans, buffers
        for fresh, how, goal in ((True, "of the database", 300), (False, "of the cache", None)):
            asked = [one for _ in range(3) for one in checks.ask(client, assets, fresh=fresh)]
            slowest = max(asked, key=lambda one: one.milliseconds)
            times = [one.milliseconds for one in asked]
            yield Measure(
                f"data of a chart, asked {how}, 95th percentile", percentile(times, 0.95), "ms",
                goal=goal, less=True,
                note=f"{len(asked) // 3} charts, median {median(times):.0f} ms, slowest "
                f"{slowest.milliseconds:.0f} ms: {slowest.path}",
            )  # fmt: skip


def opened(counts: dict[str, int]) -> list[Measure]:
    """Seconds in a browser until each dashboard's first view stood, cold and warm."""
    seconds: dict[str, dict[str, list[float]]] = {"cold": {}, "warm": {}}
    for how, rounds in (("cold", ROUNDS), ("warm", 1)):
        for _ in range(rounds):
            if how == "cold":
                superset.forget_results()
            found = browser.look(
                counts, rounds=1 if how == "cold" else ROUNDS, tabs=False, primed=True
            )
            for one in found:
                if one["seconds"] is None or one["wrong"]:
                    raise TaproomError(
                        f"The dashboard {one['dashboard']} does not come to its end.",
                        where="\n".join(one["wrong"]),
                        remedy="./taproom superset check asks each chart by itself",
                    )
                seconds[how].setdefault(one["dashboard"], []).append(one["seconds"])
    floor = seconds["warm"].pop(EMPTY)
    seconds["cold"].pop(EMPTY)
    lines = [
        Measure("opening an empty dashboard, 95th percentile", percentile(floor, 0.95), "s",
                less=True, note=f"what Superset itself takes; median {median(floor):.2f} s")
    ]  # fmt: skip
    for slug in seconds["warm"]:
        for how, goal in (("cold", 3), ("warm", 1)):
            times = seconds[how][slug]
            lines.append(
                Measure(f"opening {slug}, {how}, 95th percentile", percentile(times, 0.95), "s",
                        goal=goal, less=True,
                        note=f"{counts[slug]} charts in view, {len(times)} rounds, median "
                        f"{median(times):.2f} s")
            )  # fmt: skip
    return lines


def together(slug: str, uuids: list[str]) -> list[Measure]:
    """Seconds until a viewer has the data of a first view, alone and with nineteen others.

    By the API: twenty browsers on one machine would measure the browsers.
    """
    lines = []
    with superset.client() as client:
        ids = {one["uuid"]: one["id"] for one in client.all("chart")}
    numbers = [ids[uuid] for uuid in uuids]
    for viewers in (1, VIEWERS):
        clients = [superset.client() for _ in range(viewers)]
        try:
            times = [
                seconds
                for _ in range(ROUNDS if viewers == 1 else 2)
                for seconds in _at_once(clients, slug, numbers)
            ]
        finally:
            for client in clients:
                client.close()
        said = "one viewer" if viewers == 1 else f"{viewers} viewers at once"
        lines.append(
            Measure(f"all data of {slug}, {said}, 95th percentile", percentile(times, 0.95), "s",
                    less=True, note=f"warm, by the API; median {median(times):.2f} s")
        )  # fmt: skip
    return lines


def _at_once(clients: list[superset.Client], slug: str, numbers: list[int]) -> list[float]:
    def visit(client: superset.Client) -> float:
        began = perf_counter()
        for what in ("", "/charts", "/datasets"):
            client.get(f"dashboard/{slug}{what}")
        with ThreadPoolExecutor(CONNECTIONS) as connections:
            list(connections.map(client.chart_data, numbers))
        return perf_counter() - began

    with ThreadPoolExecutor(len(clients)) as viewers:
        return list(viewers.map(visit, clients))


def first_view(dashboard: dict) -> list[str]:
    """The uuids of the charts that are on no tab, or on the first one."""
    position = dashboard["position"]
    hidden = {
        tab
        for item in position.values()
        if isinstance(item, dict) and item.get("type") == "TABS"
        for tab in item["children"][1:]
    }
    shown = {
        key: item | {"meta": item.get("meta", {})}
        for key, item in position.items()
        if isinstance(item, dict) and not hidden.intersection(item.get("parents", []))
    }
    return exchange.charts_of(dashboard | {"position": shown})


@contextmanager
def empty_dashboard() -> Iterator[None]:
    """A dashboard with a line of text, to see what the others cost beyond it."""
    row, text = "ROW-empty", "MARKDOWN-empty"
    position = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [row], "parents": ["ROOT_ID"]},
        row: {"type": "ROW", "id": row, "children": [text], "parents": ["ROOT_ID", "GRID_ID"],
              "meta": {"background": "BACKGROUND_TRANSPARENT"}},
        text: {"type": "MARKDOWN", "id": text, "children": [],
               "parents": ["ROOT_ID", "GRID_ID", row],
               "meta": {"code": "Nothing here.", "width": 4, "height": 20}},
    }  # fmt: skip
    with superset.client() as client:
        for left in client.all("dashboard"):  # of a measuring that was broken off
            if left["slug"] == EMPTY:
                client.delete(f"dashboard/{left['id']}")
        made = client.post(
            "dashboard/",
            {"dashboard_title": "Empty", "slug": EMPTY, "position_json": json.dumps(position)},
        )
        try:
            yield
        finally:
            client.delete(f"dashboard/{made['id']}")


if __name__ == "__main__":
    from taproom.instructor.benchmark import table

    print(table.markdown(measure()))
