"""An answer beside its reference: same rows, same texts and counts, decimals to the last digit."""

from __future__ import annotations

from decimal import Decimal

import polars as pl


def differences(answer: list[dict], reference: pl.DataFrame, key: tuple[str, ...]) -> list[str]:
    """What is wrong with an answer; nothing where it is right.

    Decimals may differ by half a unit of the last digit shown, and by what a sum of doubles
    cannot keep (a billionth); everything else is equal. The reference has exactly the columns of
    the answer.
    """
    expected = reference.to_dicts()
    columns = set(answer[0]) if answer else set(reference.columns)
    if columns != set(reference.columns):
        return [f"columns {sorted(columns)}, the reference has {sorted(reference.columns)}"]
    have, want = ({tuple(row[k] for k in key): row for row in rows} for rows in (answer, expected))
    if len(have) < len(answer) or len(want) < len(expected):
        return [f"{key} does not name a row"]
    found = [f"row {one} is in the answer only" for one in have if one not in want]
    found += [f"row {one} is in the reference only" for one in want if one not in have]
    for one in have.keys() & want.keys():
        for column, value in have[one].items():
            if not same(value, want[one][column]):
                found.append(f"{one}: {column} is {value}, the reference has {want[one][column]}")
    return found


def same(value, expected) -> bool:
    """Whether a value of the answer is the reference's, as far as it is shown."""
    if value is None or expected is None:
        return value is expected
    if isinstance(value, Decimal):
        unit = 10.0 ** value.as_tuple().exponent
        return abs(float(value) - float(expected)) <= 0.5 * unit + 1e-9 * max(
            1.0, abs(float(expected))
        )
    return value == expected
