"""Making a world in pieces: by several processes, after a kill, on a full disk."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import namedtuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import worlds

from taproom import contracts, world
from taproom.errors import TaproomError
from taproom.world import clock
from taproom.world.making import backlog, landing, progress, scale, workers
from taproom.world.making.simulate import canonical
from taproom.world.making.tasks import Recipe, ShardFacts, Task, perform, tasks
from taproom.world.render import finance
from taproom.world.state.engine import Engine

BILLING = worlds.BILLING


def shas(root) -> dict[str, str]:
    batches = landing.read_manifest(root)["batches"]
    return {f["path"]: f["sha256"] for b in batches for f in b["files"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A world made by one process in one go."""
    root = tmp_path_factory.mktemp("made")
    world.init(root, scale="tiny", seed=42, sources=BILLING, workers=1)
    return root


def test_workers_write_the_same_bytes(tmp_path, made):
    world.init(tmp_path, scale="tiny", seed=42, sources=BILLING, workers=2)
    assert shas(tmp_path) == shas(made)
    assert not (tmp_path / "world" / "making").exists()
    for root, n in ((tmp_path, 2), (made, 1)):
        world.advance(root, days=1, workers=n)
    assert shas(tmp_path) == shas(made)
    for root in (tmp_path, made):
        world.rewind(root)


def test_a_killed_making_goes_on_where_it_was(tmp_path, made, monkeypatch):
    # Whoever edits the package while its tests run would make the second half another world's.
    monkeypatch.setattr(backlog, "_code", lambda: "the same")
    call = (
        "from pathlib import Path; from taproom import world; "
        "from taproom.world.making import backlog; "
        "backlog._code = lambda: 'the same'; "
        f"world.init(Path({str(tmp_path)!r}), scale='tiny', seed=42, workers=2, sources={BILLING})"
    )
    process = subprocess.Popen([sys.executable, "-c", call])
    done = tmp_path / "world" / "making" / "done"
    while process.poll() is None and len(list(done.glob("*.json"))) < 4:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "landing" / landing.MANIFEST).exists(), "killed too late to tell"
    with pytest.raises(TaproomError, match="no world"):
        world.status(tmp_path)
    kept = {e["path"] for p in done.glob("*.json") for _, e in json.loads(p.read_text())}
    before = {p: (tmp_path / "landing" / p).stat().st_mtime_ns for p in kept}
    assert before
    world.init(tmp_path, scale="tiny", seed=42, sources=BILLING, workers=1)
    assert shas(tmp_path) == shas(made)
    after = {p: (tmp_path / "landing" / p).stat().st_mtime_ns for p in kept}
    assert after == before, "what was whole is not made again"
    assert not list(tmp_path.rglob("*.tmp"))


def test_what_another_command_left_is_not_mixed_in(tmp_path, made):
    other = backlog.Making(
        tmp_path / "world" / "making", Recipe(1, 100, "default", BILLING, scale.shards(100))
    )
    other.begin()
    stray = tmp_path / "landing" / "stripe" / "invoice" / "2024-05.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of another world")
    world.init(tmp_path, scale="tiny", seed=42, sources=BILLING, workers=1)
    assert shas(tmp_path) == shas(made)


def test_a_full_disk_leaves_nothing_that_counts(tmp_path, made, monkeypatch):
    written = []

    def write(self, data):
        written.append(len(data))
        if len(written) > 3_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return plain(self, data)

    plain = landing._Hashing.write
    monkeypatch.setattr(landing._Hashing, "write", write)
    with pytest.raises(TaproomError, match="No space left") as caught:
        world.init(tmp_path, scale="tiny", seed=42, sources=BILLING, workers=1)
    assert "goes on" in caught.value.remedy
    assert not (tmp_path / "landing" / landing.MANIFEST).exists()
    assert not list(tmp_path.rglob("*.tmp"))
    monkeypatch.undo()
    world.init(tmp_path, scale="tiny", seed=42, sources=BILLING, workers=1)
    assert shas(tmp_path) == shas(made)


def test_a_disk_too_small_is_refused_before_work_begins(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**12, 10**12, 10**9)
    monkeypatch.setattr(backlog.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(TaproomError, match=r"takes about \d+\.\d GB") as caught:
        world.init(tmp_path, scale="full")
    assert "TAPROOM_HOME" in caught.value.remedy


def test_a_worker_that_fails_or_dies_says_so(tmp_path):
    with workers.Pool(1, tmp_path) as pool, pytest.raises(TaproomError) as caught:
        pool.add([{"name": "nonsense", "kind": "nonsense"}])
        list(pool.answers())
    assert "nonsense" in caught.value.what and caught.value.remedy
    with workers.Pool(1, tmp_path) as pool:
        pool._workers[0].kill()
        with pytest.raises(TaproomError, match="killed by signal 9") as caught:
            pool.add([{"name": "a table", "kind": "render"}])
            list(pool.answers())
    assert "goes on" in caught.value.remedy


def test_an_engine_joined_from_shards_goes_on_as_the_whole(tmp_path):
    outs = []
    for k in range(3):
        e = Engine(42, worlds.TINY, (k, 3), latent=True)
        e.run(clock.START + 400)
        outs.append(tmp_path / f"{k}.npz")
        e.save(outs[-1])
    joined = Engine.joined(outs, 42, worlds.TINY)
    whole = Engine(42, worlds.TINY, latent=True)
    whole.run(clock.START + 460)
    joined.run(clock.START + 460)
    worlds.same_facts(joined.facts, whole.facts)


def test_shards_of_the_accounts_render_the_whole(tmp_path):
    facts = worlds.facts(days_after=0)
    batches = landing.first_batches()
    landed = []
    for n in (1, 4):
        recipe = Recipe(42, worlds.TINY, "default", worlds.ALL, n)
        place = tmp_path / str(n) / "landing"
        for task in tasks(recipe, batches):
            perform(place, recipe, ShardFacts.of(facts, recipe), batches, task)
        landed.append(worlds.landed(tmp_path / str(n)))
    assert landed[0] == landed[1]


def test_every_batch_is_in_one_task_of_each_table():
    batches = landing.first_batches()
    for paying in (100, 24_000):
        recipe = Recipe(1, paying, "default", worlds.ALL, scale.shards(paying))
        seen = [
            (t.source, t.table, i) for t in tasks(recipe, batches) for i in range(t.first, t.last)
        ]
        assert len(seen) == len(set(seen))
        assert {(s, t) for s, t, _ in seen} == set(worlds.tables())


def test_encoded_text_is_written_as_plain_text(tmp_path):
    """Several row groups, mixed forms of a column: read back as the contract says."""
    table = contracts.load("finance").tables["fx_rate"]
    batch = landing.Batch("all", clock.FOUNDED * clock.DAY, clock.END * clock.DAY)
    rows = finance.fx_rate(worlds.Window(1, 100, "default", None, batch.lo, batch.hi))
    encoded = rows.set_column(1, "from_ccy", rows["from_ccy"].dictionary_encode())
    file = landing.TableFile(tmp_path, table, batch)
    file.add(encoded.slice(0, 100))
    file.add(rows.slice(100, 100))
    file.flush()
    file.add(rows.slice(200))
    entry = file.close()
    path = tmp_path / entry["path"]
    assert pq.read_table(path).equals(rows)
    assert pq.read_schema(path).field("_arrived_at").type == pa.timestamp("us", "UTC")
    assert pq.ParquetFile(path).metadata.num_row_groups == 2
    assert (entry["rows"], entry["bytes"]) == (len(rows), path.stat().st_size)
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_facts_of_shards_are_mapped_as_they_were(tmp_path):
    facts = worlds.facts(days_after=0)
    recipe = Recipe(42, worlds.TINY, "default", BILLING, 3)
    backlog.split(facts, recipe, tmp_path)
    mapped, held = ShardFacts(place=tmp_path), ShardFacts.of(facts, recipe)
    for k in range(3):
        for kind in facts.tables():
            assert np.array_equal(mapped[k].table(kind), held[k].table(kind)), kind
    assert canonical(mapped[0]).table("week").dtype == facts.table("week").dtype


def test_progress_tells_rows_rate_and_time_left(monkeypatch):
    now = iter([100.0, 100.0, 104.0, 108.0])
    monkeypatch.setattr(progress, "perf_counter", lambda: next(now))
    told = []
    meter = progress.Meter(lambda *parts: told.append(parts), 400.0, 2)
    one, two = Task("iot", "tap_event", 0, 1, 100.0), Task("ga4", "event", 0, 1, 300.0)
    meter.add(one, 50)
    meter.finish(one)
    meter.add(two, 100)
    assert told[-1][:4] == ("write", 1, "of", "2,")
    # Half of the rows expected took eight seconds.
    assert told[-1][-3:] == ("150 rows", "19 rows/s", "0:08 left")
