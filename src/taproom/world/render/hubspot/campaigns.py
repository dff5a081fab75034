"""The marketing e-mails that go out to many: newsletters, product news, invitations, nurture.

Closed form: an e-mail is a code, type * 10,000 + ordinal. Ordinals of the first three count
months from Tapwise's first, those of nurture are steps of the sequence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, MINUTE
from taproom.world.draws import keys
from taproom.world.render.columns import build, in_window, integer, stamp, word
from taproom.world.render.hubspot.common import number, once, synced
from taproom.world.window import Window

TYPES = ("newsletter", "product", "event", "nurture")
NEWSLETTER, PRODUCT, EVENT, NURTURE = range(4)
_TYPE = 10_000
_FIRST = int(clock.month_of(clock.FOUNDED))

#: When the steps of the nurture sequence go out, after the form fill.
STEPS = np.array([10 * MINUTE, 2 * DAY, 6 * DAY, 13 * DAY, 24 * DAY, 38 * DAY])
_STEP_SUBJECTS = (
    "Welcome, and the guide you asked for",
    "How much beer goes down the drain",
    "What a bar of your size saves",
    "Three taprooms, three summers",
    "Questions people ask before they start",
    "Shall we close your file?",
)
_SUBJECTS = (
    ("What the taps told us this month", "Pour report", "Notes from the cellar"),
    ("New in Tapwise", "What we shipped", "Your dashboard has learnt something"),
    ("You are invited: live with a brewer", "Webinar: less foam, more pints"),
)


@dataclass(frozen=True)
class Mails:
    """E-mails to many that have gone out before an instant: code, type, instant (µs UTC)."""

    code: np.ndarray
    type: np.ndarray
    at: np.ndarray


def _nth(month, weekday: int, nth: int) -> np.ndarray:
    """Day of the n-th (from 0) weekday (0 is Monday) of months since 1970."""
    first = clock.month_start(month)
    return first + (weekday - (first + 3) % 7) % 7 + 7 * nth


def batches(w: Window) -> Mails:
    """Newsletters, product news and invitations sent before the window's end."""
    return once(w, "mails", lambda: _batches(w.hi), whole=True)


def _batches(hi: int) -> Mails:
    month = np.arange(_FIRST, int(clock.month_of((hi - 1) // DAY)) + 1)
    product, event = month[month % 2 == 1], month[month % 3 == 1]
    parts = (
        (NEWSLETTER, month, _nth(month, 1, 1) * DAY + 15 * HOUR),
        (PRODUCT, product, _nth(product, 3, 3) * DAY + 16 * HOUR),
        (EVENT, event, _nth(event, 2, 0) * DAY + 14 * HOUR),
    )
    kind = np.repeat([p[0] for p in parts], [len(p[1]) for p in parts])
    code = kind * _TYPE + np.concatenate([p[1] for p in parts]) - _FIRST
    at = np.concatenate([p[2] for p in parts])
    keep = at < hi
    order = np.argsort(at[keep], kind="stable")
    return Mails(code[keep][order], kind[keep][order], at[keep][order])


def nurture(step) -> np.ndarray:
    """Codes of the steps of the nurture sequence."""
    return NURTURE * _TYPE + np.asarray(step, dtype=np.int64)


def type_of(code) -> np.ndarray:
    return np.asarray(code) // _TYPE


def mail_numbers(w: Window, code) -> np.ndarray:
    """HubSpot's numbers of e-mails by code."""
    return number(keys.key(keys.stream_key(w.seed, "hubspot mail"), code))


def _words(code: int) -> tuple[str, str]:
    kind, n = divmod(code, _TYPE)
    if kind == NURTURE:
        return f"nurture step {n + 1}", _STEP_SUBJECTS[n]
    year, month = divmod(_FIRST + n, 12)
    subjects = _SUBJECTS[kind]
    subject = subjects[n % len(subjects)]
    date = f"{1970 + year}-{month + 1:02d}"
    return f"{TYPES[kind]} {date}", f"{subject}, {date}" if kind == NEWSLETTER else subject


def email_campaign(w: Window) -> pa.Table:
    """One row an e-mail, from the day it was scheduled: two days before it goes out."""
    mails = _batches(w.hi + 3 * DAY)
    code = np.r_[nurture(np.arange(len(STEPS))), mails.code]
    at = np.r_[np.full(len(STEPS), clock.FOUNDED * DAY), mails.at - 2 * DAY]
    arrived = synced(at)
    keep = in_window(w, arrived)
    keep = keep[np.lexsort((code[keep], arrived[keep]))]
    code, arrived, n = code[keep], arrived[keep], len(keep)
    texts = [_words(int(c)) for c in code]
    many = type_of(code) != NURTURE
    return build(
        "email_campaign",
        {
            "id": pa.array(mail_numbers(w, code)),
            "app_name": word(("Automation Platform", "Batch"), many),
            "name": pa.array([t[0] for t in texts], pa.string()),
            "subject": pa.array([t[1] for t in texts], pa.string()),
            "type": word(("AUTOMATED_EMAIL", "BATCH_EMAIL"), many),
            "num_included": integer(np.zeros(n), pa.int32(), np.ones(n, dtype=bool)),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
