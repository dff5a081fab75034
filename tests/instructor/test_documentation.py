"""Documentation that cannot fall behind: commands, checks, tables, links, and the named files."""

import argparse
import re
from pathlib import Path

import pytest

from taproom import classroom, cli, contracts, exercises, settings
from taproom.instructor import reference

ROOT = settings.repo()
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "data/*.md", "modules/*/*.md")
    for path in ROOT.glob(pattern)
)
DOCS = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
COMMAND = re.compile(r"\./taproom ((?:[a-z]+)(?: [a-z]+)?)(?![\w-])")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def page(path: Path) -> str:
    return str(path.relative_to(ROOT))


def subcommands(parser: argparse.ArgumentParser, prefix: str = "") -> dict[str, list[str]]:
    """Every leaf command ("world init") with its long options."""
    found = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, under in action.choices.items():
                found |= subcommands(under, f"{prefix} {name}".strip())
    if not found and prefix:
        found[prefix] = [
            option
            for action in parser._actions
            for option in action.option_strings
            if option.startswith("--") and option != "--help"
        ]
    return found


COMMANDS = subcommands(cli._parser())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_documented(command):
    commands = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert f"`./taproom {command}" in commands
    lines = "\n".join(line for line in commands.splitlines() if f"./taproom {command}" in line)
    assert [option for option in COMMANDS[command] if option not in lines] == []


@pytest.mark.parametrize("path", PAGES, ids=page)
def test_commands_a_page_names_exist(path):
    known = set(COMMANDS) | {command.split()[0] for command in COMMANDS}
    for named in COMMAND.findall(path.read_text(encoding="utf-8")):
        first = named.split()[0]
        assert first in known, f"./taproom {named}"
        if any(command.startswith(f"{first} ") for command in COMMANDS) and " " in named:
            assert named in known, f"./taproom {named}"


@pytest.mark.parametrize("path", PAGES, ids=page)
def test_links_lead_to_files(path):
    for match in LINK.finditer(path.read_text(encoding="utf-8")):
        target = (match[1] or match[2]).split("#")[0]
        if target and not re.match(r"https?:|mailto:", target):
            assert (path.parent / target).exists(), target


def test_the_command_page_opens_in_the_readme():
    assert "docs/commands.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", classroom.__all__)
def test_everything_a_notebook_may_import_is_documented(name):
    assert re.search(rf"`{name}(?:\(|`)|\b{name}\(|import [\w, ]*\b{name}\b", DOCS)
    assert getattr(classroom, name).__doc__


def test_reference_pages_are_fresh():
    """When this fails: python -m taproom.instructor.reference"""
    pages = reference.pages()
    stale = [
        name
        for name, text in pages.items()
        if not (ROOT / "docs" / name).exists()
        or (ROOT / "docs" / name).read_text(encoding="utf-8") != text
    ]
    assert stale == []
    pictures = (ROOT / "docs/images/entities").glob("*.svg")
    assert {f"images/entities/{one.name}" for one in pictures} <= set(pages)


@pytest.mark.parametrize("exercise", exercises.load())
def test_every_check_is_documented(exercise):
    assert f"### {exercise} " in (ROOT / "docs/exercises.md").read_text(encoding="utf-8")


def test_every_table_is_documented():
    """Every raw table by its contract, every entity and mart by its yml, with all columns told."""
    pages = [ROOT / "docs/tables.md", *(ROOT / "docs/sources").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    raw = {f"raw_{source}.{name}" for source, name in contracts.tables()}
    built = {
        f"{layer}.{path.stem}"
        for layer in ("entities", "marts")
        for path in (ROOT / "dbt/models" / layer).rglob("*.sql")
    }
    assert built, "no entity and no mart"
    assert {name for name in raw | built if f"### {name}\n" not in text} == set()
    untold = [row for row in text.splitlines() if re.fullmatch(r"\| `\w+` \|\s*\|", row)]
    assert untold == []


@pytest.mark.parametrize(
    "name",
    ["LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md",
     "docs/benchmarks.md", "data/README.md", "environment.yml", ".ci/run"],
)  # fmt: skip
def test_a_file_a_repository_needs_is_there(name):
    assert (ROOT / name).stat().st_size > 0


def test_contributing_says_how_to_add_things():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for thing in ("a source", "an entity", "a notebook", "an exercise"):
        assert f"## Add {thing}" in text
