"""The learner's own work in Superset: which charts and alerts there are, and what they return.

A chart counts as the learner's own unless it came with the course: every chart of superset/assets
has a uuid that is written there. What a chart is called, how it is drawn and on which dataset it
stands does not matter; its rows do.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd

from taproom import settings
from taproom.classroom import drawing
from taproom.exercises import Result

if TYPE_CHECKING:  # a notebook that has no use for Superset need not load its client
    from taproom.services.superset.client import Client, Refused

TEMPORAL = 2  # Superset's number for columns of time (GenericDataType)
SHOWS_LAST = "big_number"
# A check asks the charts changed last; running all that a year of work leaves would take minutes.
MOST_CHARTS = 50
UUID = re.compile(r"^uuid: ([0-9a-f-]{36})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Chart:
    """A saved chart; `changed` tells one state of it from the next."""

    id: int
    title: str
    viz_type: str
    changed: str

    def __str__(self) -> str:
        return f'"{self.title}"'


class Superset:
    """This home's Superset, signed in as the administrator unless another user is named.

    The address and the user of another one are read from TAPROOM_SUPERSET_URL and
    TAPROOM_SUPERSET_USER when a run or a class server sets them.
    """

    def __init__(self, user: str | None = None, password: str | None = None) -> None:
        self.user = user or os.environ.get("TAPROOM_SUPERSET_USER", "admin")
        self._password = password
        self.drawn: dict[str, list[int]] = {"report": [], "chart": [], "dataset": []}
        self.my_charts = Charts(self)
        self.my_alerts = Alerts(self)

    @property
    def url(self) -> str:
        """Where it is."""
        from taproom.services import superset

        return os.environ.get("TAPROOM_SUPERSET_URL") or superset.url()

    @cached_property
    def client(self) -> Client:
        """The REST client, signed in at the first use."""
        from taproom.services.superset.client import Client

        return Client(self.url, self.user, self._password or settings.password(self.user))

    def sign_in(self) -> str:
        """Sign in; says where Superset is and as whom."""
        return f"{self.client.url}, signed in as {self.user}"

    def draw(self, title: str, **how: Any) -> int:
        """A chart made by code; see taproom.classroom.drawing.draw. Its id."""
        return drawing.draw(self, title, **how)

    def alert(self, name: str, **how: Any) -> int:
        """An alert made by code; see taproom.classroom.drawing.alert. Its id."""
        return drawing.alert(self, name, **how)

    def tidy(self) -> str:
        """Remove what this notebook has made by code."""
        return drawing.tidy(self)

    def dashboards(self) -> pd.DataFrame:
        """Every dashboard, by title: slug and number of charts."""
        found = sorted(self.client.all("dashboard"), key=lambda one: one["dashboard_title"])
        return pd.DataFrame(
            {
                "dashboard": [one["dashboard_title"] for one in found],
                "slug": [one["slug"] for one in found],
                "charts": [len(self._charts(one["id"])) for one in found],
            }
        )

    def charts(self, dashboard: str) -> pd.DataFrame:
        """The charts of a dashboard, given by its slug: chart, viz_type, id."""
        rows = self._charts(dashboard)
        frame = pd.DataFrame(
            {
                "chart": [one["slice_name"] for one in rows],
                "viz_type": [one.get("form_data", {}).get("viz_type", "") for one in rows],
                "id": [one["id"] for one in rows],
            }
        )
        return frame.sort_values("chart", ignore_index=True)

    def metrics(self) -> pd.DataFrame:
        """Every saved metric of every dataset: dataset, metric, expression, is_certified."""
        rows = []
        for one in self.client.all("dataset"):
            for metric in self.client.get(f"dataset/{one['id']}")["result"]["metrics"]:
                certificate = json.loads(metric.get("extra") or "{}").get("certification")
                name, text = metric["metric_name"], metric["expression"]
                rows.append((one["table_name"], name, text, bool(certificate)))
        columns = ["dataset", "metric", "expression", "is_certified"]
        return pd.DataFrame(rows, columns=columns).sort_values(columns[:2], ignore_index=True)

    def rows(self, chart: int) -> pd.DataFrame:
        """What the first query of a chart returns."""
        return frame(self.client.chart_data(chart)["result"][0])

    def query_context(self, chart: int) -> dict[str, Any]:
        """What a chart sends to be given its rows."""
        return json.loads(self.client.get(f"chart/{chart}")["result"]["query_context"])

    def _charts(self, dashboard: int | str) -> list[dict[str, Any]]:
        return self.client.get(f"dashboard/{dashboard}/charts")["result"]


@dataclass
class Charts:
    """The learner's own charts, read when a check asks for them."""

    superset: Superset
    kind: str = "chart"
    _known: dict[tuple[int, str], list[Result]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Chart]:
        drawn = self.superset.drawn["chart"]
        own = [
            one
            for one in self.superset.client.all("chart")
            if one["id"] in drawn or not (_is_the_courses(one) or _is_a_solution(one))
        ]
        newest = sorted(own, key=lambda one: one["changed_on_utc"], reverse=True)
        for one in sorted(newest, key=lambda one: one["id"] not in drawn):
            yield Chart(one["id"], one["slice_name"], one["viz_type"], one["changed_on_utc"])

    def results(self) -> Iterator[Result]:
        """What they return, one after the other, the one changed last first.

        `notes` says of those read so far why some return nothing.
        """
        self.notes.clear()
        for chart in islice(self, MOST_CHARTS):
            yield from self._read(chart)

    def _read(self, chart: Chart) -> list[Result]:
        key = (chart.id, chart.changed)
        if key not in self._known:
            from taproom.services.superset.client import Refused

            try:
                answers = self.superset.client.chart_data(chart.id, fresh=True)["result"]
            except Refused as refusal:
                self.notes.append(_why_refused(chart, refusal))
                return []
            shows = "last" if chart.viz_type == SHOWS_LAST else "rows"
            found = [Result(frame(one), shows, chart.title) for one in answers]
            if all(one.frame.empty for one in found):
                self.notes.append(
                    f"Your chart {chart} returns no rows. A time range such as Last month is "
                    "counted from the computer's clock; the company's own stands elsewhere."
                )
                return []
            self._known[key] = found
        return self._known[key]


@dataclass
class Alerts:
    """The learner's alerts: the value each looks at, and when it fires."""

    superset: Superset
    kind: str = "alert"
    notes: list[str] = field(default_factory=list)

    def results(self) -> Iterator[Result]:
        """The value of every alert; `notes` says why some have none."""
        from taproom.classroom.connection import connect

        self.notes.clear()
        for one in self.superset.client.all("report"):
            if one["type"] != "Alert":
                continue
            alert = self.superset.client.get(f"report/{one['id']}")["result"]
            drawn = one["id"] in self.superset.drawn["report"]
            if alert.get("description") == drawing.MARK and not drawn:
                continue
            name = alert["name"]
            try:
                value = pd.read_sql(alert["sql"], connect())
            except Exception as error:  # whatever the database has to say about a learner's SQL
                words = str(error.__cause__ or error).strip().splitlines()[0]
                self.notes.append(f'The query of your alert "{name}" fails: {words}')
                continue
            if value.empty or value.iloc[0].isna().all():
                self.notes.append(
                    f'Your alert "{name}" looks at nothing: its query gives no value. The '
                    "company's clock is not the computer's; no query may ask for now()."
                )
                continue
            yield Result(value.head(1), "rows", name, _condition(alert))


def frame(answer: dict[str, Any]) -> pd.DataFrame:
    """One query's answer as a frame; columns of time as UTC datetimes."""
    rows = pd.DataFrame(answer.get("data") or [], columns=answer.get("colnames"))
    for name, kind in zip(answer.get("colnames") or (), answer.get("coltypes") or (), strict=False):
        if kind == TEMPORAL and pd.api.types.is_numeric_dtype(rows[name]):
            rows[name] = pd.to_datetime(rows[name], unit="ms", utc=True)
        elif kind == TEMPORAL:
            rows[name] = pd.to_datetime(rows[name], utc=True, errors="coerce")
    return rows


@cache
def course_uuids() -> frozenset[str]:
    """The uuids of the charts that came with the course."""
    files = (settings.repo() / "superset" / "assets").glob("**/charts/**/*.yaml")
    texts = [file.read_text(encoding="utf-8") for file in files]
    return frozenset(found[1] for text in texts if (found := UUID.search(text)))


def _is_the_courses(chart: dict[str, Any]) -> bool:
    return str(chart.get("uuid")) in course_uuids()


def _is_a_solution(chart: dict[str, Any]) -> bool:
    return chart.get("certified_by") == drawing.MARK


def _why_refused(chart: Chart, refusal: Refused) -> str:
    if "query_context" in refusal.message or "query context" in refusal.message:
        return f"Your chart {chart} was never saved in Superset's editor: open it and save it."
    return f"Your chart {chart} fails: {refusal.message}"


def _condition(alert: dict[str, Any]) -> tuple[str, float] | None:
    config = alert.get("validator_config_json") or {}
    config = json.loads(config) if isinstance(config, str) else config
    if alert.get("validator_type") != "operator" or "op" not in config:
        return None
    return config["op"], float(config["threshold"])
