"""How people come to Tapwise: channels, the tags of their links, and the tags of a sign-up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock
from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.people.population import Population

CHANNELS = (
    "brand_search",
    "generic_search",
    "social",
    "linkedin",
    "email",
    "organic",
    "review_site",
    "partner",
    "direct",
)
BRAND, GENERIC, SOCIAL, LINKEDIN, EMAIL, ORGANIC, REVIEW, PARTNER, DIRECT = range(9)
#: Channels that an advertising platform is paid for.
PAID = (BRAND, GENERIC, SOCIAL, LINKEDIN)

_TAGS = (  # source, medium, themes
    ("google", "cpc", ("brand-search", "draft-beer-software", "keg-monitoring")),
    ("facebook", "paid_social", ("owners-lookalike", "spring-launch", "retargeting")),
    ("linkedin", "paid_social", ("operations-directors", "hospitality-groups")),
    ("newsletter", "email", ("monthly-digest", "webinar-invite")),
    ("capterra", "referral", ("listing",)),
    ("partner", "referral", ("pos-partner", "distributor")),
)
_TAG_CDF = np.cumsum([0.38, 0.22, 0.10, 0.13, 0.10, 0.07])
_THEMES_OF = names.Ragged([t[2] for t in _TAGS])

#: Themes of campaigns; a theme has one campaign a quarter.
THEMES = tuple(theme for tag in _TAGS for theme in tag[2])
THEME_TAG = np.repeat(np.arange(len(_TAGS)), [len(t[2]) for t in _TAGS])
THEME_SOURCE = pa.array([_TAGS[i][0] for i in THEME_TAG])
THEME_MEDIUM = pa.array([_TAGS[i][1] for i in THEME_TAG])
THEME_CHANNEL = np.array(
    [BRAND, GENERIC, GENERIC, *[SOCIAL] * 3, *[LINKEDIN] * 2, *[EMAIL] * 2, REVIEW, *[PARTNER] * 2]
)
#: First theme and number of themes of each channel (none for organic and direct).
THEMES_IN = np.bincount(THEME_CHANNEL, minlength=len(CHANNELS))
FIRST_THEME = np.array([int(np.argmax(c == THEME_CHANNEL)) for c in range(len(CHANNELS))])

_FOUNDED_QUARTER = int(clock.month_of(clock.FOUNDED)) // 3


def _tag(seed: int, pop: Population):
    """Draws behind the tags of a sign-up: key, tag, whether there are any, theme."""
    k = keys.key(keys.stream_key(seed, "utm"), pop.key)
    tag = np.minimum(keys.choose(k, 0, _TAG_CDF), len(_TAGS) - 1)
    return tag, keys.chance(k, 1, 0.6), _THEMES_OF.index(tag, k, 2)


def signup_theme(seed: int, pop: Population) -> np.ndarray:
    """Theme in the tags of each account's sign-up, -1 where it carried none."""
    _, tagged, theme = _tag(seed, pop)
    return np.where(tagged, theme, -1)


def utm(seed: int, pop: Population) -> tuple[pa.StringArray, pa.StringArray, pa.StringArray]:
    """Campaign tags at sign-up as they were meant: source, medium, campaign; null for 40%."""
    tag, tagged, theme = _tag(seed, pop)
    month = clock.month_of(pop.signup // clock.DAY)
    year = pc.cast(pa.array(1970 + month // 12), pa.string())
    quarter = pc.cast(pa.array(1 + month % 12 // 3), pa.string())
    campaign = names.glue(
        _THEMES_OF.text.take(pa.array(theme)), names.glue(year, quarter, sep="q"), sep="_"
    )
    source = names.take([t[0] for t in _TAGS], tag)
    medium = names.take([t[1] for t in _TAGS], tag)
    return tuple(names.where(tagged, x, None) for x in (source, medium, campaign))


def campaign(theme, at) -> np.ndarray:
    """Campaign of a theme that runs at an instant (µs UTC): quarter * len(THEMES) + theme, with
    quarters counted from Tapwise's first; -1 where the theme is."""
    quarter = clock.month_of(np.asarray(at) // clock.DAY) // 3 - _FOUNDED_QUARTER
    return np.where(np.asarray(theme) >= 0, quarter * len(THEMES) + theme, -1)


def quarter_of(campaign):
    """Quarter of a campaign, counted from Tapwise's first; its first month is 3 * that."""
    return np.asarray(campaign) // len(THEMES)


def first_month(campaign) -> np.ndarray:
    """First month (since 1970-01) of a campaign's quarter."""
    return (quarter_of(campaign) + _FOUNDED_QUARTER) * 3


def campaign_name(campaign) -> pa.StringArray:
    """utm_campaign of campaigns, such as brand-search_2024q1; null for -1."""
    campaign = np.asarray(campaign)
    some, back = np.unique(campaign, return_inverse=True)
    month = first_month(some)
    text = [
        f"{THEMES[c % len(THEMES)]}_{1970 + m // 12}q{1 + m % 12 // 3}" if c >= 0 else None
        for c, m in zip(some.tolist(), month.tolist(), strict=True)
    ]
    return pa.array(text, pa.string()).take(pa.array(back))
