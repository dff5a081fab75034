"""dbt's source descriptions are the contracts' and nothing else."""

import yaml

from taproom.contracts import SOURCES, tables
from taproom.warehouse import sources


def test_source_files_are_the_ones_the_contracts_give():
    for source in SOURCES:
        assert sources.path(source).read_text("utf-8") == sources.render(source), (
            f"{source}.yml is out of date: python -m taproom.warehouse.sources"
        )


def test_every_source_table_has_a_staging_model():
    staging = sources.path("app").parents[1] / "staging"
    text = "\n".join(path.read_text("utf-8") for path in staging.rglob("*.sql"))
    missing = {f"{s}.{t}" for s, t in tables() if f"source('{s}', '{t}')" not in text}
    assert missing == set()


def test_freshness_is_asked_only_of_tables_there_are():
    assert set(sources.FRESHNESS) <= set(tables())
    found = yaml.safe_load(sources.render("stripe"))["sources"][0]["tables"]
    watched = [t["name"] for t in found if "freshness" in t["config"]]
    assert watched == ["invoice", "event"]
