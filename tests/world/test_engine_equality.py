"""Same seed, same world: whatever the batches, hours, shards or restarts."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import worlds

from taproom.world import clock
from taproom.world.clock import DAY, HOUR
from taproom.world.engine import Engine
from taproom.world.facts import Facts
from taproom.world.render import Window, renderers


def test_shards_together_are_the_whole():
    whole = worlds.facts(days_after=0, latent=True)
    parts = []
    for k in range(3):
        e = Engine(42, worlds.TINY, shard=(k, 3), latent=True)
        e.run(clock.END)
        parts.append(e.facts)
    joined = {kind: np.concatenate([p.table(kind) for p in parts]) for kind in whole.tables()}
    assert all(len(p.table("subscription")) for p in parts)
    worlds.same_facts(whole, Facts(joined))


def test_a_restart_from_a_checkpoint_goes_on_as_if_nothing_had_been(tmp_path):
    straight = worlds.facts(days_after=3, latent=False)
    e = Engine(42, worlds.TINY)
    for stop in (clock.START + 17, clock.START + 18, clock.END - 40):
        e.run(stop)
        e.save(tmp_path / "c.npz")
        e = Engine.load(tmp_path / "c.npz", 42, worlds.TINY)
        assert e.day == stop
    e.run(clock.END + 3)
    worlds.same_facts(straight, e.facts)


def test_keeping_latent_states_changes_nothing_else():
    with_latent, without = worlds.facts(latent=True), worlds.facts(latent=False)
    for kind in ("subscription", "invoice", "user", "location", "ticket"):
        assert np.array_equal(with_latent.table(kind), without.table(kind)), kind


def test_another_seed_is_another_company():
    a, b = worlds.facts(42), worlds.facts(7)
    assert not np.array_equal(a.table("account_version")["at"], b.table("account_version")["at"])
    ids = [
        set(
            renderers()["stripe", "customer"](
                Window(seed, worlds.TINY, "default", f, 0, clock.END * DAY)
            )["id"].to_pylist()
        )
        for seed, f in ((42, a), (7, b))
    ]
    assert ids[0] and ids[1] and not ids[0] & ids[1]


def test_hours_make_the_day_and_days_make_the_span():
    f = worlds.facts()
    start = clock.END * DAY
    for name, render in renderers().items():

        def rows(lo, hi, render=render):
            table = render(Window(42, worlds.TINY, "default", f, lo, hi))
            return table if table is not None and len(table) else None

        whole = rows(start - 5 * DAY, start)
        for cuts in (
            [start - 5 * DAY + i * DAY for i in range(6)],
            [start - 5 * DAY + i * HOUR for i in range(121)],
        ):
            parts = [t for t in map(rows, cuts, cuts[1:]) if t is not None]
            if whole is None:
                assert not parts, name
                continue
            joined = pa.concat_tables(parts)
            assert worlds.rows_hash(joined) == worlds.rows_hash(whole), name


def test_rows_arrive_inside_their_window_and_after_what_they_tell():
    f = worlds.facts()
    lo, hi = clock.day(2024, 7, 1) * DAY, clock.day(2024, 9, 1) * DAY
    for name, render in renderers().items():
        rows = render(Window(42, worlds.TINY, "default", f, lo, hi))
        if rows is None or not len(rows):
            continue
        at = pc.cast(rows["_arrived_at"], pa.int64()).to_numpy()
        assert lo <= at.min() and at.max() < hi, name
        if "created" in rows.schema.names and name[0] == "stripe":
            created = pc.cast(rows["created"], pa.int64()).to_numpy()
            assert (created < at).all(), name


@pytest.mark.parametrize("seed", [42, 7])
def test_versions_of_a_subscription_follow_each_other_in_time(seed):
    s = worlds.facts(seed).table("subscription")
    s = s[np.lexsort((s["at"], s["ord"], s["acct"]))]
    same = (s["acct"][1:] == s["acct"][:-1]) & (s["ord"][1:] == s["ord"][:-1])
    assert (np.diff(s["at"])[same] > 0).all()
    dead = s["status"][:-1][same] == 4
    assert not dead.any(), "nothing follows a cancellation"
