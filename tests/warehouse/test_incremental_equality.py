"""Day by day, at once, and anew: every table comes out the same."""

from __future__ import annotations

from table_hashes import differing, fingerprints

# A late evening, whole days, the day finance closes a month, a month's end, a leap of weeks.
STEPS = [{"days": 1}, {"hours": 7}, {"hours": 17}, {"days": 1}, {"days": 28}, {"days": 1}]
TOTAL_DAYS = 32


def test_day_by_day_equals_at_once_equals_a_full_refresh(tiny):
    slow, quick = tiny("day_by_day"), tiny("at_once")
    for step in STEPS:
        slow.tick(**step)
    quick.tick(days=TOTAL_DAYS)
    stepwise, at_once = fingerprints(slow), fingerprints(quick)
    assert stepwise, "no tables were built"
    assert not differing(stepwise, at_once)

    assert slow.build(["run"], full_refresh=True, progress=lambda *parts: None) == 0
    assert not differing(stepwise, fingerprints(slow))


def test_building_again_changes_nothing(tiny):
    sandbox = tiny("twice")
    before = fingerprints(sandbox)
    assert sandbox.build(["run"], progress=lambda *parts: None) == 0
    assert not differing(before, fingerprints(sandbox))
