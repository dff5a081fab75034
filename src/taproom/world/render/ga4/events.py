"""The hits of each visit, as the daily export of Google Analytics holds them: a row an event."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock, mess
from taproom.world.around.places import CITIES
from taproom.world.clock import SECOND
from taproom.world.draws import ids, keys
from taproom.world.marketing import channels
from taproom.world.marketing.channels import EMAIL, ORGANIC, PARTNER, SOCIAL
from taproom.world.people import names
from taproom.world.people.names import where
from taproom.world.render.ad_columns import ledger
from taproom.world.render.columns import build, constant, stamp
from taproom.world.render.ga4.visits import BOT, LATE_DAYS, PATH, SIGN_UP, delay, delivered
from taproom.world.window import Window

NAMES = (
    "first_visit",
    "session_start",
    "page_view",
    "scroll",
    "user_engagement",
    "form_start",
    "generate_lead",
    "sign_up",
    "login",
)
FIRST_VISIT, START, VIEW, SCROLL, ENGAGED, FORM_START, LEAD, SIGNED, LOGGED = range(9)
_COUNTRY = {
    "US": "United States",
    "GB": "United Kingdom",
    "DE": "Germany",
    "CA": "Canada",
    "AU": "Australia",
    "FR": "France",
    "NL": "Netherlands",
    "IE": "Ireland",
    "JP": "Japan",
}
_CITY_COUNTRY = pa.array([_COUNTRY[c.country] for c in CITIES])
_NAMES = pa.array(NAMES)
_DEVICES = pa.array(["desktop", "mobile", "tablet"])
_STREAM = "4471920386"
# Events after the first page, and how many of them close a visit, by kind.
_MORE = np.array([2.0, 2.4, 3.0, 0.6, 1.5, 4.0, 3.0])
_BOUNCE = np.array([0.18, 0.0, 0.0, 0.3, 0.52, 0.0, 0.1])
_TAIL = np.array([0, 2, 2, 1, 0, 0, 0])
_LAST = np.array([VIEW, LEAD, SIGNED, LOGGED, VIEW, VIEW, VIEW])
_SPACING = 34.0  # seconds between events


# --- tags --------------------------------------------------------------------------------------
def _tags(w: Window, kind, key, channel, campaign) -> dict[str, pa.Array]:
    """Source, medium and campaign of visits as in the link (raw_*), and as Analytics tells them;
    gclid of clicks on Google's ads."""
    theme = np.where(campaign >= 0, campaign % len(channels.THEMES), -1)
    lost = _dark(w, kind, key, channel)
    tagged = (theme >= 0) & ~lost
    at = np.maximum(theme, 0)
    clean = (
        where(tagged, names.take(channels.THEME_SOURCE, at), None),
        where(tagged, names.take(channels.THEME_MEDIUM, at), None),
        channels.campaign_name(np.where(tagged, campaign, -1)),
    )
    source, medium, name = mess.utm(w.mess, key, *clean)
    organic = channel == ORGANIC
    engine = where(keys.chance(key, 50, 0.09), "bing", "google")
    google = tagged & (theme < 3)
    gone = mess.hit(w.mess, "M17", "ga4.event", keys.mix(key))
    return {
        "raw_source": source,
        "raw_medium": medium,
        "source": where(organic, engine, source),
        "medium": where(organic, "organic", medium),
        "campaign": where(organic, "(organic)", name),
        "gclid": ids.text_id("Cj0KCQiA", keys.lane(key, 51), google & ~gone),
    }


def _first_tags(w: Window, v: np.ndarray, own: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Source, medium and campaign of the first visits in the browsers of visits."""
    other = v["first_tag"] != v["tag"]
    for name in ("channel", "campaign"):
        other |= v[f"first_{name}"] != v[name]
    rows = np.flatnonzero(other)
    d = v[rows]
    kind = np.where(d["first_tag"] == d["tag"], d["kind"], PATH)
    tags = _tags(w, kind, d["first_tag"], d["first_channel"], d["first_campaign"])
    at = np.arange(len(v))
    at[rows] = len(v) + np.arange(len(rows))
    at = pa.array(at)
    return {
        name: pa.concat_arrays([own[name], tags[name]]).take(at)
        for name in ("source", "medium", "campaign")
    }


def _dark(w: Window, kind, key, channel) -> np.ndarray:
    """M17: links passed on in chats and mails arrive with nothing (dark social). The tags of a
    sign-up reached the app, so they are not lost."""
    passed_on = np.isin(channel, (SOCIAL, EMAIL, PARTNER)) & (kind != SIGN_UP)
    return passed_on & mess.hit(w.mess, "M17", "ga4.event", key)


def _cookie_text(key) -> pa.Array:
    """Two numbers of ten digits with a point between, as in the cookie _ga."""
    n = len(key)
    out = np.full((n, 21), ord("."), dtype=np.uint8)
    for lane, start, first in ((70, 0, 1), (71, 11, 1)):
        value = keys.lane(key, lane) % np.uint64(9 * 10**9) + np.uint64(first * 10**9)
        for i in range(9, -1, -1):
            value, digit = np.divmod(value, np.uint64(10))
            out[:, start + i] = digit.astype(np.uint8) + 48
    offsets = np.arange(0, 21 * (n + 1), 21, dtype=np.int32)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(out))


# --- events ------------------------------------------------------------------------------------
def _shape(v: np.ndarray):
    """Events of each visit: how many at its head, in its middle and at its end."""
    kind = v["kind"]
    k = v["key"]
    more = np.where(
        keys.chance(k, 52, _BOUNCE[kind]), 0, 1 + keys.poisson(k, 53, _MORE[kind] - 0.6, 8)
    )
    return 2 + (v["number"] == 1), more, _TAIL[kind]


def _spread(v: np.ndarray, head, more, tail):
    """(visit, place in it, instant, name) of each event, visit by visit."""
    count = head + more + tail
    visit = np.repeat(np.arange(len(v)), count)
    start = np.cumsum(count) - count
    place = np.arange(len(visit)) - start[visit]
    inner = place - head[visit]
    k = keys.mix(v["key"][visit] + (place + 2).astype(np.uint64) * keys.G)
    draw = (k >> np.uint64(32)).astype(np.int64)
    length = more * int(_SPACING * SECOND)
    length = np.where(v["until"] >= 0, v["until"] - v["at"], length)
    steps = np.maximum(more + tail, 1)
    # Each event has its own part of the visit and falls somewhere into it, the last at its end.
    step = (length // steps)[visit]
    at = v["at"][visit] + np.where(inner >= 0, inner * step + (draw * (step >> 8) >> 24), 0)
    last = (place == count[visit] - 1) & (v["until"][visit] >= 0)
    at = np.where(last, v["until"][visit], at)
    name = np.where(
        inner < 0,
        np.where(inner == -1, VIEW, np.where(inner == -2, START, FIRST_VISIT)),
        np.array([VIEW, VIEW, SCROLL, ENGAGED])[draw >> 30],
    )
    name = np.where(inner >= more[visit], FORM_START, name)
    name = np.where(last, _LAST[v["kind"]][visit], name)
    machine = (v["kind"] == BOT)[visit] & (inner >= 0)
    return visit, place, at, np.where(machine, VIEW, name), k


def event(w: Window) -> pa.Table | None:
    v, arrived = delivered(w)
    if not len(v):
        return None
    head, more, tail = _shape(v)
    visit, place, at, name, k = _spread(v, head, more, tail)
    own = _tags(w, v["kind"], v["tag"], v["channel"], v["campaign"])
    first = _first_tags(w, v, own)
    i = pa.array(visit)
    # What brought the visit stands with its first hits only.
    brought = np.where(place < head[visit], visit, -1)
    engaged = (more > 0) & (v["kind"] != BOT)
    worth = (name == ENGAGED) | (name == SCROLL)
    time_spent = np.where(worth, 1_000 + (k & np.uint64(0x7FFF)).astype(np.int64), 0)
    user = v["known"][visit] & ((v["kind"] != SIGN_UP)[visit] | (name == SIGNED))
    started = pc.cast(pa.array(v["at"] // SECOND), pa.string())
    device = np.minimum(keys.choose(v["cookie"], 60, np.cumsum([0.62, 0.34])), 2)
    device = np.where(v["kind"] >= BOT, 0, device)
    days, of = np.unique(v["run"], return_inverse=True)
    dates = pa.array([clock.as_date(d).strftime("%Y%m%d") for d in days])
    city = v["city"][visit]
    when, none = stamp(arrived).take(i), np.zeros(len(at), dtype=np.int8)
    return build(
        "event",
        {
            "date": _coded(dates, of[visit]),
            "timestamp": stamp(at),
            "name": _coded(_NAMES, name),
            "user_pseudo_id": _cookie_text(v["cookie"]).take(i),
            "user_id": ids.text_id("usr_", v["user"][visit], user),
            "platform": _coded(pa.array(["WEB"]), none),
            "device_category": _coded(_DEVICES, device[visit]),
            "geo_country": _coded(_CITY_COUNTRY, city),
            "geo_region": _coded(names.CITY_REGION, city),
            "geo_city": _coded(names.CITY_NAME, city),
            "traffic_source_source": _of_visit(pc.fill_null(first["source"], "(direct)"), visit),
            "traffic_source_medium": _of_visit(pc.fill_null(first["medium"], "(none)"), visit),
            "traffic_source_name": _of_visit(pc.fill_null(first["campaign"], "(direct)"), visit),
            "collected_traffic_source_manual_source": _of_visit(own["raw_source"], brought),
            "collected_traffic_source_manual_medium": _of_visit(own["raw_medium"], brought),
            "param_source": _of_visit(own["source"], brought),
            "param_medium": _of_visit(own["medium"], brought),
            "param_campaign": _of_visit(own["campaign"], brought),
            "param_gclid": own["gclid"].take(pa.array(brought, mask=brought < 0)),
            "param_ga_session_id": started.take(i),
            "param_ga_session_number": pa.array(v["number"][visit]),
            "param_engagement_time_msec": pa.array(time_spent, mask=~worth),
            "param_session_engaged": pa.array(engaged[visit]),
            "stream_id": _coded(pa.array([_STREAM]), none),
            "is_intraday": constant(False, len(at), pa.bool_()),
            "_fivetran_id": ids.text_id("", k),
            "_fivetran_synced": when,
        },
        arrived[visit],
    )


def _coded(values: pa.Array, code: np.ndarray) -> pa.DictionaryArray:
    """Texts by code, dictionary-encoded."""
    return pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32)), values)


def _of_visit(texts: pa.Array, visit: np.ndarray) -> pa.DictionaryArray:
    """A text of each visit, of which there are few different ones, for its events; null for the
    events of visit -1."""
    coded = pc.dictionary_encode(texts)
    # One more code at the end: that of visit -1.
    code = np.r_[coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int32(-1)][visit]
    index = pa.array(code, mask=code < 0)
    return pa.DictionaryArray.from_arrays(index, coded.dictionary)


def defects(w: Window) -> pa.Table:
    """Ledger of the visits' defects; the key is user_pseudo_id|param_ga_session_id."""
    v, arrived = delivered(w)
    if w.mess == "none" or not len(v):
        return ledger([])
    found = [_late(w, v, arrived), _machines(v)]
    clean = replace(w, mess="none")
    for column, name in (
        ("param_source", "source"),
        ("param_medium", "medium"),
        ("param_campaign", "campaign"),
        ("param_gclid", "gclid"),
    ):
        args = (v["kind"], v["tag"], v["channel"], v["campaign"])
        before, after = _tags(clean, *args)[name], _tags(w, *args)[name]
        same = pc.fill_null(pc.equal(before, after), False)
        same = pc.or_(same, pc.and_(pc.is_null(before), pc.is_null(after)))
        found.append(_rows("M17", v, np.flatnonzero(~same.to_numpy(False)), column, before, after))
    return pa.concat_tables(found)


def _rows(defect: str, v: np.ndarray, rows, column: str, before, after) -> pa.Table:
    n, at = len(rows), pa.array(rows)
    started = pc.cast(pa.array(v["at"][rows] // SECOND), pa.string())
    return pa.table(
        {
            "defect": constant(defect, n, pa.string()),
            "table_name": constant("ga4.event", n, pa.string()),
            "pk": names.glue(_cookie_text(v["cookie"][rows]), started, sep="|"),
            "column_name": constant(column, n, pa.string()),
            "before": before.take(at),
            "after": after.take(at),
        }
    )


def _late(w: Window, v: np.ndarray, arrived) -> pa.Table:
    days = delay(w, v)
    parts = []
    for defect, mask in (("M01", (days > 0) & (days <= LATE_DAYS)), ("M12", days > LATE_DAYS)):
        before, after = (
            pc.strftime(stamp(t), "%Y-%m-%dT%H:%M:%SZ")
            for t in (arrived - days * clock.DAY, arrived)
        )
        parts.append(_rows(defect, v, np.flatnonzero(mask), "_arrived_at", before, after))
    return pa.concat_tables(parts)


def _machines(v: np.ndarray) -> pa.Table:
    none = constant(None, len(v), pa.string())
    kind = where(v["kind"] == BOT, "a machine", "the office")
    return _rows("M16", v, np.flatnonzero(v["kind"] >= BOT), "*", none, kind)
