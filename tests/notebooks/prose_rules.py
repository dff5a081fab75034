"""Which numbers prose may hold: definitions yes, numbers from the data no.

A company of another seed has other numbers, and the prose must read true there as well.
"""

from __future__ import annotations

import re

# Amounts, shares, decimals, grouped thousands, and bare numbers of three digits and more.
DATA_NUMBER = re.compile(
    r"[$€£¥]\s?\d[\d,.]*"
    r"|\d[\d,.]*\s?%"
    r"|\b\d{1,3}(?:,\d{3})+\b"
    r"|(?<![\w.-])\d+\.\d+(?![\w.])"
    r"|(?<![\w./:-])\d{3,}(?![\w/:-])"
)
# Definitions, not measurements: the whole, years and the end of time, days of a window or rule.
ALLOWED = re.compile(
    r"100\s?%"
    r"|0\s?%"
    r"|(?:19|20)\d\d|9999"
    r"|(?:28|30|60|90|120|180|365|366|400|500|404)"
)


def data_numbers(text: str) -> list[str]:
    """The numbers in `text` that look as if they came from the data."""
    return [hit for hit in DATA_NUMBER.findall(text) if not ALLOWED.fullmatch(hit.strip(" .,"))]
