"""The normal form: what Superset adds goes, what was chosen stays, nothing else is lost."""

from __future__ import annotations

import copy
import json

import pytest
import sample
import yaml

from taproom.dashboards import exchange, files, normal


@pytest.mark.parametrize("path", sample.assets())
def test_it_is_taken_once(path):
    config = sample.assets()[path]
    assert normal.normal(files.kind(path), config) == config


@pytest.mark.parametrize("path", sample.assets())
def test_what_an_import_is_told_beyond_it_is_taken_out_again(path):
    kind, config = files.kind(path), sample.assets()[path]
    full = normal.complete(kind, config, "10.0.0.1:9999/elsewhere")
    assert full.keys() > config.keys() - {"x"} or full != config
    assert normal.normal(kind, full) == normal.normal(kind, config)


def test_ids_and_copies_of_one_installation_go_from_a_chart():
    chart = sample.assets()[sample.LINE]
    saved = copy.deepcopy(chart)
    saved["params"] |= {
        "datasource": "17__table",
        "slice_id": 4,
        "dashboards": [3],
        "extra_form_data": {},
        "annotation_layers": [],
        "adhoc_filters": [],
        "time_grain_sqla": None,
    }
    context = json.loads(saved["query_context"])
    context["datasource"]["id"] = 17
    context["form_data"] = {**saved["params"]}
    context["queries"][0] |= {
        "url_params": {},
        "time_range": "No filter",
        "order_desc": True,
        "series_limit": 0,
        "annotation_layers": [],
        "extras": {"where": "", "having": ""},
    }
    saved["query_context"] = json.dumps(context)
    assert normal.normal("charts", saved) == chart


def test_a_filter_made_in_the_browser_loses_its_random_name_only():
    chart = sample.assets()[sample.LINE]
    made = {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": "country",
        "operator": "IN",
        "comparator": ["DE"],
        "filterOptionName": "filter_8a7sd_9f",
        "sqlExpression": None,
        "isNew": False,
    }
    chart["params"]["adhoc_filters"] = [made]
    assert normal.normal("charts", chart)["params"]["adhoc_filters"] == [
        {
            "clause": "WHERE",
            "comparator": ["DE"],
            "expressionType": "SIMPLE",
            "operator": "IN",
            "subject": "country",
        }
    ]


def test_a_measure_made_in_the_browser_loses_the_ids_of_its_column():
    chart = sample.assets()[sample.LINE]
    chart["params"]["metrics"] = [
        {
            "aggregate": "SUM",
            "column": {"column_name": "mrr_usd", "id": 12, "type": "NUMERIC", "verbose_name": None},
            "expressionType": "SIMPLE",
            "label": "SUM(mrr_usd)",
            "optionName": "metric_k2j3h",
        }
    ]
    (metric,) = normal.normal("charts", chart)["params"]["metrics"]
    assert metric["column"] == {"column_name": "mrr_usd", "type": "NUMERIC"}
    assert "optionName" not in metric


def test_a_dashboard_names_charts_by_numbers_of_their_uuids():
    dashboard = sample.assets()[sample.DASHBOARD]
    exported = copy.deepcopy(dashboard)
    ids = {files.identity(sample.TOTAL): 41, files.identity(sample.LINE): 42}
    for item in exported["position"].values():
        if isinstance(item, dict) and item["type"] == "CHART":
            item["meta"]["chartId"] = ids[item["meta"]["uuid"]]
    (one,) = exported["metadata"]["native_filter_configuration"]
    one |= {"chartsInScope": [42], "tabsInScope": []}
    one["scope"]["excluded"] = [41]
    exported["metadata"] |= {
        "color_scheme_domain": ["#0072B2"],
        "shared_label_colors": ["DE"],
        "map_label_colors": {"DE": "#0072B2"},
        "chart_configuration": {
            "41": {"id": 41, "crossFilters": {"scope": "global", "chartsInScope": [42]}}
        },
        "global_chart_configuration": {
            "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
            "chartsInScope": [41, 42],
        },
        "default_filters": "{}",
        "refresh_frequency": 0,
        "expanded_slices": {},
        "timed_refresh_immune_slices": [],
    }
    assert normal.normal("dashboards", exported) == dashboard


def test_cross_filters_chosen_by_hand_stay():
    dashboard = sample.assets()[sample.DASHBOARD]
    total, line = (normal.number(files.identity(path)) for path in (sample.TOTAL, sample.LINE))
    dashboard["metadata"]["chart_configuration"] = {
        str(line): {
            "id": line,
            "crossFilters": {
                "scope": {"rootPath": ["ROOT_ID"], "excluded": [total]},
                "chartsInScope": [],
            },
        }
    }
    kept = normal.normal("dashboards", dashboard)["metadata"]["chart_configuration"]
    assert kept == {
        str(line): {
            "id": line,
            "crossFilters": {"scope": {"rootPath": ["ROOT_ID"], "excluded": [total]}},
        }
    }


def test_columns_and_metrics_stand_by_name_whatever_order_superset_gives():
    dataset = sample.assets()[sample.DATASET]
    turned = {**dataset, "columns": dataset["columns"][::-1]}
    assert normal.normal("datasets", turned) == dataset
    assert [one["column_name"] for one in dataset["columns"]] == ["country", "month", "mrr_usd"]


def test_the_address_of_the_database_is_put_in_and_taken_out():
    database = sample.assets()[sample.DATABASE]
    there = normal.complete("databases", database, "127.0.0.1:5999/sandbox_a")
    assert there["sqlalchemy_uri"].endswith("@127.0.0.1:5999/sandbox_a")
    assert normal.normal("databases", there) == database


def test_a_description_taken_away_in_the_file_is_told_to_superset():
    chart = sample.assets()[sample.LINE]
    assert "description" not in chart
    assert normal.complete("charts", chart)["description"] is None


def test_a_file_of_many_lines_is_changed_in_one(tmp_path):
    assets = sample.assets()
    files.write(tmp_path, assets)
    before = (tmp_path / sample.LINE).read_text().splitlines()
    assets[sample.LINE]["slice_name"] = "MRR by month in US dollars"
    assert files.write(tmp_path, assets) == {"made": [], "changed": [sample.LINE], "removed": []}
    after = (tmp_path / sample.LINE).read_text().splitlines()
    assert len(before) == len(after) > 30
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_what_is_written_is_read_again(tmp_path):
    files.write(tmp_path, sample.assets())
    assert files.read(tmp_path) == sample.assets()


@pytest.mark.parametrize(
    "text", ["one line", "two\nlines\n", "no end\nof line", "tab\there\nand\n", "space \nbefore\n"]
)
def test_texts_are_kept_to_the_letter(text):
    assert yaml.safe_load(files.dump({"text": text})) == {"text": text}


def test_a_bundle_of_the_same_files_is_the_same_content():
    import io
    import zipfile

    def opened(data: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    one, other = (opened(exchange.bundle(sample.assets(), "h:1/d")) for _ in range(2))
    assert one == other
    assert next(iter(one)) == "assets/metadata.yaml"
    assert set(one) == {"assets/metadata.yaml", *(f"assets/{path}" for path in sample.assets())}
