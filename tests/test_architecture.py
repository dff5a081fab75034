"""Which room may import which: the arrows of docs/architecture.md, read from the source."""

from __future__ import annotations

import ast
import re

import pytest

from taproom import settings

PACKAGE = settings.repo() / "src" / "taproom"

# `settings`, `errors` and `contracts` know nobody and may be known by (nearly) everybody.
BASE = {"settings", "errors", "contracts"}
ALLOWED: dict[str, set[str]] = {
    "bootstrap": set(),
    "settings": set(),
    "errors": set(),
    "contracts": {"errors"},
    "world": {"contracts", "errors"},
    # Superset has an environment of its own, made on first use.
    "services": {*BASE, "bootstrap"},
    "ingest": {*BASE, "services"},
    "exercises": set(),
    # Answers are sealed anew whenever the tables are built anew.
    "warehouse": {*BASE, "services", "ingest", "world", "answers"},
    "classroom": {*BASE, "services", "exercises"},
    "answers": {"contracts", "world", "exercises", "errors"},
    # What a dashboard's builder reads and writes: files and Superset's API, never the tables.
    # The browser it looks with has an environment of its own.
    "dashboards": {*BASE, "bootstrap", "services"},
    "instructor": {*BASE, "bootstrap", "dashboards", "exercises", "classroom", "answers",
                   "services", "warehouse", "ingest", "world"},
    "commands": {*BASE, "dashboards", "services", "world"},
    "cli": {*BASE, "commands", "dashboards", "instructor", "classroom", "services", "warehouse",
            "ingest", "world"},
}  # fmt: skip
ROOMS = sorted(p.stem for p in PACKAGE.iterdir() if p.stem not in ("__init__", "__pycache__"))


def imports(room: str) -> set[tuple[str, str]]:
    """(file, room) of every import of the package in this room, wherever it stands."""
    folder = PACKAGE / room
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(), str(file))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                inside = ("taproom", *file.relative_to(PACKAGE).parts)
                start = inside[: -node.level] if node.level else ()
                module = ".".join([*start, *filter(None, [node.module])])
                names = [f"{module}.{alias.name}" for alias in node.names]
            else:
                continue
            for name in names:
                package, _, rest = name.partition(".")
                if package == "taproom" and rest:
                    found.add((str(file.relative_to(PACKAGE)), rest.split(".")[0]))
    return found


def test_every_room_is_listed_here_and_in_the_documentation():
    assert set(ROOMS) == set(ALLOWED)
    text = (settings.repo() / "docs" / "architecture.md").read_text()
    for room in ROOMS:
        assert re.search(rf"`{room}(/|\.py)?`", text), (
            f"docs/architecture.md does not tell of {room}"
        )


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    wrong = {(file, other) for file, other in imports(room) if other not in {room, *ALLOWED[room]}}
    assert not wrong


def test_nothing_imports_the_command_line():
    assert not [room for room, others in ALLOWED.items() if "cli" in others]


@pytest.mark.parametrize("hidden", ["world", "answers"])
def test_the_classroom_reaches_no_truth_by_a_detour(hidden):
    reached, waiting = set(), ["classroom"]
    while waiting:
        room = waiting.pop()
        reached.add(room)
        waiting += [other for _, other in imports(room) if other not in reached]
    assert hidden not in reached


def test_the_set_up_needs_the_standard_library_only():
    import sys

    for node in ast.walk(ast.parse((PACKAGE / "bootstrap.py").read_text())):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= sys.stdlib_module_names
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in sys.stdlib_module_names


# Inside the world the data goes one way, too: what stands in a later layer is not known in an
# earlier one. Rooms of one line know each other only where a line above says so.
WORLD = (
    {"clock", "draws", "facts"},
    {"around"},
    {"people"},
    {"state", "mess"},
    {"window"},
    {"venues", "product", "marketing"},
    {"render"},
    {"context", "making"},
    {"truth"},
    {"calibrate"},
    {"__init__"},
)
LAYER = {room: layer for layer, rooms in enumerate(WORLD) for room in rooms}


def test_every_room_of_the_world_has_its_layer():
    folder = PACKAGE / "world"
    assert {p.stem for p in folder.iterdir() if p.stem != "__pycache__"} == set(LAYER)


@pytest.mark.parametrize("room", sorted(LAYER))
def test_the_world_is_built_from_below(room):
    folder = PACKAGE / "world" / room
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    wrong = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(), str(file))):
            if not isinstance(node, ast.ImportFrom):
                continue
            assert node.level == 0, f"{file.name}: write taproom.world.… in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            inside = {n.split(".")[2] for n in names if n.startswith("taproom.world.")} - {room}
            wrong |= {(file.name, other) for other in inside if LAYER[other] > LAYER[room]}
    assert not wrong
