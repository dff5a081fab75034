"""Touches of prospects: which of Tapwise's channels each of them met, when, and what it did.

A prospect converts with probability p ∝ exp(b·intent + sum of contributions), where a touch
contributes its channel's weight, halved with every fortnight that passes before the conversion
(adstock). Before any conversion touches come as Poisson processes; those of brand search and
organic search are the denser the higher the intent, which is why they look better than they are.

That somebody signed up is given, so the paths of accounts are drawn from the posterior: intent
by its tilted distribution, touches with the tilted intensity rate * exp(contribution), and the
last touch as the tags of the sign-up say. The draw behind a conversion is u = p * v with a keyed
uniform v: without some touches p becomes p', and the conversion is lost where u >= p', that is
where v >= exp(-their contributions). So counterfactuals are exact.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal
from taproom.world.marketing import channels, holdouts
from taproom.world.marketing.channels import (
    BRAND,
    CHANNELS,
    DIRECT,
    EMAIL,
    FIRST_THEME,
    GENERIC,
    LINKEDIN,
    ORGANIC,
    PARTNER,
    REVIEW,
    SOCIAL,
    THEMES_IN,
)

# One row a touch. n: the prospect. ord: its ordinal in the path. at: µs UTC. channel, theme and
# campaign as in channels.py (-1 without). click: a visit of the site followed; otherwise an ad
# was seen or a mail opened. kind: 0 on the way, 1 brought the form fill, 2 brought the sign-up.
# effect: contribution to the log-odds of the conversion. step: only the raised budget made it.
TOUCH = np.dtype(
    [
        ("n", "i8"),
        ("ord", "i4"),
        ("at", "i8"),
        ("channel", "i1"),
        ("theme", "i1"),
        ("campaign", "i4"),
        ("click", "?"),
        ("kind", "i1"),
        ("effect", "f8"),
        ("step", "?"),
        ("key", "u8"),
        ("country", "i1"),
        ("market", "i2"),
    ]
)

PATH_DAYS = 90  # before a sign-up
LEAD_DAYS = 45  # before a form fill, and after it
HALF_LIFE = 14  # days
INTENT = 0.9  # weight of intent in the log-odds

# By channel, in the order of CHANNELS: touches in 90 days of somebody of middling intent, slope
# on intent, contribution of a touch at the moment of conversion, share that are clicks.
RATE = np.array([0.42, 0.62, 0.74, 0.36, 1.25, 0.58, 0.20, 0.12, 0.40])
SLOPE = np.array([0.80, 0.10, 0.0, 0.0, 0.0, 0.30, 0.15, 0.0, 0.40])
WEIGHT = np.array([0.09, 0.47, 0.38, 0.52, 0.58, 0.46, 1.15, 0.50, 0.0])
CLICKS = np.array([1.0, 1.0, 0.45, 0.40, 0.35, 1.0, 1.0, 1.0, 1.0])
_MOST = 8  # touches of one channel on a path, those at its ends apart
_LEAD_CDF = np.cumsum([0.10, 0.27, 0.20, 0.10, 0.0, 0.19, 0.08, 0.03, 0.03])
_UNTAGGED_ORGANIC = 0.64  # of sign-ups without tags; the others typed the address


def decay(ago):
    """Adstock left of a touch some microseconds ago: half after every fortnight."""
    return keys.exp(-np.round(np.log(2.0), 9) / (HALF_LIFE * DAY) * np.maximum(ago, 0))


@lru_cache(maxsize=16)
def _extra(weight: float) -> tuple[float, np.ndarray]:
    """Mean over a path of exp(weight * decay) - 1, and the cumulative share by quarter day."""
    ago = (np.arange(PATH_DAYS * 4) + 0.5) / 4 * DAY
    more = keys.exp(weight * decay(ago)) - 1.0
    total = more.sum()
    return float(more.mean()), np.round(np.cumsum(more) / max(total, 1e-12), 9)


@lru_cache(maxsize=1)
def _intent_cdf() -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of intent among those who sign up: the normal ones, weighted by how likely
    somebody of that intent converts."""
    x = (np.arange(-320, 321) + 0.0) / 80.0
    more = np.array([_extra(float(w))[0] for w in WEIGHT])
    tilt = INTENT * x + (RATE * more * keys.exp(SLOPE * x[:, None])).sum(axis=1)
    mass = keys.exp(np.maximum(tilt - x * x / 2.0, -8.0) - 4.0)
    return x, np.round(np.cumsum(mass) / mass.sum(), 9)


def intent(key, signed_up) -> np.ndarray:
    """Intent of prospects: standard normal for all who come, higher for those who sign up."""
    x, cdf = _intent_cdf()
    given = x[np.minimum(keys.choose(key, 0, cdf), len(x) - 1)] + keys.normal(key, 1) / 200.0
    return np.where(signed_up, given, 0.35 + keys.normal(key, 2))


def rate_of(channel: int, at) -> np.ndarray:
    """How much of a channel there is at an instant, 1 being the usual: what the budget buys."""
    day = np.asarray(at) // DAY
    month = clock.month_of(day) % 12
    season = np.array([1.06, 1.0, 1.04, 1.02, 1.0, 0.97, 0.93, 0.92, 1.05, 1.06, 1.0, 0.93])
    much = season[month] if channel in channels.PAID else np.ones(np.shape(day))
    if channel in (GENERIC, BRAND):
        before, after = holdouts.GENERIC_SHARE
        ratio = after / before if channel == GENERIC else (1 - after) / (1 - before)
        # Twice the money does not buy twice the touches.
        power = 0.7 if channel == GENERIC else 0.25
        much = np.where(day >= holdouts.BUDGET_STEP, much * np.round(ratio**power, 9), much)
    return much


_RATE_TOP = 1.30  # no rate_of is above it


def draw(seed: int, paying: int, p: np.ndarray, everywhere: bool = False) -> np.ndarray:
    """Touches of prospects `p` (prospects.PROSPECT), sorted by (n, at).

    everywhere: as if no channel had been switched off anywhere (the counterfactual).
    """
    parts = [_on_the_way(seed, p, c) for c in range(len(CHANNELS))]
    parts += [_form_fill(seed, p), _sign_up(seed, p)]
    t = np.concatenate(parts)
    if not everywhere:
        t = _without(seed, paying, p, t)
    t = t[np.lexsort((t["kind"], t["key"], t["at"], t["n"]))]
    first = np.r_[True, t["n"][1:] != t["n"][:-1]] if len(t) else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(t)), 0))
    t["ord"] = np.arange(len(t)) - start
    return t


touches = draw


def _new(p, who, at, channel, theme, key, click, kind) -> np.ndarray:
    t = np.zeros(len(who), TOUCH)
    t["n"], t["country"], t["market"] = p["n"][who], p["country"][who], p["market"][who]
    t["at"], t["channel"], t["theme"], t["key"] = at, channel, theme, key
    t["click"], t["kind"] = click, kind
    t["campaign"] = channels.campaign(theme, at)
    end = _end(p)[who]
    t["effect"] = np.where(at <= end, WEIGHT[channel] * decay(end - at), 0.0)
    return t


def _end(p):
    """The conversion a path leads to: the sign-up, for leads that never do the form fill."""
    return np.where(p["signup"] >= 0, p["signup"], p["lead_at"])


def _theme(channel, key, lane: int):
    """A theme of each channel, -1 for those without."""
    some = np.maximum(THEMES_IN[channel], 1)
    return np.where(THEMES_IN[channel] > 0, FIRST_THEME[channel] + keys.below(key, lane, some), -1)


def _on_the_way(seed: int, p: np.ndarray, c: int) -> np.ndarray:
    k = keys.key(keys.stream_key(seed, f"touches {CHANNELS[c]}"), p["key"])
    signed = p["signup"] >= 0
    mean = RATE[c] * _RATE_TOP * keys.exp(SLOPE[c] * np.clip(p["intent"], -4, 4))
    more, cdf = _extra(float(WEIGHT[c]))
    if c == EMAIL:  # only who left an address gets mail
        mean = np.where(p["lead_at"] >= 0, mean, 0.0)
    count = keys.poisson(k, 0, mean, _MOST)
    extra = np.where(signed, keys.poisson(k, 1, mean * more, _MOST), 0)
    who = np.repeat(np.arange(len(p)), count + extra)
    n = ordinal(count + extra)
    late = n >= count[who]
    tk = keys.key(k[who], n)
    span = keys.u32(tk, 0) * (PATH_DAYS * DAY >> 32)
    slot = np.minimum(keys.choose(tk, 1, cdf), len(cdf) - 1)
    near = slot * (DAY // 4) + keys.below(tk, 2, 6 * 3600) * SECOND
    ago = np.where(late, near, span)
    end = np.where(signed[who], p["signup"][who], p["lead_at"][who] + LEAD_DAYS * DAY)
    # Half an hour before the sign-up the last touch has its place.
    at = end - 30 * MINUTE - ago
    keep = keys.chance(tk, 3, rate_of(c, at) / _RATE_TOP)
    if c == EMAIL:
        keep &= (at > p["lead_at"][who] + HOUR) & (p["arm"][who] != 0)
    if c == GENERIC:
        usual = keys.chance(tk, 3, rate_of(ORGANIC, at) / _RATE_TOP)
    tk, who, at = tk[keep], who[keep], at[keep]
    channel = np.full(len(who), c)
    t = _new(p, who, at, channel, _theme(channel, tk, 4), tk, keys.chance(tk, 5, CLICKS[c]), 0)
    if c == GENERIC:
        t["step"] = (at >= holdouts.BUDGET_STEP * DAY) & ~usual[keep]
    return t


def _form_fill(seed: int, p: np.ndarray) -> np.ndarray:
    """The visit in which a form was filled in, minutes before it."""
    who = np.flatnonzero(p["lead_at"] >= 0)
    k = keys.key(keys.stream_key(seed, "touch form"), p["key"][who])
    at = p["lead_at"][who] - (1 + keys.below(k, 0, 6 * 60)) * SECOND - MINUTE
    channel = np.minimum(keys.choose(k, 1, _LEAD_CDF), DIRECT)
    return _new(p, who, at, channel, _theme(channel, k, 2), k, True, 1)


def _sign_up(seed: int, p: np.ndarray) -> np.ndarray:
    """The visit in which the account was made: its channel is the one in the tags."""
    who = np.flatnonzero(p["signup"] >= 0)
    k = keys.key(keys.stream_key(seed, "touch sign-up"), p["key"][who])
    at = p["signup"][who] - (2 * 60 + keys.below(k, 0, 17 * 60)) * SECOND
    theme = p["theme"][who].astype(np.int64)
    plain = np.where(keys.chance(k, 1, _UNTAGGED_ORGANIC), ORGANIC, DIRECT)
    channel = np.where(theme >= 0, channels.THEME_CHANNEL[theme], plain)
    t = _new(p, who, at, channel, theme, k, True, 2)
    # A sign-up just after midnight of a new quarter has that quarter's tag.
    t["campaign"] = channels.campaign(theme, p["signup"][who])
    return t


def _without(seed: int, paying: int, p, t: np.ndarray) -> np.ndarray:
    """Holdouts: ads are not shown; most who looked for Tapwise by name come all the same."""
    off = holdouts.switched_off(seed, paying, t["channel"], t["market"], t["at"])
    off &= t["kind"] != 2
    by_name = off & (t["channel"] == BRAND) & keys.chance(t["key"], 6, 0.85)
    anyway = by_name | (off & (t["kind"] == 1))
    t["channel"] = np.where(anyway, ORGANIC, t["channel"])
    for name, value in (("theme", -1), ("campaign", -1), ("effect", 0.0), ("step", False)):
        t[name] = np.where(anyway, value, t[name])
    t["click"] |= anyway
    return t[~off | anyway]


def lost_to_holdouts(seed: int, paying: int, p: np.ndarray) -> np.ndarray:
    """Which leads the holdouts cost: those who filled in a form only for the ads not shown."""
    lost = np.zeros(len(p), dtype=bool)
    near = [
        np.isin(p["market"], h.markets)
        & (p["lead_at"] >= h.lo)
        & (p["lead_at"] < h.hi + PATH_DAYS * DAY)
        for h in holdouts.holdouts(seed, paying)
    ]
    some = np.flatnonzero(np.logical_or.reduce(near))
    p = p[some]
    t = draw(seed, paying, p, everywhere=True)
    off = holdouts.switched_off(seed, paying, t["channel"], t["market"], t["at"])
    row = np.searchsorted(p["n"], t["n"][off])
    missing = np.bincount(row, weights=t["effect"][off], minlength=len(p))
    k = keys.key(keys.stream_key(seed, "lead v"), p["key"])
    lost[some] = ~keys.chance(k, 0, keys.exp(-missing))
    return lost


def conversion_draw(seed: int, key) -> np.ndarray:
    """v of each prospect, uniform on (0, 1): converted without touches while v < exp(-theirs)."""
    k = keys.key(keys.stream_key(seed, "conversion v"), key)
    return (keys.u32(k, 0) + 0.5) / float(1 << 32)


assert len(RATE) == len(SLOPE) == len(WEIGHT) == len(CLICKS) == len(CHANNELS)
assert (SOCIAL, LINKEDIN, REVIEW, PARTNER) == (2, 3, 6, 7)  # the order of the numbers above
