"""The HTML report of a run: one page for the run, one a notebook, nothing from a network.

A figure is stored in a notebook as data (`application/vnd.plotly.v1+json`); its page draws it
with the plotly.js that is copied once beside the report. The figure's alt text is read from
`layout.meta["alt"]`.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
from functools import cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from taproom.instructor.record import FAILED, GREEN, RUNNING, STOPPED, WAITING, Record, Step

TEMPLATES = Path(__file__).parent / "templates"
PLOTLY = "application/vnd.plotly.v1+json"
WORDS = {
    GREEN: "green",
    FAILED: "failed",
    STOPPED: "stopped",
    RUNNING: "running",
    WAITING: "not run",
}


def write(record: Record, folder: Path) -> Path:
    """Write index.html and its assets into `folder`, beside run.json; returns the page."""
    _assets(folder)
    record.write(folder)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    longest = max((s.seconds or 0 for s in record.steps), default=0) or 1
    started = record.started_at.replace("T", " ").replace("+00:00", " UTC")
    page = environment.get_template("index.html.j2").render(
        record=record,
        words=WORDS,
        headline=headline(record),
        subline=f"{record.world.get('world_id', 'no world yet')} · started {started}",
        facts=facts(record),
        page=page_of,
        share=lambda step: round(100 * (step.seconds or 0) / longest, 1),
        remedy=remedy,
    )
    index = folder / "index.html"
    index.write_text(page, encoding="utf-8")
    return index


def headline(record: Record) -> str:
    """One sentence: how the run ended."""
    done = sum(step.state == GREEN for step in record.notebooks)
    total = len(record.notebooks)
    failed = next((s for s in record.steps if s.state == FAILED), None)
    if failed:
        place = f"“{failed.notebook or failed.title}”"
        return f"{place} failed; {done} of {total} notebooks are green"
    if record.state == STOPPED:
        return f"Interrupted: {done} of {total} notebooks green"
    if record.state == RUNNING:
        return f"Running: {done} of {total} notebooks green"
    return f"Every notebook is green: {done} of {total}"


def facts(record: Record) -> list[tuple[str, str]]:
    """The run in a few boxes."""
    world = record.world
    rows = [
        ("Scale", record.scale),
        ("Seed", str(record.seed)),
        ("The world's today", str(world.get("as_of", "")).replace("T00:00:00Z", " 00:00 UTC")),
        ("Rows delivered", f"{world['rows']:,}" if "rows" in world else ""),
        ("Minutes", f"{record.seconds / 60:.1f}" if record.seconds else ""),
        (
            "First notebook after",
            f"{record.first_notebook_seconds:.0f} s" if record.first_notebook_seconds else "",
        ),
        (
            "Most memory",
            f"{record.peak_memory_bytes / 2**20:,.0f} MiB" if record.peak_memory_bytes else "",
        ),
        ("Machine", f"{record.machine['cores']} cores, {record.machine['system']}"),
    ]
    return [(name, value) for name, value in rows if value]


def remedy(step: Step) -> str:
    """What to do about a failed step."""
    if not step.notebook:
        return "After the cause is gone, ./taproom run goes on where it stopped."
    number = Path(step.notebook).name[:2]
    return (
        "The page of this notebook shows the whole error. If its tables or clock were changed, "
        f"./taproom reset brings them back; then ./taproom run --from {number} goes on from here."
    )


def page_of(key: str) -> str:
    """The page of a notebook, seen from the index."""
    folder, name = key.split("/")
    return f"{folder}/{name}.html"


def write_notebook(executed: Path, folder: Path) -> None:
    """Turn an executed copy into the page beside it."""
    import nbformat

    _assets(folder)
    notebook = nbformat.read(executed, as_version=4)
    for index, cell in enumerate(notebook.cells):
        for order, output in enumerate(cell.get("outputs", [])):
            figure = output.get("data", {}).get(PLOTLY)
            if figure:
                output["data"] = {"text/html": figure_html(figure, f"figure-{index}-{order}")}
                output["metadata"] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body, _ = _exporter().from_notebook_node(
            notebook, resources={"metadata": {"name": executed.stem}}
        )
    executed.with_suffix(".html").write_text(body, encoding="utf-8")


def figure_html(figure: dict, name: str) -> str:
    """A figure as a drawing for eyes and its alt text for everyone else.

    `</` and `<!--` are escaped, so that no label can end the script it stands in.
    """
    layout = figure.get("layout", {})
    meta = layout.get("meta")
    alt = meta.get("alt", "") if isinstance(meta, dict) else ""
    height = layout.get("height")
    style = f' style="height: {int(height)}px"' if height else ' style="min-height: 26rem"'
    data, drawn = (
        json.dumps(part).replace("<", "\\u003c") for part in (figure.get("data", []), layout)
    )
    return (
        f'<div id="{name}" class="taproom-figure" role="img" aria-label="{escape(alt)}"{style}>'
        f"</div><script>Plotly.newPlot({json.dumps(name)}, {data}, {drawn}, "
        "{responsive: true, displayModeBar: false});</script>"
    )


@cache
def _exporter():
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(raw_template=(TEMPLATES / "notebook.html.j2").read_text("utf-8"))
    exporter.exclude_anchor_links = True
    return exporter


def _assets(folder: Path) -> None:
    """Style sheets and plotly.js, once a run."""
    assets = folder / "assets"
    if (assets / "plotly.min.js").exists():
        return
    import plotly

    assets.mkdir(parents=True, exist_ok=True)
    for style in TEMPLATES.glob("*.css"):
        shutil.copyfile(style, assets / style.name)
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    try:
        os.link(library, assets / "plotly.min.js")
    except OSError:
        shutil.copyfile(library, assets / "plotly.min.js")
