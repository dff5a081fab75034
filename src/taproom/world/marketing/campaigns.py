"""The advertising campaigns of each platform: what runs when, of which parts, at which share of
the money.

A theme has one campaign a quarter on its platform; its groups (ad groups, ad sets) hold ads
(creatives). Meta's sets and, from the restructuring on, Google's campaigns are split by area.
How many groups and ads there are depends on the scale, as a small company has few. How much is
spent is finance's (render.spending.budgets), this module says on what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from taproom.world import clock
from taproom.world.around import zones
from taproom.world.clock import DAY
from taproom.world.draws import ids, keys
from taproom.world.facts import COUNTRIES
from taproom.world.marketing import channels, holdouts
from taproom.world.marketing.channels import BRAND, THEME_CHANNEL, THEMES

AREAS = ("us", "emea", "apac")
_AREA = {"US": 0, "CA": 0, "GB": 1, "DE": 1, "FR": 1, "NL": 1, "IE": 1, "AU": 2, "JP": 2}
COUNTRY_AREA = np.array([_AREA[c] for c in COUNTRIES])
MARKET_AREA = np.array([_AREA[country] for country, _ in holdouts.MARKETS])
_AREA_SHARE = np.array([0.57, 0.34, 0.09])

# One row an ad and place it is shown in: what a platform reports a line of each day.
CELL = np.dtype(
    [
        ("theme", "i1"),
        ("area", "i1"),  # -1: all areas
        ("group", "i1"),
        ("ad", "i1"),
        ("slot", "i1"),
        ("share", "f8"),  # of its theme's clicks
    ]
)

# One campaign as the platform runs it. campaign as in channels.campaign; area -1: all. days
# [start, end). made: 1 for those of Google's restructuring.
FLIGHT = np.dtype(
    [
        ("campaign", "i4"),
        ("area", "i1"),
        ("start", "i8"),
        ("end", "i8"),
        ("made", "i1"),
        ("id", "i8"),
    ]
)


@dataclass(frozen=True)
class Platform:
    """An advertising platform. vendor: its name in finance's sheet. zone: position in
    zones.ZONES, None for UTC. slots: places an ad is shown in, with their share of clicks.
    by_theme: click-through rate and cost of a click in dollars. per_click: whether clicks are
    paid for, or showings."""

    name: str
    vendor: str
    themes: tuple[int, ...]
    zone: int | None
    account: int
    slots: tuple[tuple[str, ...], ...]
    slot_share: tuple[float, ...]
    click_rate: tuple[float, ...]
    click_cost: tuple[float, ...]
    per_click: bool
    weekend: float  # activity on Saturdays and Sundays, beside 1 on working days
    claim_days: int  # after a click in which it claims a conversion

    def groups(self, paying: int) -> tuple[int, int]:
        """Groups of a campaign (of an area, where it is split) and ads of a group."""
        size = 0 if paying < 300 else 1 if paying < 5_000 else 2
        return {
            "google_ads": ((1, 1), (2, 2), (4, 2)),
            "facebook_ads": ((1, 1), (1, 2), (2, 3)),
            "linkedin_ads": ((1, 2), (1, 5), (1, 5)),
        }[self.name][size]

    def areas(self, paying: int, day: int) -> tuple[int, ...]:
        """Areas its cells are split by on a day; (-1,) where they are not."""
        split = {
            "google_ads": day >= clock.DRIFT_GOOGLE_RESTRUCTURE,
            "facebook_ads": True,
            "linkedin_ads": paying >= 5_000,
        }[self.name]
        return tuple(range(len(AREAS))) if split else (-1,)

    def today(self, at) -> np.ndarray:
        """The platform's date (days since 1970) of instants: that of the ad account's zone."""
        return np.asarray(at if self.zone is None else zones.local(self.zone, at)) // DAY

    def midnight(self, day) -> np.ndarray:
        """Instant at which a date begins in the ad account's zone."""
        day = np.asarray(day, dtype=np.int64)
        if self.zone is None:
            return day * DAY
        return day * DAY - zones.offset(self.zone, day * DAY + 5 * clock.HOUR) * clock.MINUTE

    def theme_shares(self, day: int) -> np.ndarray:
        """Shares of the month's money by theme; Google's move at the budget step."""
        if self.name == "google_ads":
            generic = holdouts.GENERIC_SHARE[int(day >= holdouts.BUDGET_STEP)]
            return np.array([1 - generic, 0.55 * generic, 0.45 * generic])
        return {"facebook_ads": np.array([0.46, 0.33, 0.21]), "linkedin_ads": np.array([0.6, 0.4])}[
            self.name
        ]


def _zone(name: str) -> int:
    return zones.ZONES.index(name)


GOOGLE = Platform(
    "google_ads",
    "Google Ads",
    (0, 1, 2),
    _zone("America/New_York"),
    4_117_203_386,
    (
        ("MOBILE", "SEARCH"),
        ("DESKTOP", "SEARCH"),
        ("TABLET", "SEARCH"),
        ("MOBILE", "SEARCH_PARTNERS"),
        ("DESKTOP", "SEARCH_PARTNERS"),
    ),
    (0.46, 0.38, 0.04, 0.05, 0.07),
    (0.112, 0.040, 0.034),
    (2.55, 7.9, 8.3),
    True,
    0.55,
    30,
)
META = Platform(
    "facebook_ads",
    "Meta",
    (3, 4, 5),
    _zone("America/Chicago"),
    881_204_557_310_042,
    ((),),
    (1.0,),
    (0.013, 0.014, 0.024),
    (2.05, 1.85, 1.65),
    False,
    1.15,
    7,
)
LINKEDIN = Platform(
    "linkedin_ads",
    "LinkedIn",
    (6, 7),
    None,
    509_771_264,
    ((),),
    (1.0,),
    (0.0052, 0.0047),
    (10.6, 11.9),
    False,
    0.25,
    30,
)
PLATFORMS = (GOOGLE, META, LINKEDIN)
assert [THEMES[t] for p in PLATFORMS for t in p.themes] == list(THEMES[:8])
assert THEME_CHANNEL[0] == BRAND


def _falling(n: int) -> np.ndarray:
    """Shares of n parts, each a good half of the one before."""
    s = 0.6 ** np.arange(n)
    return s / s.sum()


@lru_cache(maxsize=64)
def cells(platform: Platform, paying: int, split: tuple[int, ...]) -> np.ndarray:
    """The lines a platform reports on a day, shares summing to 1 in each theme."""
    groups, ads = platform.groups(paying)
    rows = [
        (theme, area, g, a, s, area_share * _falling(groups)[g] * _falling(ads)[a] * share)
        for theme in platform.themes
        for area, area_share in zip(
            split, _AREA_SHARE if len(split) > 1 else np.ones(1), strict=True
        )
        for g in range(groups)
        for a in range(ads)
        for s, share in enumerate(platform.slot_share)
    ]
    out = np.array(rows, CELL)
    out.flags.writeable = False
    return out


def cell_of(platform: Platform, paying: int, split, theme, country, key) -> np.ndarray:
    """The line in which the platform counts a click: positions in `cells`."""
    groups, ads = platform.groups(paying)
    area = COUNTRY_AREA[country] if len(split) > 1 else np.zeros(len(theme), dtype=np.int64)
    place = np.asarray(theme, dtype=np.int64) - platform.themes[0]
    for n, lane, share in (
        (len(split), None, None),
        (groups, 10, _falling(groups)),
        (ads, 11, _falling(ads)),
        (len(platform.slots), 12, np.array(platform.slot_share)),
    ):
        drawn = (
            area if lane is None else np.minimum(keys.choose(key, lane, np.cumsum(share)), n - 1)
        )
        place = place * n + drawn
    return place


# --- what the platforms call them --------------------------------------------------------------
def flights(platform: Platform, paying: int, first_day: int, last_day: int) -> np.ndarray:
    """Campaigns that run on any day in [first_day, last_day), by start."""
    out = []
    q = 0
    while _quarter_start(q) < last_day:
        start, end = _quarter_start(q), _quarter_start(q + 1)
        turn = clock.DRIFT_GOOGLE_RESTRUCTURE
        cut = platform.name == "google_ads" and start < turn < end
        for a, b in ((start, turn), (turn, end)) if cut else ((start, end),):
            split = platform.areas(paying, a) if platform.name == "google_ads" else (-1,)
            made = int(platform.name == "google_ads" and a >= turn)
            for theme in platform.themes:
                c = q * len(THEMES) + theme
                out += [(c, area, a, b, made, 0) for area in split]
        q += 1
    rows = np.array(out, FLIGHT)
    rows["id"] = campaign_id(platform, rows["campaign"], rows["area"], rows["made"])
    return rows[(rows["end"] > first_day) & (rows["start"] < last_day)]


def _quarter_start(quarter: int) -> int:
    return int(clock.month_start(channels.first_month(quarter * len(THEMES))))


def campaign_id(platform: Platform, campaign, area, made) -> np.ndarray:
    """Number of a campaign on its platform."""
    part = (np.asarray(area, dtype=np.int64) + 1) * 2 + made
    return _number(platform, "campaign", campaign, part)


def group_id(platform: Platform, campaign, area, made, group) -> np.ndarray:
    """Number of an ad group or ad set; `area` is its own where groups are split by area."""
    part = ((np.asarray(area, dtype=np.int64) + 1) * 2 + made) * 64 + group
    return _number(platform, "group", campaign, part)


def ad_id(platform: Platform, campaign, area, made, group, ad) -> np.ndarray:
    """Number of an ad or creative."""
    part = (((np.asarray(area, dtype=np.int64) + 1) * 2 + made) * 64 + group) * 64 + ad
    return _number(platform, "ad", campaign, part)


def _number(platform: Platform, what: str, campaign, part) -> np.ndarray:
    stream = keys.stream_key(0, f"{platform.name} {what}")
    return ids.number(keys.key(stream, np.asarray(campaign, dtype=np.int64), part))
