"""The data dictionary, docs/tables.md: every entity and mart as dbt's manifest has it.

For each table what one row is and what is left out, its key, how often it is fresh, who reads
it, and each column with its type, its meaning, its values and where it leads; for each entity a
picture.
"""

from __future__ import annotations

from pathlib import Path

from taproom.instructor import entity_picture, reading
from taproom.warehouse.manifest import Column, Model

WRITTEN = "<!-- Written by `python -m taproom.instructor.reference`; edit dbt's yml files. -->\n"
MARTS = "What one dashboard needs, mostly from one entity."
RHYTHMS = {
    "atomic": "with every load, at most 15 minutes behind",
    "hourly": "every hour",
    "daily": "when a UTC day has closed",
    "weekly": "when a UTC day has closed; scheduled weekly",
    "monthly": "when a UTC day has closed; scheduled monthly",
}
ORDER = ("customers", "subscriptions", "users", "devices", "locations", "campaigns", "features")
KINDS = {
    "question": "questions",
    "mart": "marts",
    "dashboard": "dashboards",
    "notebook": "notebooks",
    "solution": "exercises",
}


def page(models: dict[str, Model]) -> str:
    """The whole page."""
    found = reading.readers(models)
    head = (Path(__file__).parent / "templates" / "tables.md").read_text(encoding="utf-8")
    lines = ["# Tables", WRITTEN, head, "| | tables |", "|---|---|"]
    chapters = [("entities", folder) for folder in entities(models)]
    chapters += [("marts", folder) for folder in _folders(models, "marts")]
    for layer, folder in chapters:
        links = [f"[`{m.name}`](#{_anchor(m)})" for m in _of(models, layer, folder)]
        what = folder if layer == "entities" else f"marts: {folder.replace('_', ' ')}"
        lines.append(
            f"| [{what}](#{what.replace(': ', '-').replace(' ', '-')}) | {', '.join(links)} |"
        )
    for layer, folder in chapters:
        if layer == "entities":
            lines += ["", f"## {folder}", ""]
            lines += [f"![The tables of {folder} and their keys](images/entities/{folder}.svg)"]
        else:
            lines += ["", f"## marts: {folder.replace('_', ' ')}", "", MARTS]
        for model in _of(models, layer, folder):
            lines += table(model, models, found)
    lines += ["", "## sources", "", "What the connectors deliver: [sources](sources/README.md)."]
    return "\n".join(lines) + "\n"


def pictures(models: dict[str, Model]) -> dict[str, str]:
    """File name below docs/ -> SVG, one an entity."""
    return {
        f"images/entities/{entity}.svg": entity_picture.draw(entity, models)
        for entity in entities(models)
    }


def entities(models: dict[str, Model]) -> list[str]:
    """The folders of the entities there are, in the order of the course."""
    there = _folders(models, "entities")
    return [*(one for one in ORDER if one in there), *(one for one in there if one not in ORDER)]


def table(model: Model, models: dict[str, Model], found: list[reading.Reader]) -> list[str]:
    """One table: heading, facts, its columns folded away."""
    facts = []
    if model.keys:
        key = min(model.keys, key=len)
        facts.append("Key: " + ", ".join(f"`{name}`" for name in key) + ".")
    facts += [f"Fresh: {RHYTHMS[tag]}." for tag in model.tags if tag in RHYTHMS]
    if by := read_by(model, found):
        facts.append(f"Read by {by}.")
    asked = [r.name for r in reading.of_table(model.name, found) if r.kind == "further"]
    rows = [
        f"| `{column.name}` | {column.type} | {meaning(column, models)} |"
        for column in model.columns.values()
    ]
    return [
        *("", f"### {model.relation}", "", escape(model.description)),
        *(["", " ".join(facts)] if facts else []),
        *(["", "It also answers, by itself: " + " ".join(asked)] if asked else []),
        *("", f"<details><summary>{len(rows)} columns</summary>", ""),
        *("| column | type | meaning |", "|---|---|---|"),
        *(*rows, "", "</details>"),
    ]


def read_by(model: Model, found: list[reading.Reader]) -> str:
    """Who names the table, by kind."""
    groups = []
    readers = reading.of_table(model.name, found)
    for kind, plural in KINDS.items():
        names = sorted(r.name for r in readers if r.kind == kind and r.name != model.name)
        if kind in ("notebook", "solution"):
            names = [name.split("-")[0] for name in names]
        if kind == "mart":
            names = [f"`{name}`" for name in names]
        if names:
            groups.append(f"{plural} {', '.join(names)}")
    return "; ".join(groups)


def meaning(column: Column, models: dict[str, Model]) -> str:
    """Description, values of an enum that it does not name, and where a key leads."""
    text = escape(column.description)
    if any(value not in column.description for value in column.values):
        text += " One of " + ", ".join(f"`{value}`" for value in column.values) + "."
    if column.refers_to and column.refers_to[0] in models:
        target, name = column.refers_to
        text += f" Leads to `{target}.{name}`."
    return text


def escape(text: str) -> str:
    """Text for a table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _folders(models: dict[str, Model], layer: str) -> list[str]:
    return sorted({model.folder for model in models.values() if model.layer == layer})


def _of(models: dict[str, Model], layer: str, folder: str) -> list[Model]:
    """The atomic table, its grains, its history last."""
    own = [m for m in models.values() if m.layer == layer and m.folder == folder]
    return sorted(own, key=lambda m: (m.name.endswith("_history"), len(m.name), m.name))


def _anchor(model: Model) -> str:
    return model.relation.replace(".", "")
