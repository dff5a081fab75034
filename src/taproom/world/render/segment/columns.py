"""Columns of delivered calls. Texts that repeat are dictionaries, made once for a window."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.draws import ids, keys
from taproom.world.people.population import account_key
from taproom.world.product import usage
from taproom.world.render.columns import stamp
from taproom.world.render.segment import words
from taproom.world.render.segment.traffic import CRAWLER, GUEST, IDENTIFIES, MONITOR, OFFICE, TRACKS
from taproom.world.window import Window

_COOKIE_DAYS, _COOKIES = 150, 16  # a browser forgets who it was after five months
_MONITORS, _OFFICES, _CRAWLERS = 2, 16, 4096
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def columns(w: Window, kind: int, rows) -> pa.Table:
    """Rows as Arrow, in the order of the contract; `rows` are delivery.Delivered."""
    p = usage.people(w)
    person, who = rows.calls.person.astype(np.int64), rows.calls.who
    known = who < GUEST
    if kind != IDENTIFIES:
        known = known | rows.orphan if w.mess != "none" else known
    browser, codes = _used(_browser(p, rows), len(p) * 2 * _COOKIES + _STRANGERS)
    address, agent, device = _of_browsers(p, codes)
    out = {
        "id": ids.text_id("ajs-", rows.calls.key),
        "anonymous_id": _dictionary(browser, _anonymous(p, codes)),
        "user_id": _people(person, known, len(p), lambda i: ids.text_id("usr_", p.key[i])),
    }
    if kind == TRACKS:
        what = _renamed(rows)
        out["event"] = _dictionary(what, words.EVENTS)
        out["event_text"] = _dictionary(what, words.TRACKED)
        path = words.EVENT_PATH[what]
    else:
        what = rows.calls.what.astype(np.int64)
        path = np.full(len(rows), words.LOGIN) if kind == IDENTIFIES else what
    out |= {
        "timestamp": stamp(rows.received - (rows.sent - rows.original)),
        "original_timestamp": stamp(rows.original),
        "sent_at": stamp(rows.sent),
        "received_at": stamp(rows.received),
        "context_page_path": _dictionary(path, words.PATHS),
        "context_page_referrer": _referrer(rows),
    }
    out |= _campaign(rows)
    inside = (who < GUEST) | (who == OFFICE)
    account, accounts = np.unique(p.acct, return_inverse=True)
    out |= {
        "context_device_type": _dictionary(device[browser], words.DEVICES),
        "context_ip": _dictionary(browser, address),
        "context_user_agent": _dictionary(agent[browser], words.AGENTS),
        "context_group_id": _people(
            accounts[person],
            inside,
            len(account),
            lambda i: ids.text_id("acc_", account_key(w.seed, account[i])),
        ),
        "properties": _properties(w, p, kind, rows, what),
        "_arrived_at": stamp(rows.arrived),
    }
    return pa.table(out)


_STRANGERS = _MONITORS + _OFFICES + _CRAWLERS


def _dictionary(index, texts: pa.Array, null=None) -> pa.DictionaryArray:
    index = pa.array(np.asarray(index, dtype=np.int32), mask=null)
    return pa.DictionaryArray.from_arrays(index, texts)


def _used(code: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes as positions among the distinct codes that occur, and those codes."""
    seen = np.zeros(size, dtype=bool)
    seen[code] = True
    position = np.cumsum(seen, dtype=np.int32) - 1
    return position[code], np.flatnonzero(seen)


def _people(code, known, size: int, text) -> pa.DictionaryArray:
    at, codes = _used(np.where(known, code, 0), size)
    return _dictionary(at, text(codes), ~known)


def _browser(p: usage.People, rows) -> np.ndarray:
    """Code of the browser that made each call: person, device and cookie, or a stranger's."""
    person = rows.calls.person.astype(np.int64)
    age = rows.calls.at // DAY - clock.FOUNDED + (p.draws[person] % _COOKIE_DAYS).astype(np.int64)
    cookie = np.clip(age // _COOKIE_DAYS, 0, _COOKIES - 1)
    code = (person * 2 + rows.calls.mobile) * _COOKIES + cookie
    at = np.flatnonzero(rows.calls.who > GUEST)
    if len(at):
        k, who = rows.calls.key[at], rows.calls.who[at]
        first = np.select([who == MONITOR, who == OFFICE], [0, _MONITORS], _MONITORS + _OFFICES)
        size = np.select([who == MONITOR, who == OFFICE], [_MONITORS, _OFFICES], _CRAWLERS)
        code[at] = len(p) * 2 * _COOKIES + first + keys.below(k, 25, size)
    return code


def _keys(p: usage.People, codes: np.ndarray) -> np.ndarray:
    """Key of each browser; strangers are told by their number."""
    own = codes < len(p) * 2 * _COOKIES
    person = np.where(own, codes // (2 * _COOKIES), 0)
    number = np.where(own, codes % (2 * _COOKIES), codes - len(p) * 2 * _COOKIES)
    base = np.where(own, p.draws[person], np.uint64(77))
    return keys.key(keys.stream_key(p.seed, "browser"), base, number)


def _anonymous(p: usage.People, codes: np.ndarray) -> pa.StringArray:
    return ids.text_id("", _keys(p, codes))


def _of_browsers(p: usage.People, codes: np.ndarray):
    """IP address (text), user agent and device (positions) of browsers.

    A venue's computers share its address; telephones have one of their network's. All
    addresses are of ranges that never reach the internet.
    """
    k = _keys(p, codes)
    own = codes < len(p) * 2 * _COOKIES
    person = np.where(own, codes // (2 * _COOKIES), 0)
    mobile = own & (codes // _COOKIES % 2 == 1)
    stranger = np.where(own, 0, codes - len(p) * 2 * _COOKIES)
    venue = keys.key(keys.stream_key(p.seed, "address"), p.acct[person])
    draw = np.where(mobile, k, venue)
    office = ~own & (stranger >= _MONITORS) & (stranger < _MONITORS + _OFFICES)
    outside = ~own & ~office
    parts = [
        np.select([office, outside, mobile], [203, 192, 100], 198),
        np.select(
            [office | outside, mobile],
            [0, 64 + keys.below(draw, 26, 64)],
            18 + keys.below(draw, 26, 2),
        ),
        np.select([office, outside], [113, 2], keys.below(draw, 27, 256)),
        np.select(
            [office, outside],
            [1 + stranger % 4, 10 + stranger % 200],
            1 + keys.below(draw, 28, 254),
        ),
    ]
    address = pc.binary_join_element_wise(*(pa.array(x).cast(pa.string()) for x in parts), ".")
    phone = words.DESKTOPS + keys.below(k, 29, words.PHONES)
    desktop = keys.below(k, 29, words.DESKTOPS)
    robot = np.where(
        stranger < _MONITORS, words.MONITOR_AGENT, words.FIRST_ROBOT + keys.below(k, 29, 2)
    )
    agent = np.select([mobile, own | office], [phone, desktop], robot)
    return address, agent.astype(np.int32), mobile.astype(np.int32)


def _renamed(rows) -> np.ndarray:
    """Codes of events; from the release of D+340 the tracker says tap_line_created."""
    what = rows.calls.what.astype(np.int64)
    new = (what == words.TAP_CREATED) & (rows.calls.at >= clock.DRIFT_TAP_LINE * DAY)
    return np.where(new, words.TAP_LINE_CREATED, what)


def _referrer(rows) -> pa.DictionaryArray:
    """Where the browser came from: the application itself, or what led to it."""
    draw = rows.calls.key >> np.uint64(60)
    where = np.where(rows.calls.mail, 2, np.where(draw == 3, 1, 0))
    return _dictionary(where, words.REFERRERS, (draw < 3) & ~rows.calls.mail)


def _campaign(rows) -> dict:
    month = clock.month_of(rows.calls.at[rows.calls.mail] // DAY)
    which = np.zeros(len(rows), dtype=np.int32)
    which[rows.calls.mail] = (month - 12 * 53) // 3
    absent = ~rows.calls.mail
    return {
        "context_campaign_source": _dictionary(
            np.zeros(len(rows)), pa.array(["newsletter"]), absent
        ),
        "context_campaign_name": _dictionary(which, words.NEWSLETTERS, absent),
    }


def _properties(w: Window, p: usage.People, kind: int, rows, what) -> pa.DictionaryArray:
    if kind == TRACKS:
        step = (rows.calls.key >> np.uint64(20)) & np.uint64(255)
        spread = (step.astype(np.int64) * len(words.DURATIONS)) >> 8
        return _dictionary(what * len(words.DURATIONS) + spread, words.PROPERTIES)
    if kind == IDENTIFIES:
        person = rows.calls.person
        tier = usage.plan(w.facts, p.acct[person], rows.calls.at // DAY - 1)
        return _dictionary(p.role[person] * 4 + tier, words.TRAITS)
    return _dictionary(what, words.PAGE_PROPERTIES)


assert CRAWLER > GUEST
