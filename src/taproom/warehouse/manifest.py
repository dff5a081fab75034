"""What dbt knows of the project, read from its manifest: models, columns, tests, parents.

Parsing needs no database. It has a target folder of its own and always the same environment, so
that dbt's partial parsing works and the next reading takes a second or two instead of ten.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from taproom import settings
from taproom.errors import TaproomError
from taproom.warehouse import runner

MARKED = re.compile(r"columns_marked\(\s*['\"](\w+)['\"]\s*,\s*['\"](\w+)['\"]\s*\)")
WORD = re.compile(r"\w+")
# A comment names columns it does not read.
COMMENT = re.compile(r"{#.*?#}|--[^\n]*", re.DOTALL)


@dataclass
class Column:
    """One column as its yml has it; `tested_by` names the tests and constraints that name it."""

    name: str
    type: str
    description: str
    meta: dict
    tested_by: set[str] = field(default_factory=set)
    values: tuple[str, ...] = ()  # of accepted_values
    refers_to: tuple[str, str] | None = None  # (model, column) of relationships


@dataclass
class Model:
    """One dbt model."""

    name: str
    layer: str  # staging, intermediate, entities or marts
    folder: str  # below the layer: a source, a domain, an entity or a dashboard
    description: str
    materialized: str
    tags: tuple[str, ...]
    columns: dict[str, Column]
    parents: tuple[str, ...]  # names of models; sources as source.<source>.<table>
    code: str  # as written, comments included
    keys: list[tuple[str, ...]] = field(default_factory=list)  # of unique and unique_rows tests
    unit_tests: list[str] = field(default_factory=list)

    @property
    def relation(self) -> str:
        """schema.table in the database."""
        return f"{self.layer}.{self.name}"


def models(target: str = "manifest") -> dict[str, Model]:
    """Name -> model, in the order of layers and folders. Parses the project.

    Raises TaproomError when dbt cannot parse it.
    """
    return _models(runner.fingerprint(), target)


@lru_cache(maxsize=2)
def _models(_fingerprint: str, target: str) -> dict[str, Model]:
    return read(parse(target))


def parse(target: str = "manifest") -> dict:
    """dbt's manifest of the project as it is now."""
    folder = settings.home() / "dbt" / f"_{target}"
    variables = {
        "DBT_PROJECT_DIR": str(runner.project()),
        "DBT_PROFILES_DIR": str(runner.project()),
        "DBT_TARGET_PATH": str(folder),
        "DBT_LOG_PATH": str(settings.logs() / "dbt" / "_manifest"),
        # parsing changes nothing in a database and must not depend on one
        "TAPROOM_PG_HOST": settings.HOST,
        "TAPROOM_PG_PORT": "5432",
        "TAPROOM_PG_DATABASE": settings.DATABASE,
        "TAPROOM_PG_USER": settings.OWNER,
        "TAPROOM_PG_PASSWORD": "not used",
        "TAPROOM_DBT_PROJECT": "parsed",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    result = runner.invoke(["--quiet", "parse"], variables)
    if not result.success:
        raise TaproomError(
            "dbt cannot parse the project.",
            where=str(result.exception or folder),
            remedy="./taproom build parse says more",
        )
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def read(manifest: dict) -> dict[str, Model]:
    """The models of a manifest, with what tests them."""
    names = {
        unique_id: node["name"]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    found = {}
    for unique_id in sorted(names, key=lambda one: manifest["nodes"][one]["fqn"]):
        node = manifest["nodes"][unique_id]
        found[node["name"]] = Model(
            name=node["name"],
            layer=node["fqn"][1],
            folder=node["fqn"][2] if len(node["fqn"]) > 3 else "",
            description=_one_line(node["description"]),
            materialized=node["config"]["materialized"],
            tags=tuple(node["config"]["tags"]),
            columns={name: _column(column) for name, column in node["columns"].items()},
            parents=tuple(
                names.get(parent, parent.replace("source.taproom.", "source."))
                for parent in node["depends_on"]["nodes"]
            ),
            code=node["raw_code"],
        )
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test":
            _note_test(node, names, found)
    for unit_test in manifest["unit_tests"].values():
        model = found[unit_test["model"]]
        model.unit_tests.append(unit_test["name"])
        rows = unit_test["expect"]["rows"] or []
        for name in {name for row in rows if isinstance(row, dict) for name in row}:
            _tested(model, name, f"unit test {unit_test['name']}")
    return found


def _column(column: dict) -> Column:
    found = Column(
        name=column["name"],
        type=column["data_type"] or "",
        description=_one_line(column["description"]),
        meta={**column["meta"], **column["config"]["meta"]},
    )
    found.tested_by |= {f"constraint {one['type']}" for one in column["constraints"]}
    return found


def _note_test(node: dict, names: dict[str, str], found: dict[str, Model]) -> None:
    about = node.get("test_metadata")
    if about is None:
        _note_singular(node, names, found)
        return
    model = found.get(names.get(node["attached_node"], ""))
    if model is None:
        return
    kwargs, kind = about["kwargs"], about["name"]
    if column := node["column_name"]:
        _tested(model, column, kind)
    _note_words(model, [v for k, v in kwargs.items() if k not in ("model", "column_name")], kind)
    if kind in ("unique", "unique_rows"):
        model.keys.append((column,) if column else tuple(kwargs["columns"]))
    if kind == "accepted_values" and column in model.columns:
        model.columns[column].values = tuple(map(str, kwargs["values"]))
    if kind == "relationships" and column in model.columns:
        to = re.search(r"ref\(\s*['\"](\w+)['\"]", kwargs["to"])
        if to:
            model.columns[column].refers_to = (to[1], kwargs["field"])


def _note_singular(node: dict, names: dict[str, str], found: dict[str, Model]) -> None:
    """A test of its own file tests the columns it names of the models it reads."""
    code = COMMENT.sub(" ", node["raw_code"])
    read = [found[names[parent]] for parent in node["depends_on"]["nodes"] if parent in names]
    for model in read:
        _note_words(model, code, node["name"])
    for name, flag in MARKED.findall(code):
        marked = [c.name for c in found[name].columns.values() if c.meta.get(flag)]
        for model in read:
            for column in marked:
                _tested(model, column, node["name"])


def _note_words(model: Model, text: object, test: str) -> None:
    for word in set(WORD.findall(str(text))).intersection(model.columns):
        _tested(model, word, test)


def _tested(model: Model, column: str, test: str) -> None:
    if column in model.columns:
        model.columns[column].tested_by.add(test)


def _one_line(text: str) -> str:
    return " ".join((text or "").split())


def coverage(found: dict[str, Model]) -> dict[str, tuple[int, int]]:
    """Layer -> (columns that a test or constraint names, columns)."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for model in found.values():
        counts[model.layer][0] += sum(bool(c.tested_by) for c in model.columns.values())
        counts[model.layer][1] += len(model.columns)
    return {layer: (tested, every) for layer, (tested, every) in counts.items()}


def untested(found: dict[str, Model]) -> dict[str, list[str]]:
    """Model -> its columns that no test and no constraint names."""
    missing = {
        model.name: [c.name for c in model.columns.values() if not c.tested_by]
        for model in found.values()
    }
    return {name: columns for name, columns in missing.items() if columns}
