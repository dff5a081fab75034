"""Values delivered in another type than the contract's: cast what loses nothing, find the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from taproom.contracts import Column

#: family of the delivered type -> contract types its values may be cast to
CASTABLE = {
    "text": "tjibnfozd",
    "integer": "ibnft",
    "decimal": "nfibt",
    "float": "fnibt",
    "boolean": "ot",
    "timestamp": "zdt",
    "naive timestamp": "zdt",
    "date": "dzt",
    "nested": "j",
    "binary": "tj",
}
#: family -> contract types it fulfils as it is
FULFILS = {
    "text": "tj",
    "integer": "",  # by width, see `fulfils`
    "decimal": "n",
    "float": "f",
    "boolean": "o",
    "timestamp": "z",
    "date": "d",
}


@dataclass(frozen=True)
class Cast:
    """Result of a cast: the values (null where impossible) and which rows were impossible."""

    values: pa.Array
    failed: pa.Array | None  # boolean mask, None when every value could be cast


def family(type_: pa.DataType) -> str:
    """The kind of an Arrow type, without its width, unit or encoding."""
    if types.is_dictionary(type_):
        return family(type_.value_type)
    tests = (
        ("text", lambda t: types.is_string(t) or types.is_large_string(t)),
        ("text", types.is_string_view),
        ("integer", types.is_integer),
        ("decimal", types.is_decimal),
        ("float", types.is_floating),
        ("boolean", types.is_boolean),
        ("timestamp", lambda t: types.is_timestamp(t) and t.tz is not None),
        ("naive timestamp", types.is_timestamp),
        ("date", types.is_date),
        ("nested", types.is_nested),
        ("binary", lambda t: types.is_binary(t) or types.is_large_binary(t)),
        ("null", types.is_null),
    )
    return next((name for name, test in tests if test(type_)), str(type_))


def fulfils(type_: pa.DataType, column: Column) -> bool:
    """Whether a delivered type is the contract's; encodings, units and scales are not judged."""
    kind = family(type_)
    if kind == "integer":
        return type_ == column.arrow_type()
    return kind == "null" or column.type in FULFILS.get(kind, "")


def code_for(type_: pa.DataType) -> str:
    """The contract type that keeps values of an Arrow type no contract describes."""
    kind = family(type_)
    return {
        "integer": "b",
        "decimal": "n",
        "float": "f",
        "boolean": "o",
        "timestamp": "z",
        "naive timestamp": "z",
        "date": "d",
        "nested": "j",
    }.get(kind, "t")


def cast(values: pa.Array, column: Column, target: pa.DataType) -> Cast:
    """Cast delivered values to the column's type, exactly or not at all."""
    if values.type == target:
        return Cast(values, None)
    if types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = family(values.type)
    if kind == "null":
        return Cast(pa.nulls(len(values), target), None)
    if column.type not in CASTABLE.get(kind, ""):
        return _failed(values, target)
    if kind == "nested":
        return Cast(_json(values), None)
    return _split(values, target)


def _split(values: pa.Array, target: pa.DataType) -> Cast:
    """Cast all at once; where that fails, halve until the impossible values stand alone."""
    try:
        return Cast(values.cast(target, safe=True), None)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        if len(values) == 1:
            return _failed(values, target)
    half = len(values) // 2
    left, right = _split(values[:half], target), _split(values[half:], target)
    masks = [
        part.failed if part.failed is not None else pa.repeat(False, len(part.values))
        for part in (left, right)
    ]
    return Cast(pa.concat_arrays([left.values, right.values]), pa.concat_arrays(masks))


def _failed(values: pa.Array, target: pa.DataType) -> Cast:
    return Cast(pa.nulls(len(values), target), pc.is_valid(values))


def _json(values: pa.Array) -> pa.Array:
    return pa.array(
        [None if v is None else json.dumps(v, default=str) for v in values.to_pylist()],
        pa.string(),
    )
