"""Where things are, and that every setting is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taproom import settings


def test_without_a_home_everything_is_below_the_repository(monkeypatch):
    monkeypatch.delenv("TAPROOM_HOME")
    assert (settings.repo() / "pyproject.toml").exists()
    assert settings.home() == settings.repo() / ".taproom"
    assert settings.data() == settings.repo() / "data"


def test_a_second_home_is_a_second_world(monkeypatch, tmp_path):
    monkeypatch.setenv("TAPROOM_HOME", str(tmp_path / "x" / ".." / "home"))
    assert settings.home() == tmp_path / "home"
    assert settings.data() == tmp_path / "home" / "data"
    assert settings.logs().is_dir()
    assert settings.run_dir().parent == settings.sandboxes().parent == tmp_path / "home"


@pytest.mark.parametrize(("role", "variable"), [
    (settings.OWNER, "TAPROOM_OWNER_PASSWORD"),
    (settings.LEARNER, "TAPROOM_LEARNER_PASSWORD"),
    (settings.SUPERSET, "TAPROOM_SUPERSET_READONLY_PASSWORD"),
])  # fmt: skip
def test_passwords(monkeypatch, role, variable):
    assert settings.password(role) == f"{role}_password_2024"
    monkeypatch.setenv(variable, "another")
    assert settings.password(role) == "another"


def test_every_setting_is_documented():
    sources = [settings.repo() / "taproom", *(settings.repo() / "src").rglob("*.py")]
    used = {name for file in sources for name in re.findall(r"TAPROOM_[A-Z_]+", file.read_text())}
    told = "".join(Path(f).read_text() for f in (settings.repo() / "docs").glob("*.md"))
    assert not {name for name in used if name not in told}
