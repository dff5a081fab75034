"""dbt's own documentation as one page, and how much of the project is tested."""

from __future__ import annotations

import shutil
from pathlib import Path

from taproom.errors import TaproomError
from taproom.instructor import record
from taproom.warehouse import manifest, runner

LAYERS = ("entities", "marts", "intermediate", "staging")


def write_page(progress: runner.Progress | None = None) -> Path:
    """dbt docs of the built tables as a single file that needs no server; returns its path.

    reports/dbt/index.html of the home. Raises TaproomError when dbt fails.
    """
    runner.must_build(
        ["docs", "generate", "--static"],
        "dbt could not write its documentation.",
        progress=progress,
    )
    made = Path(runner.environment()["DBT_TARGET_PATH"]) / "static_index.html"
    page = record.reports() / "dbt" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, page)
    return page


def coverage_lines(names: list[str] | None = None) -> list[str]:
    """Tested columns of each layer as text; with `names` of models (or parts of names), the
    columns of theirs that no test and no constraint names."""
    models = manifest.models()
    if names is not None:
        chosen = [
            (model, columns)
            for model, columns in manifest.untested(models).items()
            if not names or any(name in model for name in names)
        ]
        if names and not any(name in model for name in names for model in models):
            raise TaproomError(
                "There is no such model.",
                where=", ".join(names),
                remedy="give a model's name or a part of it, such as entity_customers",
            )
        return [f"{model}: {', '.join(columns)}" for model, columns in chosen]
    counts = manifest.coverage(models)
    lines = [
        f"{layer}: {tested:,} of {every:,} columns tested, {tested / every:.0%}"
        for layer in LAYERS
        for tested, every in [counts[layer]]
    ]
    tested, every = (sum(part) for part in zip(*counts.values(), strict=True))
    return [*lines, f"all layers: {tested:,} of {every:,} columns tested, {tested / every:.0%}"]
