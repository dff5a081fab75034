"""What is wrong with the assets: by reading the files, and by asking each chart for its rows."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from taproom.dashboards import files, normal
from taproom.dashboards.exchange import charts_of, uses
from taproom.dashboards.files import Assets
from taproom.errors import TaproomError
from taproom.services.superset.client import Client

# Two days, or open to one side; anything else in a range is told by the wall clock.
ABSOLUTE = re.compile(r"^(\d{4}-\d\d-\d\d\S*)? ?: ?(\d{4}-\d\d-\d\d\S*)?$")
RANGES = {"time_range", "since", "until", "from_dttm", "to_dttm"}
SHIFTS = {"time_compare", "time_offsets", "time_shift", "start_date_offset"}
STATEMENTS = {"sqlExpression", "expression", "where", "having", "sql", "clause",
              "fetch_values_predicate"}  # fmt: skip
CLOCK = re.compile(
    r"\b(now|current_date|current_timestamp|current_time|localtime|localtimestamp|clock_timestamp"
    r"|statement_timestamp|transaction_timestamp|today|getdate|sysdate)\b",
    re.IGNORECASE,
)
# Where a chart's params name saved metrics.
METRICS = ("metric", "metrics", "metrics_b", "secondary_metric", "size", "x", "y",
           "percent_metrics", "timeseries_limit_metric", "tooltip_metrics")  # fmt: skip
NEEDED = {
    "databases": {"database_name", "sqlalchemy_uri", "uuid", "version"},
    "datasets": {"table_name", "columns", "database_uuid", "uuid", "version"},
    "charts": {"slice_name", "viz_type", "params", "query_context", "dataset_uuid", "uuid",
               "version"},
    "dashboards": {"dashboard_title", "position", "metadata", "uuid", "version"},
}  # fmt: skip


Findings = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """What a chart answered: rows of each of its queries, milliseconds, what went wrong."""

    path: str
    title: str
    rows: list[int]
    milliseconds: float
    error: str = ""

    @property
    def good(self) -> bool:
        """Every query gave rows and none an error."""
        return not self.error and bool(self.rows) and all(self.rows)


def problems(assets: Assets) -> list[str]:
    """What is wrong with the files, one sentence each, naming the file; empty when all is well."""

    def broken(*rules: Callable[[Assets], Findings]) -> list[str]:
        return [f"{path}: {what}" for rule in rules for path, what in rule(assets)]

    # The other rules read what every file must have.
    return broken(_needed) or broken(
        _uuids, _references, _normal, _clock, _certified, _shown, _columns
    )


def ask(client: Client, assets: Assets, fresh: bool = True) -> list[Asked]:
    """Every chart of the files, asked for its rows; `fresh` goes past the cache."""
    ids = {one["uuid"]: one["id"] for one in client.all("chart")}
    answers = []
    for path, chart in assets.items():
        if files.kind(path) != "charts":
            continue
        start, rows, error = time.perf_counter(), [], ""
        try:
            if chart["uuid"] not in ids:
                raise TaproomError("It is not in Superset: ./taproom superset import")
            queries = client.chart_data(ids[chart["uuid"]], fresh=fresh)["result"]
            rows = [query["rowcount"] or 0 for query in queries]
            error = "; ".join(query["error"] for query in queries if query.get("error"))
        except TaproomError as refusal:
            error = refusal.what
        milliseconds = (time.perf_counter() - start) * 1000
        answers.append(Asked(path, chart["slice_name"], rows, milliseconds, error))
    return answers


def _needed(assets: Assets) -> Findings:
    for path, config in assets.items():
        missing = NEEDED[files.kind(path)] - config.keys()
        if missing:
            yield path, f"lacks {', '.join(sorted(missing))}"


def _uuids(assets: Assets) -> Findings:
    count = Counter(config.get("uuid") for config in assets.values())
    for path, config in assets.items():
        if count[config.get("uuid")] > 1:
            yield path, f"its uuid {config.get('uuid')} is that of another asset, too"
    numbers = Counter(
        normal.number(config["uuid"])
        for path, config in assets.items()
        if files.kind(path) == "charts"
    )
    for path, config in assets.items():
        if files.kind(path) == "charts" and numbers[normal.number(config["uuid"])] > 1:
            yield path, "its uuid begins like another chart's: dashboards tell charts apart by it"


def _references(assets: Assets) -> Findings:
    paths = files.by_uuid(assets)
    for path, config in assets.items():
        kind = files.kind(path)
        if kind == "databases":
            continue
        for uuid in uses(kind, config):
            if uuid not in paths:
                yield path, f"names {uuid}, which is in no file"
        if kind == "dashboards":
            for uuid in charts_of(config):
                if uuid not in paths:
                    yield path, f"shows the chart {uuid}, which is in no file"


def _normal(assets: Assets) -> Findings:
    for path, config in assets.items():
        if normal.normal(files.kind(path), config) != config:
            yield path, "is not in normal form: ./taproom superset export would change it"


def _clock(assets: Assets) -> Findings:
    for path, config in assets.items():
        for key, value in _leaves(config):
            if key in RANGES and not _absolute(value):
                yield path, f"{key} is {value!r}, a range told by the wall clock"
            elif key in SHIFTS and value:
                yield path, f"{key} is {value!r}, a shift of such a range"
            elif key in STATEMENTS and isinstance(value, str) and CLOCK.search(value):
                yield path, f"{key} asks the wall clock: {value}"
            elif key == "filter" and not _absolute(value):
                yield path, f"a time filter is {value!r}, a range told by the wall clock"


def _absolute(value: Any) -> bool:
    return value in (None, "", "No filter") or bool(ABSOLUTE.match(str(value)))


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """(key, value) of everything that is neither a list nor a mapping, JSON texts opened."""
    if key == "query_context" and isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, dict):
        # A filter over time has its range where others have the value they compare with.
        if "TEMPORAL_RANGE" in (value.get("operator"), value.get("op")):
            yield "filter", value.get("comparator", value.get("val"))
        for name, one in value.items():
            yield from _leaves(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, key)
    else:
        yield key, value


def _certified(assets: Assets) -> Findings:
    metrics: dict[str, dict[str, dict]] = {}
    for path, config in assets.items():
        if files.kind(path) == "datasets":
            own = metrics[config["uuid"]] = {}
            for one in config.get("metrics", []):
                own[one["metric_name"]] = one
                if not ((one.get("extra") or {}).get("certification") or {}).get("certified_by"):
                    yield path, f"the metric {one['metric_name']} is not certified"
                if not one.get("description"):
                    yield path, f"the metric {one['metric_name']} is not described"
    for path, config in assets.items():
        if files.kind(path) == "charts":
            for one in _metrics(config):
                if not isinstance(one, str):
                    yield path, f"measures by a formula of its own: {json.dumps(one)[:80]}"
                elif one not in metrics.get(config["dataset_uuid"], {}):
                    yield path, f"its dataset has no metric {one}"


def _metrics(chart: dict) -> Iterator[Any]:
    for key in METRICS:
        value = chart["params"].get(key)
        yield from (value if isinstance(value, list) else [value] if value else [])
    for query in json.loads(chart["query_context"])["queries"]:
        yield from query.get("metrics") or []


def _shown(assets: Assets) -> Findings:
    shown = {
        uuid
        for path, config in assets.items()
        if files.kind(path) == "dashboards"
        for uuid in charts_of(config)
    }
    for path, config in assets.items():
        if files.kind(path) == "charts" and config["uuid"] not in shown:
            yield path, "is on no dashboard"


def _columns(assets: Assets) -> Findings:
    known = {
        config["uuid"]: {column["column_name"] for column in config["columns"]}
        for path, config in assets.items()
        if files.kind(path) == "datasets"
    }
    for path, config in assets.items():
        if files.kind(path) == "charts" and config["dataset_uuid"] in known:
            for name in _named(config):
                if name not in known[config["dataset_uuid"]]:
                    yield path, f"its dataset has no column {name}"
        elif files.kind(path) == "dashboards":
            for one in config["metadata"].get("native_filter_configuration", []):
                for target in one.get("targets", []):
                    column = (target.get("column") or {}).get("name")
                    if column and column not in known.get(target.get("datasetUuid"), {column}):
                        yield path, f"the filter {one['name']} is on {column}, no column"


def _named(chart: dict) -> set[str]:
    found = set()
    for query in json.loads(chart["query_context"])["queries"]:
        for column in [*query.get("columns", []), *query.get("groupby", [])]:
            if isinstance(column, str):
                found.add(column)
            elif column.get("isColumnReference"):
                found.add(column["sqlExpression"])
        found |= {one["col"] for one in query.get("filters", []) if isinstance(one["col"], str)}
    return found
