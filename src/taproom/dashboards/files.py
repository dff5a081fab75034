"""superset/assets as one mapping: the path of a file below the folder → what is in it.

The layout is Superset's own (databases/, datasets/<database>/, charts/, dashboards/), so that a
zip of the folder can be imported by hand as well.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import yaml

from taproom import settings

KINDS = ("databases", "datasets", "charts", "dashboards")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "superset.taproom")

Assets = dict[str, dict]


def folder() -> Path:
    """Where the repository keeps its assets."""
    return settings.repo() / "superset" / "assets"


def identity(path: str) -> str:
    """The uuid of a new asset: its path, hashed. A uuid stays when a file is renamed."""
    return str(uuid.uuid5(NAMESPACE, path))


def kind(path: str) -> str:
    """The first folder of a path: databases, datasets, charts or dashboards."""
    return path.split("/")[0]


def read(root: Path) -> Assets:
    """Every asset below `root`, by path, in the order Superset needs them."""
    return {
        str(file.relative_to(root)): yaml.safe_load(file.read_text())
        for one in KINDS
        for file in sorted((root / one).rglob("*.yaml"))
    }


def write(root: Path, assets: Assets) -> dict[str, list[str]]:
    """Make the files below `root` those of `assets`; which were made, changed and removed."""
    done: dict[str, list[str]] = {"made": [], "changed": [], "removed": []}
    for path, config in assets.items():
        target, text = root / path, dump(config)
        if not target.exists():
            done["made"].append(path)
        elif target.read_text() != text:
            done["changed"].append(path)
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for path in read(root).keys() - assets.keys():
        (root / path).unlink()
        done["removed"].append(path)
    return {what: sorted(paths) for what, paths in done.items()}


def dump(config: dict) -> str:
    """YAML with sorted keys, long texts as they read: a change of one thing is one line."""
    return yaml.dump(config, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=96)


def by_uuid(assets: Assets) -> dict[str, str]:
    """uuid → path."""
    return {config["uuid"]: path for path, config in assets.items()}


def slug(text: str) -> str:
    """A file name of a title."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "untitled"


class _Dumper(yaml.SafeDumper):
    pass


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # A block keeps neither tabs nor spaces before the end of a line.
    block = "\n" in value and not re.search(r"[ \t]\n|\t", value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)


_Dumper.add_representer(str, _text)
