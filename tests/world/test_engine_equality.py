"""Same seed, same world: whatever the batches, hours, shards or restarts."""

import cuts
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import worlds

from taproom.world import clock
from taproom.world.clock import DAY, HOUR
from taproom.world.facts import Facts
from taproom.world.render import Window, of_the_world, renderers
from taproom.world.state.engine import Engine


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


@pytest.mark.parametrize("name", worlds.tables(), ids=".".join)
def test_cuts_of_time_and_accounts_make_the_whole(name):
    """Days make the span, hours the day, shards the world: of every table there is."""
    f, render, hi = worlds.facts(), renderers()[name], clock.END * DAY

    def rows(lo, hi, facts=f, shard=(0, 1)):
        table = render(Window(42, worlds.TINY, "default", facts, lo, hi, shard))
        return table if table is not None and len(table) else None

    def same(whole, parts):
        parts = [p for p in parts if p is not None]
        if whole is None:
            return not parts
        return bool(parts) and worlds.rows_hash(pa.concat_tables(parts)) == worlds.rows_hash(whole)

    lo = hi - 4 * DAY
    days = [rows(at, at + DAY) for at in range(lo, hi, DAY)]
    whole = rows(lo, hi)
    assert same(whole, days), "days"
    assert same(days[-1], [rows(at, at + HOUR) for at in range(hi - DAY, hi, HOUR)]), "hours"
    if name in of_the_world():
        return
    shards = cuts.shards(3)
    assert same(whole, [rows(lo, hi, part, (k, 3)) for k, part in enumerate(shards)]), "shards"


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
