"""Day by day, at once, and anew: every table comes out the same."""

from __future__ import annotations

from taproom import settings, warehouse
from taproom.services import postgres

# A late evening, whole days, the day finance closes a month, a month's end, a leap of weeks.
STEPS = [{"days": 1}, {"hours": 7}, {"hours": 17}, {"days": 1}, {"days": 28}, {"days": 1}]
TOTAL_DAYS = 32


def fingerprints(sandbox: warehouse.Sandbox) -> dict[str, tuple]:
    """Row count and an order-free sum of row hashes of every built table. Which batch brought a
    row depends on how the clock was moved, so batch numbers are left out."""
    with postgres.connect(settings.LEARNER, sandbox.database) as connection:
        names = connection.execute(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname in ('intermediate', 'entities') order by 1"
        ).fetchall()
        return {
            name: connection.execute(
                "select count(*), sum(('x' || substr("
                "md5((to_jsonb(t) - 'batch_seq')::text), 1, 15))::bit(60)::bigint)"
                f" from {name} as t"
            ).fetchone()
            for (name,) in names
        }


def differing(left: dict, right: dict) -> list[str]:
    return sorted(name for name in left | right if left.get(name) != right.get(name))


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
