"""How large a world gets, and how the work of making it is cut.

Rows and bytes are measured ones, to tell time and disk before the work is done; the cut decides
how much memory a step takes. Both depend on the scale only, never on the machine, so that equal
commands give equal files.
"""

from __future__ import annotations

from taproom.world.making.landing import Batch

ACCOUNTS_A_SHARD = 1_500  # ever-paying accounts rendered at once
ROWS_A_WINDOW = 400_000  # rendered at once, about

#: Rows a table delivers in a new world, by ever-paying account; other tables: a few.
ROWS = {
    ("app", "change_log"): 32,
    ("stripe", "event"): 70,
    ("stripe", "invoice_line_item"): 35,
    ("stripe", "subscription_history"): 32,
    ("hubspot", "contact_property_history"): 30,
    ("hubspot", "engagement"): 31,
    ("hubspot", "email_event"): 236,
    ("hubspot", "email_event_open"): 33,
    ("google_ads", "ad_stats"): 13,
    ("facebook_ads", "basic_ad_actions"): 17,
    ("ga4", "event"): 229,
    ("segment", "identifies"): 24,
    ("segment", "pages"): 305,
    ("segment", "tracks"): 995,
    ("zendesk", "ticket_field_history"): 27,
    ("iot", "device"): 62,
    ("iot", "device_telemetry_hourly"): 1_490,
    ("iot", "device_telemetry_daily"): 1_460,
    ("iot", "tap_event"): 470,
    ("iot", "device_event"): 153,
    ("iot", "firmware_rollout"): 52,
    ("iot", "work_order"): 15,
    ("pos", "location_daily_sales"): 640,
}
_OTHER_ROWS = 12
#: Bytes of Parquet a row, by source.
BYTES = {"iot": 16, "segment": 50, "pos": 14, "ga4": 45, "hubspot": 27}
_OTHER_BYTES = 55
_STATE_BYTES = 36_000  # of facts and checkpoints, by ever-paying account


def shards(paying: int) -> int:
    """Shards of the accounts that are rendered one after the other."""
    return max(1, round(paying / ACCOUNTS_A_SHARD))


def rows(paying: int, source: str, table: str) -> float:
    """Rows to expect of a table in a new world."""
    return ROWS.get((source, table), _OTHER_ROWS) * paying


def size(paying: int, tables) -> int:
    """Bytes of disk that a new world of these (source, table) takes while it is made."""
    parquet = sum(rows(paying, s, t) * BYTES.get(s, _OTHER_BYTES) for s, t in tables)
    return int(1.15 * parquet + _STATE_BYTES * paying) + (16 << 20)


def spans(
    paying: int, source: str, table: str, batches: list[Batch], since: int
) -> list[tuple[int, int]]:
    """Runs of batches [first, last) to render at once, given that delivery begins at `since`."""
    live = max(1, sum(b.hi > since for b in batches))
    each = rows(paying, source, table) / shards(paying) / live
    step = int(min(max(ROWS_A_WINDOW // max(each, 1), 1), len(batches)))
    return [(i, min(i + step, len(batches))) for i in range(0, len(batches), step)]
