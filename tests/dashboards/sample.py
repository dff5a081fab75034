"""A small set of assets: one database, one dataset, two charts, one dashboard. Needs no table."""

from __future__ import annotations

import json
from typing import Any

from taproom.dashboards import files, normal

DATABASE = "databases/Sample.yaml"
DATASET = "datasets/Sample/marts_sample_monthly.yaml"
TOTAL, LINE = "charts/sample_total.yaml", "charts/sample_line.yaml"
DASHBOARD = "dashboards/sample.yaml"


def assets() -> files.Assets:
    """A new copy, in normal form."""
    raw = {
        DATABASE: {
            "database_name": "Sample",
            "sqlalchemy_uri": "postgresql+psycopg2://superset_readonly:XXXXXXXXXX@127.0.0.1:5432/x",
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "allow_run_async": False,
            "expose_in_sqllab": True,
            "extra": {"allows_virtual_table_explore": True},
        },
        DATASET: {
            "table_name": "sample_monthly",
            "schema": "marts",
            "main_dttm_col": "month",
            "columns": [
                {"column_name": "month", "type": "DATE", "is_dttm": True},
                {"column_name": "country", "type": "TEXT", "description": "ISO 3166"},
                {"column_name": "mrr_usd", "type": "NUMERIC", "description": "US dollars"},
            ],
            "metrics": [
                {
                    "metric_name": "mrr_usd",
                    "expression": "sum(mrr_usd)",
                    "description": "MRR in US dollars at the end of the month.",
                    "extra": {"certification": {"certified_by": "Tapwise", "details": "dbt"}},
                }
            ],
            "database_uuid": files.identity(DATABASE),
        },
        TOTAL: chart(
            "MRR, USD",
            "big_number_total",
            {"metric": "mrr_usd"},
            {"metrics": ["mrr_usd"], "filters": [{"col": "country", "op": "==", "val": "DE"}]},
        ),
        LINE: chart(
            "MRR by month, USD",
            "echarts_timeseries_line",
            {"metrics": ["mrr_usd"], "x_axis": "month", "groupby": []},
            {"columns": ["month"], "metrics": ["mrr_usd"], "row_limit": 100},
        ),
        DASHBOARD: {
            "dashboard_title": "Sample",
            "slug": "sample",
            "published": True,
            "position": position(TOTAL, LINE),
            "metadata": {
                "color_scheme": "taproom",
                "cross_filters_enabled": True,
                "native_filter_configuration": [native_filter()],
            },
        },
    }
    return {
        path: normal.normal(
            files.kind(path), {**config, "uuid": files.identity(path), "version": "1.0.0"}
        )
        for path, config in raw.items()
    }


def chart(title: str, viz_type: str, params: dict, query: dict) -> dict[str, Any]:
    """A chart over the dataset, without uuid and version."""
    return {
        "slice_name": title,
        "viz_type": viz_type,
        "params": {"viz_type": viz_type, **params},
        "query_context": json.dumps(
            {
                "datasource": {"id": 0, "type": "table"},
                "force": False,
                "queries": [query],
                "result_format": "json",
                "result_type": "full",
            }
        ),
        "dataset_uuid": files.identity(DATASET),
    }


def position(*charts: str) -> dict[str, Any]:
    """A layout of one row."""
    items: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": ["ROW-1"], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": "Sample"}},
        "ROW-1": {
            "type": "ROW",
            "id": "ROW-1",
            "children": [],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        },
    }
    for path in charts:
        key, uuid = f"CHART-{path.split('_')[-1]}", files.identity(path)
        items["ROW-1"]["children"].append(key)
        items[key] = {
            "type": "CHART",
            "id": key,
            "children": [],
            "parents": ["ROOT_ID", "GRID_ID", "ROW-1"],
            "meta": {"chartId": normal.number(uuid), "uuid": uuid, "width": 6, "height": 50},
        }
    return items


def native_filter() -> dict[str, Any]:
    """A filter on the country that leaves the big number alone."""
    return {
        "id": "NATIVE_FILTER-country",
        "name": "Country",
        "filterType": "filter_select",
        "type": "NATIVE_FILTER",
        "targets": [{"column": {"name": "country"}, "datasetUuid": files.identity(DATASET)}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [normal.number(files.identity(TOTAL))]},
        "controlValues": {"multiSelect": True},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
    }
