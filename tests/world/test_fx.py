"""Exchange rates: exact, the same whatever is asked for, and lively enough to teach with."""

from __future__ import annotations

import numpy as np
import pytest

from taproom.world import clock
from taproom.world.around import fx
from taproom.world.facts import CURRENCIES

EUR = CURRENCIES.index("EUR")


def test_a_rate_does_not_depend_on_how_far_one_asks():
    far = fx.rates(42, fx.FIRST, clock.END + 2_000)
    near = fx.rates(42, clock.START, clock.START + 40)
    days = fx.business_days(fx.FIRST, clock.END + 2_000)
    inside = np.isin(days, fx.business_days(clock.START, clock.START + 40))
    for currency, values in near.items():
        assert (values == far[currency][inside]).all()


def test_weekends_and_holidays_take_the_rate_before():
    for day in (clock.day(2024, 3, 30), clock.day(2024, 12, 25), clock.day(2025, 5, 1)):
        assert not fx.is_business_day(day)[0]
        before = day - 1
        while not fx.is_business_day(before)[0]:
            before -= 1
        assert fx.rate_e8(42, EUR, day) == fx.rate_e8(42, EUR, before)


def test_good_friday_and_easter_monday():
    closed = {clock.day(2024, 3, 29), clock.day(2024, 4, 1), clock.day(2025, 4, 18)}
    assert not closed & set(fx.business_days(clock.START, clock.END).tolist())


def test_rates_are_multiples_of_1e8_and_near_their_level():
    days = np.arange(clock.FOUNDED - 7, clock.END)
    for i, level in enumerate((1.0, 1.08, 1.26, 0.74, 0.66, 0.0068)):
        exact = fx.rate_e8(42, i, days)
        assert (np.rint(fx.rate_on(42, i, days) * fx.UNIT).astype(np.int64) == exact).all()
        assert 0.75 * level < exact.min() / fx.UNIT and exact.max() / fx.UNIT < 1.3 * level
    assert (fx.rate_e8(42, 0, days) == fx.UNIT).all()


@pytest.mark.parametrize("seed", range(1, 13))
def test_the_euro_falls_in_several_months(seed):
    months = np.arange(clock.month_of(clock.START), clock.month_of(clock.END) + 1)
    rate = fx.rate_on(seed, EUR, clock.month_start(months) - 1)
    assert (np.diff(rate) / rate[:-1] < -0.01).sum() >= 3


def test_another_seed_is_another_market():
    a, b = (fx.rates(s, clock.START, clock.END)["EUR"] for s in (1, 2))
    assert (a != b).mean() > 0.9


def test_every_currency_has_a_budget_rate():
    assert fx.budget_rate("USD") == fx.UNIT
    assert [fx.budget_rate(c) / fx.UNIT for c in CURRENCIES] == fx.BUDGET.tolist()
