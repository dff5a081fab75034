"""From the files to Superset and back again."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import yaml

from taproom import settings
from taproom.dashboards import files, normal
from taproom.dashboards.files import Assets
from taproom.errors import TaproomError
from taproom.services import postgres
from taproom.services.superset.client import Client, Refused

# Superset wants a time in the bundle; ours is made of the files alone.
METADATA = {"version": "1.0.0", "type": "assets", "timestamp": "2024-01-01T00:00:00+00:00"}


def load(client: Client, assets: Assets, address: str | None = None) -> dict[str, list[str]]:
    """Make Superset's objects those of the files, by uuid; which were made, changed and were so.

    What is in Superset and not in the files stays: learners' charts live beside ours. The charts
    read from the database at `address` (host:port/database), by default the course's.
    """
    before = taken(client, assets)
    passwords = {
        path: settings.password(settings.SUPERSET)
        for path in assets
        if files.kind(path) == "databases"
    }
    try:
        client.post(
            "assets/import/",
            files={
                "bundle": (
                    "assets.zip",
                    bundle(assets, address or course_database()),
                    "application/zip",
                )
            },
            data={"passwords": json.dumps(passwords)},
            # Seconds on an idle machine; a busy one was seen to take more than one minute.
            timeout=900,
        )
    except Refused as refusal:
        raise TaproomError(
            "Superset did not take the assets; it says why in its log only.",
            where=f"{refusal.where}\n{settings.logs() / 'superset.log'}",
            remedy="./taproom superset check names what is wrong with the files",
        ) from refusal
    done: dict[str, list[str]] = {"made": [], "changed": [], "as they were": []}
    for path, config in assets.items():
        old = before.get(path)
        how = "made" if old is None else "as they were" if old == config else "changed"
        done[how].append(path)
    return done


def store(client: Client, root: Path, new: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Make the files below `root` what is in Superset now; which were made, changed, removed.

    `new` are the slugs of dashboards that have no file yet.
    """
    known = files.read(root)
    found = taken(client, known, new)
    if known and not any(files.kind(path) == "dashboards" for path in found):
        raise TaproomError(
            "None of the dashboards of the files is in Superset; nothing was written.",
            where=str(root),
            remedy="./taproom superset import",
        )
    return files.write(root, found)


def taken(client: Client, known: Assets, new: tuple[str, ...] = ()) -> Assets:
    """Superset's objects in normal form that belong to the files: by uuid, and what those use.

    A chart put on one of the dashboards belongs there, and so does its dataset. A new object
    gets a path of its title; a known one keeps its own.
    """
    objects = {config["uuid"]: (kind, config) for kind, config in opened(client)}
    paths = files.by_uuid(known)
    wanted = {uuid: path for uuid, path in paths.items() if uuid in objects}
    for slug in new:
        _want(wanted, _dashboard(objects, slug), f"dashboards/{files.slug(slug)}.yaml")
    for uuid in [*wanted]:
        kind, config = objects[uuid]
        if kind == "dashboards":
            for chart in charts_of(config):
                if chart in objects:
                    _want(wanted, chart, _chart_path(wanted[uuid], objects[chart][1], wanted))
    # Charts and filters name datasets, datasets name databases.
    for kind in ("dashboards", "charts", "datasets"):
        for uuid in [one for one in wanted if objects[one][0] == kind]:
            for other in uses(kind, objects[uuid][1]):
                if other in objects:
                    _want(wanted, other, _source_path(objects, other))
    return {
        path: normal.normal(*objects[uuid])
        for uuid, path in sorted(wanted.items(), key=lambda one: _order(one[1]))
    }


def opened(client: Client) -> list[tuple[str, dict]]:
    """(kind, content) of everything Superset exports, as it comes."""
    found = []
    with zipfile.ZipFile(io.BytesIO(client.bytes("assets/export/"))) as archive:
        for name in archive.namelist():
            parts = name.split("/")
            if len(parts) > 2 and parts[1] in files.KINDS:
                found.append((parts[1], yaml.safe_load(archive.read(name))))
    return found


def bundle(assets: Assets, address: str) -> bytes:
    """The zip Superset imports: all defaults said, the database at `address`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/metadata.yaml", files.dump(METADATA))
        for path, config in assets.items():
            full = normal.complete(files.kind(path), config, address)
            archive.writestr(f"assets/{path}", files.dump(full))
    return buffer.getvalue()


def course_database() -> str:
    """host:port/database of this installation."""
    return postgres.url(settings.SUPERSET).split("@")[-1].split("?")[0]


def charts_of(dashboard: dict) -> list[str]:
    """The uuids of the charts a dashboard shows, each once."""
    found = [
        item["meta"]["uuid"]
        for item in dashboard.get("position", {}).values()
        if isinstance(item, dict) and item.get("type") == "CHART" and "uuid" in item["meta"]
    ]
    return list(dict.fromkeys(found))


def uses(kind: str, config: dict) -> list[str]:
    """The uuids of the datasets or databases an asset names."""
    if kind == "dashboards":
        return [
            target["datasetUuid"]
            for one in config.get("metadata", {}).get("native_filter_configuration", [])
            for target in one.get("targets", [])
            if target.get("datasetUuid")
        ]
    return [config[{"charts": "dataset_uuid", "datasets": "database_uuid"}[kind]]]


def _dashboard(objects: dict[str, tuple[str, dict]], slug: str) -> str:
    for uuid, (kind, config) in objects.items():
        if kind == "dashboards" and config.get("slug") == slug:
            return uuid
    raise TaproomError(
        f"There is no dashboard with the slug {slug} in Superset.",
        remedy="give it one: Edit dashboard, Edit properties, URL slug",
    )


def _want(wanted: dict[str, str], uuid: str, path: str) -> None:
    if uuid in wanted:
        return
    taken_already, stem, n = set(wanted.values()), path.removesuffix(".yaml"), 1
    while path in taken_already:
        n += 1
        path = f"{stem}_{n}.yaml"
    wanted[uuid] = path


def _chart_path(dashboard: str, chart: dict, wanted: dict[str, str]) -> str:
    name = dashboard.removeprefix("dashboards/").removesuffix(".yaml")
    return f"charts/{name}_{files.slug(chart['slice_name'])}.yaml"


def _source_path(objects: dict[str, tuple[str, dict]], uuid: str) -> str:
    kind, config = objects[uuid]
    if kind == "databases":
        return f"databases/{config['database_name'].replace(' ', '_')}.yaml"
    database = objects[config["database_uuid"]][1]["database_name"].replace(" ", "_")
    schema = f"{config['schema']}_" if config.get("schema") else ""
    return f"datasets/{database}/{schema}{files.slug(config['table_name'])}.yaml"


def _order(path: str) -> tuple[int, str]:
    return files.KINDS.index(files.kind(path)), path
