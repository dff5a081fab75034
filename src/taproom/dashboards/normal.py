"""The normal form of an asset: what was chosen, without what Superset adds by itself.

Superset writes ids of its own database, defaults, and what can be computed (which charts a filter
reaches) into everything it exports; ids differ by installation and the rest hides what changed.
`normal` takes them out, `complete` puts the defaults back in, for an import overwrites only what
it is given.
"""

from __future__ import annotations

import copy
import json
import re
from typing import Any

# In the files; an import puts the address of this installation's database in its place.
ADDRESS = "127.0.0.1:5432/saas_platform_dev"

DEFAULTS: dict[str, dict[str, Any]] = {
    "databases": {"cache_timeout": None, "impersonate_user": False, "allow_csv_upload": False,
                  "configuration_method": "sqlalchemy_form"},
    "datasets": {
        "always_filter_main_dttm": False, "cache_timeout": None, "catalog": None,
        "currency_code_column": None, "default_endpoint": None, "description": None, "extra": None,
        "fetch_values_predicate": None, "filter_select_enabled": True, "folders": None,
        "main_dttm_col": None, "normalize_columns": False, "offset": 0, "params": None,
        "sql": None, "template_params": None,
    },
    "charts": {"cache_timeout": None, "certification_details": None, "certified_by": None,
               "description": None},
    "dashboards": {"certification_details": None, "certified_by": None, "css": None,
                   "description": None, "published": False},
    "columns": {
        "advanced_data_type": None, "datetime_format": None, "description": None,
        "expression": None, "extra": None, "filterable": True, "groupby": True, "is_active": True,
        "is_dttm": False, "python_date_format": None, "verbose_name": None,
    },
    "metrics": {"currency": None, "d3format": None, "description": None, "extra": None,
                "metric_type": None, "verbose_name": None, "warning_text": None},
}  # fmt: skip

# Of this very installation, or told by another part of the file.
_PARAMS = {"datasource", "slice_id", "dashboards", "dashboardId", "dashboard_id", "url_params"}
_ADHOC = {"filterOptionName", "optionName", "datasourceWarning", "isNew", "isExtra"}
_METADATA = {"color_scheme_domain", "shared_label_colors", "map_label_colors", "color_namespace",
             "last_modified_time", "import_time"}  # fmt: skip
_METADATA_DEFAULTS = {"default_filters": "{}", "refresh_frequency": 0}
_QUERY_DEFAULTS = {"time_range": "No filter", "series_limit": 0, "order_desc": True,
                   "group_others_when_limit_reached": False}  # fmt: skip
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def number(uuid: str) -> int:
    """What stands for a chart's id in the files: dashboards refer to charts by number."""
    return int(uuid.replace("-", "")[:7], 16)


def normal(kind: str, config: dict) -> dict:
    """The normal form of an asset of a kind; taken twice, nothing more changes."""
    return _SHAPE[kind](_chosen(kind, copy.deepcopy(config)))


def complete(kind: str, config: dict, address: str = ADDRESS) -> dict:
    """An asset as an import wants it: every default said, the database's address filled in."""
    full = {**DEFAULTS[kind], **copy.deepcopy(config)}
    if kind == "datasets":
        for part in ("columns", "metrics"):
            full[part] = [{**DEFAULTS[part], **one} for one in full.get(part, [])]
    if kind == "databases":
        full["sqlalchemy_uri"] = _at(full["sqlalchemy_uri"], address)
    return full


def _chosen(kind: str, config: dict) -> dict:
    defaults = DEFAULTS[kind]
    return {
        key: value
        for key, value in config.items()
        if not (
            key in defaults and (value == defaults[key] or (value in _EMPTY and not defaults[key]))
        )
    }


def _database(config: dict) -> dict:
    config["sqlalchemy_uri"] = _at(config["sqlalchemy_uri"], ADDRESS)
    config.pop("password", None)
    for name in ("encrypted_extra", "masked_encrypted_extra"):
        if config.get(name) in (None, "", "{}"):
            config.pop(name, None)
    # Two names of one thing: the import knows both, the export says the first.
    if "allow_file_upload" in config:
        config["allow_csv_upload"] = config.pop("allow_file_upload")
    return _chosen("databases", config)


def _at(uri: str, address: str) -> str:
    return re.sub(r"@.*", f"@{address}", uri)


def _dataset(config: dict) -> dict:
    for part, name in (("columns", "column_name"), ("metrics", "metric_name")):
        config[part] = sorted(
            (_chosen(part, one) for one in config.get(part) or []), key=lambda one: one[name]
        )
    return config


def _chart(config: dict) -> dict:
    params = {
        key: value
        for key, value in config.get("params", {}).items()
        if key not in _PARAMS and value is not None
    }
    for key in ("extra_form_data", "annotation_layers", "adhoc_filters", "adhoc_filters_b"):
        if not params.get(key):
            params.pop(key, None)
    config["params"] = _adhoc(params)
    if config.get("query_context"):
        config["query_context"] = _query_context(config["query_context"])
    else:
        config.pop("query_context", None)
    return config


def _query_context(text: str) -> str:
    # `form_data` in it is a copy of the chart's params.
    context = json.loads(text)
    context["datasource"] = {"id": 0, "type": "table"}
    context.pop("form_data", None)
    context["queries"] = [_query(_adhoc(query)) for query in context["queries"]]
    return json.dumps(context, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _query(query: dict) -> dict:
    query.pop("datasource", None)
    if "extras" in query:
        query["extras"] = {k: v for k, v in query["extras"].items() if v not in _EMPTY}
    # Without metrics a query asks for rows, so an empty list says something.
    return {
        key: value
        for key, value in query.items()
        if key == "metrics"
        or not (value in _EMPTY or (key in _QUERY_DEFAULTS and value == _QUERY_DEFAULTS[key]))
    }


def _adhoc(value: Any) -> Any:
    """Without the random names and column ids of filters and metrics made in the UI."""
    if isinstance(value, list):
        return [_adhoc(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "expressionType" in value:
        value = {key: one for key, one in value.items() if key not in _ADHOC and one is not None}
        column = value.get("column")
        if isinstance(column, dict) and "column_name" in column:
            value["column"] = {k: column[k] for k in ("column_name", "type") if column.get(k)}
    return {key: _adhoc(one) for key, one in value.items()}


def _dashboard(config: dict) -> dict:
    numbers: dict[int, int] = {}
    for item in config.get("position", {}).values():
        if isinstance(item, dict) and item.get("type") == "CHART":
            meta = item["meta"]
            numbers[meta.get("chartId")] = meta["chartId"] = number(meta["uuid"])
    config["metadata"] = _metadata(config.get("metadata", {}), numbers)
    # A theme of nobody's choice is exported as null.
    for key in ("theme_id", "theme_uuid"):
        if config.get(key) is None:
            config.pop(key, None)
    return config


def _metadata(metadata: dict, numbers: dict[int, int]) -> dict:
    def of(excluded: list) -> list:
        return sorted(numbers.get(one, one) for one in excluded)

    kept = {}
    for key, value in metadata.items():
        if key in _METADATA or _METADATA_DEFAULTS.get(key) == value:
            continue
        if key == "native_filter_configuration":
            value = [_native_filter(one, of) for one in value]
        elif key == "global_chart_configuration":
            value = {"scope": {**value["scope"], "excluded": of(value["scope"]["excluded"])}}
            if value == {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}}:
                continue
        elif key == "chart_configuration":
            value = _cross_filters(value, numbers, of)
        if value not in _EMPTY:
            kept[key] = value
    return kept


def _native_filter(one: dict, of: Any) -> dict:
    # Which charts and tabs a filter reaches follows from its scope.
    one = {key: value for key, value in one.items() if key not in ("chartsInScope", "tabsInScope")}
    if one.get("time_range") == "No filter":
        del one["time_range"]
    if one.get("adhoc_filters") == []:
        del one["adhoc_filters"]
    if "scope" in one:
        one["scope"]["excluded"] = of(one["scope"].get("excluded", []))
    return one


def _cross_filters(configuration: dict, numbers: dict[int, int], of: Any) -> dict:
    # Only what differs from "every chart filters every other".
    kept = {}
    for chart, one in configuration.items():
        scope = one.get("crossFilters", {}).get("scope", "global")
        if scope == "global":
            continue
        own = numbers.get(int(chart), int(chart))
        scope = {**scope, "excluded": of(scope.get("excluded", []))}
        kept[str(own)] = {"id": own, "crossFilters": {"scope": scope}}
    return kept


_SHAPE = {"databases": _database, "datasets": _dataset, "charts": _chart, "dashboards": _dashboard}
