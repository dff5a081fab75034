"""L5: defects of the sources, keyed by the row they hit.

Each defect has the id of the mess catalogue. A defect changes how a row is written, never what
happened, so rendering the same window with mess "none" gives the clean row: `compare` finds
every defect that way, and needs no book-keeping while rendering.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.draws import keys
from taproom.world.people.names import TAPWISE, glue, take, where

#: Share of rows (of values, for M06, M07, M17) hit by default.
RATES = {
    "M01": {
        "segment.tracks": 0.02,
        "segment.pages": 0.02,
        "segment.identifies": 0.02,
        "iot.device_telemetry_hourly": 0.02,
        "iot.device_telemetry_daily": 0.02,
        "ga4.event": 0.02,
    },
    "M02": {
        "stripe.event": 0.002,
        "iot.tap_event": 0.003,
        "segment.tracks": 0.005,
        "segment.pages": 0.005,
        "segment.identifies": 0.005,
    },
    "M03": {"iot.tap_event": 0.001},
    "M04": {
        "segment.tracks": 0.003,
        "segment.pages": 0.003,
        "segment.identifies": 0.003,
        "iot.tap_event": 0.003,
        "iot.device_event": 0.003,
    },
    "M06": {"app.accounts": 0.02},
    "M07": {
        "app.users": 0.08,
        "stripe.customer": 0.08,
        "zendesk.user": 0.08,
        "hubspot.contact": 0.08,
    },
    "M08": {"hubspot.company": 0.05, "hubspot.contact": 0.05},
    "M09": {"hubspot.contact": 0.025, "zendesk.ticket": 0.012},
    # Of deactivated users and of closed venues in the application, of those who left in HubSpot.
    "M10": {
        "app.users": 0.10,
        "app.locations": 0.15,
        "zendesk.ticket": 0.01,
        "hubspot.contact": 0.06,
        "hubspot.contact of leads": 0.01,
        "hubspot.deal": 0.02,
    },
    # In Segment of the looks at a shared board before an invitation: 0.5% of all pages.
    "M12": {"pos.location_daily_sales": 0.005},
    "M13": {"zendesk.organization": 0.005, "segment.pages": 0.54},
    "M15": {"iot.device_telemetry": 0.004},
    "M16": {"segment.pages": 0.064, "ga4.event": 0.06},
    "M17": {"app.accounts": 0.15, "hubspot.contact": 0.15, "ga4.event": 0.15},
}
_FACTOR = {"none": 0.0, "default": 1.0, "heavy": 2.5}

SHARED_BOXES = ("info", "office", "bar", "hello", "manager")
ALIASES = ("tap", "beer", "tapwise", "work", "pub")


def rate(mess: str, defect: str, table: str) -> float:
    """Probability of a defect in a table under a mess level; 0 where it does not occur."""
    return min(1.0, RATES.get(defect, {}).get(table, 0.0) * _FACTOR[mess])


def hit(mess: str, defect: str, table: str, key) -> np.ndarray:
    """Which rows a defect hits, by the rows' keys."""
    k = keys.mix(np.asarray(key, dtype=np.uint64) ^ keys.stream_key(0, f"{defect} {table}"))
    return keys.chance(k, 0, rate(mess, defect, table))


def repeats(mess: str, table: str, key) -> np.ndarray:
    """M02: positions of the rows to deliver, those of exact duplicates twice in a row.

    Use as `table.take(repeats(...))`; `key` is one uint64 a row.
    """
    twice = hit(mess, "M02", table, key)
    return np.repeat(np.arange(len(twice)), 1 + twice.astype(np.int64))


def emails(mess: str, table: str, key, clean: pa.StringArray) -> pa.StringArray:
    """M07: addresses as typed: capitals, +alias, a slip in the domain, or a shared inbox.

    Addresses of Tapwise's own domain are never damaged in the domain: they tell a test account.
    """
    key = np.asarray(key, dtype=np.uint64)
    rows = np.flatnonzero(hit(mess, "M07", table, key))
    if not len(rows):
        return clean
    k = keys.mix(key[rows] ^ keys.stream_key(0, f"how {table}"))
    part = clean.take(pa.array(rows))
    local, domain = _halves(part)
    internal = pc.equal(domain, TAPWISE).to_numpy(zero_copy_only=False)
    how = keys.choose(k, 0, np.cumsum([0.15, 0.25, 0.25, 0.15, 0.20]))
    how = np.where(internal & (how == 3), 0, how)
    alias = glue(local, take(ALIASES, keys.below(k, 1, len(ALIASES))), sep="+")
    shared = take(SHARED_BOXES, keys.below(k, 2, len(SHARED_BOXES)))
    ways = (
        pc.utf8_upper(part),
        glue(pc.utf8_title(local), domain, sep="@"),
        glue(alias, domain, sep="@"),
        glue(local, _slip(k, domain), sep="@"),
        glue(shared, domain, sep="@"),
    )
    dirty = ways[0]
    for i, way in enumerate(ways[1:], 1):
        dirty = where(how == i, way, dirty)
    return pc.replace_with_mask(clean, pa.array(_mask(len(clean), rows)), dirty)


def phone_style(mess: str, key) -> np.ndarray:
    """M07: how a number is typed: 0 international, 1 to 3 other ways (a third of them)."""
    k = keys.mix(np.asarray(key, dtype=np.uint64) ^ keys.stream_key(0, "phone style"))
    share = min(0.9, 0.35 * _FACTOR[mess])
    return np.where(keys.chance(k, 0, share), 1 + keys.below(k, 1, 3), 0)


# Clean value -> ways it arrives.
_SOURCE = {
    "google": ("Google", "google.com", "GOOGLE", "google "),
    "facebook": ("Facebook", "fb", "facebook.com", "FB"),
    "linkedin": ("LinkedIn", "linkedin.com", "lnkd"),
    "newsletter": ("Newsletter", "email", "mailing"),
    "capterra": ("Capterra", "capterra.com"),
    "partner": ("Partner", "partner "),
}
_MEDIUM = {
    "cpc": ("CPC", "ppc", "paid"),
    "paid_social": ("paid-social", "social", "Paid Social"),
    "email": ("Email", "e-mail"),
    "referral": ("Referral", "(not set)"),
}


def utm(mess: str, key, source, medium, campaign) -> tuple[pa.StringArray, ...]:
    """M17: campaign tags as browsers sent them: other spellings, lost parts, raw templates."""
    table = "app.accounts"
    key = np.asarray(key, dtype=np.uint64)
    k = keys.mix(key ^ keys.stream_key(0, "utm"))
    tagged = pc.is_valid(source).to_numpy(zero_copy_only=False)
    dirty = hit(mess, "M17", table, key) & tagged
    rows = np.flatnonzero(dirty)
    if not len(rows):
        return source, medium, campaign
    # The damaged tags only, put in place at the end.
    k, at = k[rows], pa.array(rows)
    how = keys.below(k, 1, 6)
    s, m, c = source.take(at), medium.take(at), campaign.take(at)
    s = where(how < 3, _respell(k, 2, s, _SOURCE), s)
    m = where((how >= 2) & (how < 4), _respell(k, 3, m, _MEDIUM), m)
    m = where(how == 4, None, m)
    c = where(how == 5, "%7Bcampaign.name%7D", c)
    c = where(how == 4, None, c)
    place = np.arange(len(key))
    place[rows] = len(key) + np.arange(len(rows))
    place = pa.array(place)
    both = ((source, s), (medium, m), (campaign, c))
    return tuple(pa.concat_arrays(pair).take(place) for pair in both)


def lower_case(mess: str, table: str, key, texts: pa.StringArray) -> pa.StringArray:
    """M06: codes in lower case on some rows."""
    return where(hit(mess, "M06", table, key), pc.utf8_lower(texts), texts)


def compare(
    defects: dict[str, str], table: str, key: list[str], clean: pa.Table, dirty: pa.Table
) -> pa.Table:
    """Ledger of defects: values of `dirty` that differ from `clean`, row by row.

    Both tables hold the same rows in the same order. `defects` names the defect of each column
    to compare. Columns out: defect, table_name, pk, column_name, before, after.
    """
    out = []
    for column, defect in defects.items():
        a = pc.cast(clean[column], pa.string()).combine_chunks()
        b = pc.cast(dirty[column], pa.string()).combine_chunks()
        same = pc.if_else(
            pc.and_(pc.is_null(a), pc.is_null(b)), True, pc.fill_null(pc.equal(a, b), False)
        )
        rows = np.flatnonzero(~same.to_numpy(zero_copy_only=False))
        at = pa.array(rows)
        parts = [pc.cast(dirty[c].combine_chunks(), pa.string()).take(at) for c in key]
        out.append(
            pa.table(
                {
                    "defect": pa.array([defect] * len(rows), pa.string()),
                    "table_name": pa.array([table] * len(rows), pa.string()),
                    "pk": glue(*parts, sep="|"),
                    "column_name": pa.array([column] * len(rows), pa.string()),
                    "before": a.take(at),
                    "after": b.take(at),
                }
            )
        )
    return pa.concat_tables(out)


def _respell(k, lane: int, texts: pa.StringArray, ways: dict) -> pa.StringArray:
    out = texts
    for clean, spelled in ways.items():
        mask = pc.fill_null(pc.equal(texts, clean), False).to_numpy(zero_copy_only=False)
        if mask.any():
            out = where(mask, take(spelled, keys.below(k, lane, len(spelled))), out)
    return out


def _halves(texts: pa.StringArray) -> tuple[pa.StringArray, pa.StringArray]:
    parts = pc.split_pattern(texts, "@")
    return pc.list_element(parts, 0), pc.list_element(parts, 1)


def _slip(k, domain: pa.StringArray) -> pa.StringArray:
    """A letter of the name dropped or doubled; the ending .example stays."""
    name = pc.utf8_slice_codeunits(domain, 0, -8)
    tail = pc.utf8_slice_codeunits(name, 3)
    head = pc.utf8_slice_codeunits(name, 0, 3)
    double = glue(head, pc.utf8_slice_codeunits(name, 2))
    drop = glue(pc.utf8_slice_codeunits(name, 0, 2), tail)
    return glue(where(keys.chance(k, 3, 0.5), double, drop), ".example")


def _mask(n: int, rows: np.ndarray) -> np.ndarray:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask
