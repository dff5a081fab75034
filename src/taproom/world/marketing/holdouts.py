"""What lets the effect of marketing be known: two geo holdouts, a step of the budget and a lift
test of e-mail.

Sign-ups are given by the growth curve, so which regions were switched off when, and in which arm
of the lift test a lead that signed up has been, are drawn from the posterior given the sign-ups:
a region and time is the likelier to have been switched off the fewer sign-ups it has beside what
was to be expected, and was not where a sign-up carries the channel's own tag. Leads that never
sign up are thinned by the effect itself (prospects.leads).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from taproom.world import clock
from taproom.world.around.places import CITIES
from taproom.world.draws import keys
from taproom.world.marketing import channels
from taproom.world.marketing.channels import BRAND, EMAIL, SOCIAL
from taproom.world.people import names
from taproom.world.people.population import TEST, population, total_accounts

_REGIONS = [(c.country, c.region) for c in CITIES]
#: Markets: (country, region) pairs, and the market of each city.
MARKETS = tuple(dict.fromkeys(_REGIONS))
CITY_MARKET = np.array([MARKETS.index(r) for r in _REGIONS])

WEEKS = 6
#: Share of conversions (for e-mail: of mailed leads) that fall away without the channel; tests hold
#: it to the counterfactual.
REMOVAL = {SOCIAL: 0.12, BRAND: 0.032, EMAIL: 0.20}
_SOCIAL_REGIONS, _BRAND_REGIONS = 4, 3

#: From this day on Google's budget moves from brand to generic searches.
BUDGET_STEP = clock.day(2025, 7, 1)
GENERIC_SHARE = (0.70, 0.85)  # of Google's budget, before and after

#: The lift test: leads who come in these days are kept from e-mail or not, by lot.
LIFT_FROM, LIFT_TO = clock.day(2025, 2, 3), clock.day(2025, 7, 28)
HELD_BACK = 0.25
_CONVERTING = 0.36  # of mailed leads sign up in the end


@dataclass(frozen=True)
class Holdout:
    """A channel switched off in `markets` (positions in MARKETS) from `lo` to `hi` (µs UTC)."""

    channel: int
    markets: tuple[int, ...]
    lo: int
    hi: int


@lru_cache(maxsize=4)
def holdouts(seed: int, paying: int) -> tuple[Holdout, ...]:
    """The geo holdouts of a world: social in four regions, brand search in three."""
    pop = population(seed, paying, np.arange(total_accounts(paying)))
    real = pop.cls != TEST
    market = CITY_MARKET[names.home_city(pop.key, pop.country)][real]
    day = (pop.signup // clock.DAY)[real]
    theme = channels.signup_theme(seed, pop)[real]
    tag = np.where(theme >= 0, channels.THEME_CHANNEL[theme], -1)
    first = clock.day(2024, 3, 4), clock.day(2024, 10, 7)
    last = clock.day(2024, 8, 26), clock.day(2025, 5, 26)
    return (
        _drawn(seed, SOCIAL, _SOCIAL_REGIONS, market, day, tag, first[0], last[0]),
        _drawn(seed, BRAND, _BRAND_REGIONS, market, day, tag, first[1], last[1]),
    )


def _drawn(seed, channel, count, market, day, tag, first, last) -> Holdout:
    starts = np.arange(first, last, 7)
    share = np.bincount(market, minlength=len(MARKETS)) / max(len(market), 1)
    effect, tagged = REMOVAL[channel], float(np.mean(tag == channel))
    # How much likelier a sign-up with another tag, or none, is where the channel is off.
    each = float(np.round(np.log((1.0 - effect) / (1.0 - tagged)), 9))
    odds = np.zeros((len(starts), len(MARKETS)))
    for i, start in enumerate(starts):
        here = (day >= start) & (day < start + WEEKS * 7)
        seen = np.bincount(market[here], minlength=len(MARKETS))
        own = np.bincount(market[here & (tag == channel)], minlength=len(MARKETS))
        expected = here.sum() * share
        likelihood = keys.exp(each * seen + effect * expected)
        # The team picks larger markets: a small one would show nothing.
        odds[i] = np.where(own == 0, np.round(likelihood * expected**3, 9), 0.0)
    top = np.sort(odds, axis=1)[:, -count:]
    k = keys.key(keys.stream_key(seed, "geo holdout"), channel)
    at = _pick(k, 0, np.prod(top, axis=1))
    chosen, left = [], odds[at].copy()
    for n in range(count):
        chosen.append(_pick(k, n + 1, left))
        left[chosen[-1]] = 0.0
    lo = int(starts[at]) * clock.DAY
    return Holdout(channel, tuple(sorted(chosen)), lo, lo + WEEKS * 7 * clock.DAY)


def _pick(k, lane: int, weight) -> int:
    """Position drawn by weight; the heaviest where all weigh nothing."""
    if weight.sum() <= 0:
        return int(np.argmax(weight))
    return int(keys.choose(k, lane, np.round(np.cumsum(weight) / weight.sum(), 12)))


def switched_off(seed: int, paying: int, channel, market, at) -> np.ndarray:
    """Whether a channel was switched off in a market at an instant (arrays of one shape)."""
    off = np.zeros(np.shape(at), dtype=bool)
    for h in holdouts(seed, paying):
        off |= (
            (np.asarray(channel) == h.channel)
            & np.isin(market, h.markets)
            & (at >= h.lo)
            & (at < h.hi)
        )
    return off


def lift_arm(seed: int, key, lead_at, signed_up, mailed) -> np.ndarray:
    """Arm of each prospect in the lift test: -1 not in it, 0 held back, 1 mailed.

    `mailed`: the sign-up came by a mail, so the arm is known. One in four is held back; among
    those who sign up fewer, by the effect of e-mail, among the others a few more.
    """
    d = lead_at // clock.DAY
    inside = (lead_at >= 0) & (d >= LIFT_FROM) & (d < LIFT_TO)
    stay = 1.0 - REMOVAL[EMAIL]
    share = {
        True: HELD_BACK * stay / (HELD_BACK * stay + 1 - HELD_BACK),
        False: HELD_BACK
        * (1 - _CONVERTING * stay)
        / (HELD_BACK * (1 - _CONVERTING * stay) + (1 - HELD_BACK) * (1 - _CONVERTING)),
    }
    # Those who came by a mail are all mailed; the others make up for them.
    by_mail = 0.124
    p = np.where(signed_up, share[True] / (1 - by_mail), share[False])
    held = keys.chance(keys.key(keys.stream_key(seed, "lift test"), key), 0, p) & ~mailed
    return np.where(inside, np.where(held, 0, 1), -1).astype(np.int8)
