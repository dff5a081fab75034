"""The rules for assets: those of the repository keep them, and each is noticed when broken."""

from __future__ import annotations

import json

import pytest
import sample

from taproom.dashboards import checks, files


def test_the_assets_of_the_repository_are_sound():
    assets = files.read(files.folder())
    assert {files.kind(path) for path in assets} == set(files.KINDS)
    assert checks.problems(assets) == []


def test_the_sample_is_sound():
    assert checks.problems(sample.assets()) == []


def query(chart: dict, **changes) -> None:
    context = json.loads(chart["query_context"])
    context["queries"][0].update(changes)
    chart["query_context"] = json.dumps(context, indent=2, sort_keys=True) + "\n"


def relative_range(assets):
    query(assets[sample.LINE], time_range="Last month")


def relative_filter(assets):
    assets[sample.LINE]["params"]["adhoc_filters"] = [
        {
            "clause": "WHERE",
            "expressionType": "SIMPLE",
            "subject": "month",
            "operator": "TEMPORAL_RANGE",
            "comparator": "DATEADD(DATETIME('now'), -30, day) : now",
        }
    ]


def relative_query_filter(assets):
    filters = [{"col": "month", "op": "TEMPORAL_RANGE", "val": "previous calendar month"}]
    query(assets[sample.LINE], filters=filters)


def relative_default(assets):
    (one,) = assets[sample.DASHBOARD]["metadata"]["native_filter_configuration"]
    one["defaultDataMask"]["extraFormData"] = {"time_range": "Last quarter"}


def shift(assets):
    assets[sample.LINE]["params"]["time_compare"] = ["1 year ago"]


def clock_in_sql(assets):
    assets[sample.DATASET]["metrics"][0]["expression"] = (
        "sum(mrr_usd) filter (where month > current_date - 30)"
    )


def clock_in_a_filter(assets):
    assets[sample.LINE]["params"]["adhoc_filters"] = [
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": "month > now() - '1 day'"}
    ]


def same_uuid(assets):
    assets[sample.LINE]["uuid"] = assets[sample.TOTAL]["uuid"]


def nowhere(assets):
    del assets[sample.DASHBOARD]["position"]["CHART-line.yaml"]
    assets[sample.DASHBOARD]["position"]["ROW-1"]["children"].remove("CHART-line.yaml")


def lost_chart(assets):
    del assets[sample.LINE]


def lost_dataset(assets):
    del assets[sample.DATASET]


def uncertified(assets):
    del assets[sample.DATASET]["metrics"][0]["extra"]


def undescribed(assets):
    del assets[sample.DATASET]["metrics"][0]["description"]


def own_formula(assets):
    assets[sample.TOTAL]["params"]["metric"] = {"expressionType": "SQL", "sqlExpression": "1"}


def unknown_metric(assets):
    assets[sample.TOTAL]["params"]["metric"] = "arr_usd"


def unknown_column(assets):
    query(assets[sample.LINE], columns=["week"])


def filter_on_nothing(assets):
    (one,) = assets[sample.DASHBOARD]["metadata"]["native_filter_configuration"]
    one["targets"][0]["column"]["name"] = "city"


def no_query(assets):
    del assets[sample.LINE]["query_context"]


def ids_left_in(assets):
    assets[sample.LINE]["params"]["datasource"] = "3__table"


BROKEN = {
    relative_range: "time_range is 'Last month', a range told by the wall clock",
    relative_filter: "a time filter is \"DATEADD(DATETIME('now'), -30, day) : now\"",
    relative_query_filter: "a time filter is 'previous calendar month'",
    relative_default: "time_range is 'Last quarter'",
    shift: "time_compare is '1 year ago'",
    clock_in_sql: "expression asks the wall clock",
    clock_in_a_filter: "sqlExpression asks the wall clock",
    same_uuid: "is that of another asset, too",
    nowhere: "charts/sample_line.yaml: is on no dashboard",
    lost_chart: "which is in no file",
    lost_dataset: "which is in no file",
    uncertified: "the metric mrr_usd is not certified",
    undescribed: "the metric mrr_usd is not described",
    own_formula: "measures by a formula of its own",
    unknown_metric: "its dataset has no metric arr_usd",
    unknown_column: "its dataset has no column week",
    filter_on_nothing: "the filter Country is on city, no column",
    no_query: "charts/sample_line.yaml: lacks query_context",
    ids_left_in: "is not in normal form",
}


@pytest.mark.parametrize("breaks", BROKEN, ids=lambda breaks: breaks.__name__)
def test_a_broken_rule_is_named_with_its_file(breaks):
    assets = sample.assets()
    breaks(assets)
    assert [one for one in checks.problems(assets) if BROKEN[breaks] in one]


@pytest.mark.parametrize(
    "range",
    ["No filter", "", "2025-01-01 : 2025-12-31", "2025-01-01T00:00:00 : 2025-02-01T00:00:00",
     " : 2025-12-31"],
)  # fmt: skip
def test_a_range_between_days_is_no_matter(range):
    assets = sample.assets()
    (one,) = assets[sample.DASHBOARD]["metadata"]["native_filter_configuration"]
    one["defaultDataMask"]["extraFormData"] = {"time_range": range}
    assert checks.problems(assets) == []
