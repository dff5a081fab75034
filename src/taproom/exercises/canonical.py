"""One spelling for every value: what two correct answers may differ in must vanish here.

A number is a number whether it came as int, float, Decimal or a numpy scalar; a month is a month
whether it was written as its first day, its last day, a period or `2025-03`.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

KINDS = ("number", "date", "month", "quarter", "text", "boolean")
MISSING = "∅"
# How near a rounding boundary both neighbours count, as a part of the last digit. Wide enough for
# the sums of a few thousand rounded rows and for floats, far too narrow for another answer.
GUARD = Decimal("0.1")

_MONTH = re.compile(r"^(\d{4})-(\d{2})(?:-\d{2}.*)?$")
_QUARTER = re.compile(r"^(\d{4})[- ]?[Qq]([1-4])$")


class NotThatKind(ValueError):
    """The value cannot be read as the kind asked for."""


def is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA."""
    if value is None:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, float):
        return math.isnan(value)
    return type(value).__name__ in ("NAType", "NaTType")


def number(value: Any) -> Decimal:
    """An exact decimal; floats by their shortest spelling, never by their binary digits."""
    value = _scalar(value)
    if isinstance(value, bool | str | bytes | date):
        raise NotThatKind(value)
    if isinstance(value, Decimal):
        found = value
    elif isinstance(value, int):
        found = Decimal(value)
    elif isinstance(value, float):
        found = Decimal(repr(value))
    else:
        raise NotThatKind(value)
    if not found.is_finite():
        raise NotThatKind(value)
    return found


def rounded(value: Decimal, digits: int) -> str:
    """The value to so many decimals, half away from zero, without a negative zero."""
    unit = Decimal(1).scaleb(-digits)
    try:
        result = value.quantize(unit, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise NotThatKind(value) from error
    return format(result if result else abs(result), "f")


def spellings(value: Any, kind: str, digits: int = 0) -> list[str]:
    """Every canonical spelling the value may be taken for: one, or two at a rounding boundary."""
    if is_missing(value):
        return [MISSING]
    if kind != "number":
        return [_READERS[kind](_scalar(value))]
    exact = number(value)
    guard = GUARD.scaleb(-digits)
    found = {rounded(exact + step, digits): None for step in (0, -guard, guard)}
    return list(found)


def _date(value: Any) -> str:
    return _as_date(value).isoformat()


def _month(value: Any) -> str:
    if isinstance(value, str):
        match = _MONTH.match(value.strip())
        if not match:
            raise NotThatKind(value)
        return f"{match[1]}-{match[2]}"
    return _as_date(value).isoformat()[:7]


def _quarter(value: Any) -> str:
    if isinstance(value, str) and (match := _QUARTER.match(value.strip())):
        return f"{match[1]}-Q{match[2]}"
    day = _as_date(value)
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotThatKind(value)
    return " ".join(value.split()).casefold()


def _boolean(value: Any) -> str:
    if not isinstance(value, bool):
        raise NotThatKind(value)
    return "true" if value else "false"


def _as_date(value: Any) -> date:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise NotThatKind(value) from error
    elif hasattr(value, "to_timestamp"):  # a pandas Period: any day inside it will do
        value = value.to_timestamp()
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    raise NotThatKind(value)


def _scalar(value: Any) -> Any:
    """numpy's scalars and zero-dimensional arrays as Python's own; dates of numpy as datetime."""
    if type(value).__module__.split(".")[0] == "numpy":
        if type(value).__name__ == "datetime64":
            return value.astype("datetime64[us]").item()
        if getattr(value, "size", 1) == 1:
            return value.item()
    return value


_READERS = {
    "date": _date,
    "month": _month,
    "quarter": _quarter,
    "text": _text,
    "boolean": _boolean,
}
