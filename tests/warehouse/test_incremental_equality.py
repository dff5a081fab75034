"""Day by day, at once, and anew: every table comes out the same.

With every source and heavy mess. In the ordinary run one company lives through a month in six
steps; `TAPROOM_LONG=1 ./taproom test tests/warehouse/test_incremental_equality.py` lets three
companies live through 30 single days and 48 single hours, half an hour's work on two cores.
"""

from __future__ import annotations

import os

import pytest
from table_hashes import differing, fingerprints

from taproom.warehouse import sandboxes

LONG = bool(os.environ.get("TAPROOM_LONG"))
# A late evening, whole days, the day finance closes a month, a month's end, a leap of weeks.
SHORT_STEPS = [{"days": 1}, {"hours": 7}, {"hours": 17}, {"days": 1}, {"days": 28}, {"days": 1}]
LONG_STEPS = [{"days": 1}] * 30 + [{"hours": 1}] * 48
SEEDS = (11, 12, 13) if LONG else (11,)
TOTAL_DAYS = 32


@pytest.mark.parametrize("seed", SEEDS)
def test_day_by_day_equals_at_once_equals_a_full_refresh(tiny, seed):
    kind = sandboxes.whole(seed, "heavy")
    slow, quick = tiny("day_by_day", kind), tiny("at_once", kind)
    for step in LONG_STEPS if LONG else SHORT_STEPS:
        slow.tick(**step)
    quick.tick(days=TOTAL_DAYS)
    stepwise, at_once = fingerprints(slow), fingerprints(quick)
    assert stepwise, "no tables were built"
    assert not differing(stepwise, at_once)

    assert slow.build(["run"], full_refresh=True, progress=lambda *parts: None) == 0
    assert not differing(stepwise, fingerprints(slow))


def test_building_again_changes_nothing(tiny):
    sandbox = tiny("twice", sandboxes.whole())
    before = fingerprints(sandbox)
    assert sandbox.build(["run"], progress=lambda *parts: None) == 0
    assert not differing(before, fingerprints(sandbox))
