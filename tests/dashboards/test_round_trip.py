"""From the files to a running Superset and back: nothing changes by itself, edits come as diffs."""

from __future__ import annotations

import json

import pytest
import sample

from taproom import dashboards, settings
from taproom.dashboards import checks, exchange, files
from taproom.errors import TaproomError
from taproom.services import postgres, superset

KINDS = ("database", "dataset", "chart", "dashboard")
EVERY = {"made": [], "changed": [], "as they were": list(sample.assets())}


def ids(client) -> dict[str, dict[str, int]]:
    """uuid → id of everything there is, by kind."""
    return {kind: {one["uuid"]: one["id"] for one in client.all(kind)} for kind in KINDS}


@pytest.fixture(scope="module")
def client(superset_up):
    with superset.client() as one:
        yield one


@pytest.fixture
def imported(client):
    """The sample as the files have it, whatever a test did before."""
    exchange.load(client, sample.assets())
    return client


@pytest.fixture
def root(tmp_path):
    files.write(tmp_path, sample.assets())
    return tmp_path


def chart_id(client, path: str) -> int:
    return ids(client)["chart"][files.identity(path)]


def test_a_second_import_changes_nothing(imported):
    before = ids(imported)
    assert exchange.load(imported, sample.assets()) == EVERY
    assert ids(imported) == before


def test_an_export_after_an_import_is_the_files(imported, root):
    assert exchange.store(imported, root) == {"made": [], "changed": [], "removed": []}


def test_an_edit_comes_back_as_a_small_diff(imported, root):
    before = (root / sample.LINE).read_text().splitlines()
    imported.put(
        f"chart/{chart_id(imported, sample.LINE)}", {"slice_name": "MRR, US dollars, by month"}
    )
    done = exchange.store(imported, root)
    assert done == {"made": [], "changed": [sample.LINE], "removed": []}
    after = (root / sample.LINE).read_text().splitlines()
    assert [line for line in after if line not in before] == [
        "slice_name: MRR, US dollars, by month"
    ]
    assert len(after) == len(before)


def test_the_files_win_over_an_edit(imported):
    imported.put(f"chart/{chart_id(imported, sample.LINE)}", {"description": "only here"})
    done = exchange.load(imported, sample.assets())
    assert done["changed"] == [sample.LINE]
    assert exchange.load(imported, sample.assets()) == EVERY


def test_a_chart_saved_as_the_browser_saves_it_is_the_same_chart(imported, root):
    chart = sample.assets()[sample.LINE]
    own = chart_id(imported, sample.LINE)
    dataset = ids(imported)["dataset"][files.identity(sample.DATASET)]
    params = chart["params"] | {
        "datasource": f"{dataset}__table",
        "slice_id": own,
        "annotation_layers": [],
        "extra_form_data": {},
        "dashboards": [1],
    }
    context = json.loads(chart["query_context"])
    context["datasource"]["id"] = dataset
    context["form_data"] = params
    context["queries"][0] |= {"url_params": {}, "custom_params": {}, "order_desc": True}
    imported.put(
        f"chart/{own}",
        {"params": json.dumps(params), "query_context": json.dumps(context)},
    )
    assert exchange.store(imported, root)["changed"] == []


def test_a_new_chart_on_a_dashboard_gets_a_file_and_one_beside_it_none(imported, root):
    dataset = ids(imported)["dataset"][files.identity(sample.DATASET)]
    dashboard = ids(imported)["dashboard"][files.identity(sample.DASHBOARD)]
    made = []
    for title, on in (("MRR of a learner", []), ("MRR: a new view", [dashboard])):
        body = {
            "slice_name": title,
            "viz_type": "big_number_total",
            "datasource_id": dataset,
            "datasource_type": "table",
            "params": json.dumps({"viz_type": "big_number_total", "metric": "mrr_usd"}),
            "dashboards": on,
        }
        made.append(imported.post("chart/", body)["id"])
    try:
        done = exchange.store(imported, root)
        assert done["made"] == ["charts/sample_mrr_a_new_view.yaml"]
        assert done["removed"] == []
        assert files.read(root)["charts/sample_mrr_a_new_view.yaml"]["slice_name"] == (
            "MRR: a new view"
        )
    finally:
        for one in made:
            imported.delete(f"chart/{one}")


def test_a_new_dashboard_is_exported_by_its_slug(imported, tmp_path):
    assert exchange.store(imported, tmp_path) == {"made": [], "changed": [], "removed": []}
    done = exchange.store(imported, tmp_path, new=("sample",))
    charts = ["charts/sample_mrr_by_month_usd.yaml", "charts/sample_mrr_usd.yaml"]
    assert done["made"] == sorted([*charts, sample.DASHBOARD, sample.DATABASE, sample.DATASET])
    assert files.read(tmp_path)[sample.DASHBOARD] == sample.assets()[sample.DASHBOARD]
    with pytest.raises(TaproomError, match="no dashboard with the slug nowhere"):
        exchange.store(imported, tmp_path, new=("nowhere",))


def test_a_chart_that_is_gone_loses_its_file(imported, root):
    imported.delete(f"chart/{chart_id(imported, sample.LINE)}")
    assert sample.LINE in exchange.store(imported, root)["removed"]


def test_files_of_another_superset_are_not_emptied(client, tmp_path):
    assets = sample.assets()
    assets[sample.DASHBOARD]["uuid"] = files.identity("dashboards/never_imported.yaml")
    files.write(tmp_path, assets)
    with pytest.raises(TaproomError, match="nothing was written"):
        exchange.store(client, tmp_path)
    assert files.read(tmp_path) == assets


def test_a_column_taken_out_of_a_file_goes_from_superset(imported):
    assets = sample.assets()
    full = [one["column_name"] for one in assets[sample.DATASET]["columns"]]
    assets[sample.DATASET]["columns"] = assets[sample.DATASET]["columns"][1:]
    exchange.load(imported, assets)
    found = exchange.taken(imported, assets)[sample.DATASET]["columns"]
    assert [one["column_name"] for one in found] == full[1:]


def test_wrong_files_are_not_imported(superset_up, tmp_path):
    assets = sample.assets()
    assets[sample.TOTAL]["params"]["metric"] = "arr_usd"
    files.write(tmp_path, assets)
    with pytest.raises(TaproomError, match="nothing was imported") as raised:
        dashboards.import_assets(tmp_path)
    assert "charts/sample_total.yaml: its dataset has no metric arr_usd" in str(raised.value)


def test_what_superset_does_not_take_is_told_with_a_way_on(client):
    assets = sample.assets()
    assets[sample.DATASET]["no_such_key"] = 1
    with pytest.raises(TaproomError, match="did not take the assets") as raised:
        exchange.load(client, assets)
    assert "superset.log" in str(raised.value)


def test_a_chart_is_asked_for_its_rows(imported):
    with postgres.connect() as owner:
        owner.execute("create schema if not exists marts")
        owner.execute("drop table if exists marts.sample_monthly")
        asked = {one.path: one for one in checks.ask(imported, sample.assets())}
        assert "sample_monthly" in asked[sample.LINE].error
        assert not asked[sample.LINE].good

    with postgres.connect() as owner:
        owner.execute(
            "create table marts.sample_monthly as"
            " select date '2025-01-01' as month, 'FR' as country, 5.0 as mrr_usd"
        )
        owner.execute(f"grant usage on schema marts to {settings.SUPERSET}")
        owner.execute(f"grant select on marts.sample_monthly to {settings.SUPERSET}")
    try:
        asked = {one.path: one for one in checks.ask(imported, sample.assets())}
        assert asked[sample.LINE].good
        assert asked[sample.LINE].rows == [1]
        # Its one row says nothing about Germany.
        assert imported.rows(imported.chart_data(chart_id(imported, sample.TOTAL), fresh=True)) == [
            {"mrr_usd": None}
        ]
    finally:
        with postgres.connect() as owner:
            owner.execute("drop table marts.sample_monthly")


def test_the_assets_of_the_repository_come_back_as_they_went(client):
    assets = files.read(files.folder())
    exchange.load(client, assets)
    assert exchange.taken(client, assets) == assets
    done = exchange.load(client, assets)
    assert (done["made"], done["changed"]) == ([], [])
