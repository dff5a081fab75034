"""The texts of calls by code: events, paths, browsers, properties."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from taproom.world.facts import TIERS, USER_ROLES
from taproom.world.product import features

_F = features.COUNT

# --- tracks: codes 4 x feature + 2 x error + which of its events; then three of the login ------
SIGNED_IN, SIGNED_UP, INVITATION = 4 * _F, 4 * _F + 1, 4 * _F + 2


def _tracked() -> list[str]:
    out = []
    for f in features.FEATURES:
        out += [f.events[0], f.events[-1], "Error Shown", "Error Shown"]
    return [*out, "Signed In", "Signed Up", "Invitation Accepted"]


_TEXTS = _tracked()
TRACKED = pa.array([*_TEXTS, "tap_line_created"])
EVENTS = pa.array([t.lower().replace(" ", "_") for t in TRACKED.to_pylist()])
TAP_CREATED = _TEXTS.index("Tap Created")
TAP_LINE_CREATED = len(_TEXTS)

# --- pages: the page of each feature, then others ----------------------------------------------
LOGIN = _F
GUEST_BOARD = _F + 4
_PATHS = [f"/{f.area}/{f.key.replace('_', '-')}" for f in features.FEATURES]
PATHS = pa.array([*_PATHS, "/login", "/docs", "/pricing", "/status", "/shared/board"])
_EVENT_PATH = np.r_[np.repeat(np.arange(_F), 4), LOGIN, LOGIN, LOGIN, features.INDEX["tap_lines"]]
EVENT_PATH = _EVENT_PATH.astype(np.int16)

REFERRERS = pa.array(
    ["https://app.tapwise.example/", "https://www.google.com/", "https://mail.google.com/"]
)

# --- browsers ----------------------------------------------------------------------------------
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_DESKTOP = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/124.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Chrome/123.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/122.0.0.0 Safari/537.36 "
    "Edg/122.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
)
_PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {_WEBKIT} Chrome/124.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 13; SM-A546B) {_WEBKIT} Chrome/122.0.0.0 Mobile Safari/537.36",
)
_ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
)
AGENTS = pa.array([*_DESKTOP, *_PHONE, *_ROBOTS])
DESKTOPS, PHONES = len(_DESKTOP), len(_PHONE)
FIRST_ROBOT, MONITOR_AGENT = DESKTOPS + PHONES, DESKTOPS + PHONES + 2
DEVICES = pa.array(["desktop", "mobile"])

# --- campaigns ---------------------------------------------------------------------------------
NEWSLETTERS = pa.array(
    [f"monthly-digest_{year}q{quarter}" for year in range(2023, 2041) for quarter in (1, 2, 3, 4)]
)

# --- properties --------------------------------------------------------------------------------
DURATIONS = np.array([90, 120, 150, 180, 220, 260, 310, 380, 470, 600, 850, 1400, 2600, 5200])
_ERRORS = ("timeout", "offline", "forbidden", "unexpected")


def _json(**values) -> str:
    return json.dumps(values, separators=(",", ":"))


def _properties() -> list[str]:
    """By code of the event, then by duration or error, len(DURATIONS) of each."""
    out = []
    for code in range(len(TRACKED)):
        f = features.FEATURES[EVENT_PATH[code]].key if code < 4 * _F else None
        f = "tap_lines" if code == TAP_LINE_CREATED else f
        for i, ms in enumerate(DURATIONS.tolist()):
            if f is None:
                out.append(_json(method=("password", "password", "link", "google")[i % 4]))
            elif code % 4 >= 2 and code < 4 * _F:
                out.append(_json(feature=f, error=_ERRORS[i % 4]))
            else:
                out.append(_json(feature=f, duration_ms=ms))
    return out


PROPERTIES = pa.array(_properties())
PAGE_PROPERTIES = pa.array(
    [
        _json(path=path, title=path.rsplit("/", 1)[-1].replace("-", " "))
        for path in PATHS.to_pylist()
    ]
)
TRAITS = pa.array([_json(role=role, plan=plan) for role in USER_ROLES for plan in TIERS])
