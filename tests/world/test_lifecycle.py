"""Making worlds and moving their clocks, as the commands do."""

import json
import shutil

import polars as pl
import pyarrow.parquet as pq
import pytest
import worlds

from taproom import contracts, world
from taproom.errors import TaproomError
from taproom.world import clock
from taproom.world.making import landing
from taproom.world.render import Window, delivered_from, renderers

BILLING = worlds.BILLING


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A new world of every source, only looked at; what changes it works on a `copy`."""
    root = tmp_path_factory.mktemp("world")
    world.init(root, scale="tiny", seed=42)
    return root


@pytest.fixture(scope="module")
def billing(tmp_path_factory):
    """A new world of the billing sources, likewise."""
    root = tmp_path_factory.mktemp("billing")
    world.init(root, scale="tiny", seed=42, sources=BILLING)
    return root


@pytest.fixture
def copy(tmp_path):
    """A function that copies a world into a folder of this test."""

    def of(root, name="copy"):
        return shutil.copytree(root, tmp_path / name)

    return of


def test_the_billing_landing_of_a_seed_does_not_move(made):
    """Later sources render what already happens: these rows stay when they come."""
    counted = world.status(made)["tables"]
    billing = {k: v for k, v in counted.items() if k.startswith("stripe.")}
    hashes = {k: v[:12] for k, v in worlds.landed(made, source="stripe").items()}
    assert {k: [billing[k], hashes[k]] for k in sorted(billing)} == json.loads(
        (worlds.Path(__file__).parent / "billing_of_seed_42.json").read_text()
    )


def test_one_file_a_table_and_month_and_every_row_accounted_for(made):
    manifest = landing.read_manifest(made)
    assert [b["batch_id"] for b in manifest["batches"]][:3] == ["2023", "2024-01", "2024-02"]
    assert len(manifest["batches"]) == 25
    listed = {f["path"] for b in manifest["batches"] for f in b["files"]}
    on_disk = {
        p.relative_to(made / "landing").as_posix() for p in (made / "landing").rglob("*.parquet")
    }
    assert listed == on_disk
    for batch in manifest["batches"]:
        for f in batch["files"]:
            meta = pq.read_metadata(made / "landing" / f["path"])
            assert meta.num_rows == f["rows"] > 0


def test_columns_and_tables_drift_on_their_dates(made):
    def columns(table, batch):
        return pq.read_schema(made / "landing" / "stripe" / table / f"{batch}.parquet").names

    assert "current_period_start" in columns("subscription_history", "2024-04")
    assert "current_period_start" not in columns("subscription_history", "2024-05")
    assert "current_period_start" not in columns("subscription_item", "2024-03")
    assert "current_period_start" in columns("subscription_item", "2024-05")
    old = {p.stem for p in (made / "landing/stripe/subscription_discount").glob("*.parquet")}
    new = {p.stem for p in (made / "landing/stripe/discount").glob("*.parquet")}
    assert max(old) <= "2024-07" and min(new) == "2024-07"


def test_ticks_of_any_size_land_the_same_rows(made, copy):
    landed = []
    for steps in ([{"days": 2}], [{"days": 1}] * 2, [{"hours": 1}] * 5 + [{"hours": 43}]):
        root = copy(made, str(len(landed)))
        for step in steps:
            world.advance(root, **step)
        assert world.status(root)["as_of"] == "2026-01-03T00:00:00Z"
        landed.append(worlds.landed(root, since="20260101"))
    assert len(landed[0]) > 10
    assert landed[0] == landed[1] == landed[2]


def test_upserting_every_batch_gives_the_full_snapshot(made, copy):
    """The newest delivery of each key over a new world and its ticks, beside one rendering."""
    root = copy(made)
    world.advance(root, days=1)
    world.advance(root, hours=7)
    as_of = clock.parse(world.status(root)["as_of"])
    files: dict[tuple, list] = {}
    for batch in landing.read_manifest(root)["batches"]:
        for f in batch["files"]:
            path = root / "landing" / f["path"]
            files.setdefault((f["source"], f["table"]), []).append(pl.read_parquet(path))
    facts = worlds.facts(days_after=3)
    for (source, name), render in renderers().items():
        lo = delivered_from(source, name)
        whole = render(Window(42, worlds.TINY, "default", facts, lo, as_of))
        if (source, name) not in files:
            assert whole is None or not len(whole), (source, name)
            continue
        key = list(contracts.load(source).tables[name].key)
        log = pl.concat(files[source, name], how="diagonal_relaxed")
        snapshot = pl.from_arrow(whole)
        shared = [c for c in log.columns if c in snapshot.columns]

        def newest(rows, key=key, shared=shared):
            rows = rows.select(shared).sort("_arrived_at", maintain_order=True)
            rows = rows.unique(key, keep="last", maintain_order=True) if key else rows
            return worlds.rows_hash(rows.to_arrow())

        assert newest(log) == newest(snapshot), (source, name)


def test_the_same_command_writes_the_same_bytes(tmp_path, made):
    world.init(tmp_path, scale="tiny", seed=42)

    def shas(root):
        return {
            f["path"]: f["sha256"]
            for b in landing.read_manifest(root)["batches"]
            for f in b["files"]
        }

    assert shas(tmp_path) == shas(made)


def test_rewinding_takes_back_exactly_the_ticks(made, copy):
    root = copy(made)
    before = (root / "landing/_manifest.json").read_text()
    world.advance(root, days=1)
    first = worlds.landed(root, since="20260101")
    assert first
    assert world.rewind(root)["as_of"] == "2026-01-01T00:00:00Z"
    assert (root / "landing/_manifest.json").read_text() == before
    assert not list((root / "landing").rglob("2026*"))
    world.advance(root, days=1)
    assert worlds.landed(root, since="20260101") == first


def test_a_lost_or_damaged_file_is_written_again(billing, copy):
    root = copy(billing)
    path = root / "landing/stripe/invoice/2024-05.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert world.regenerate(root, "stripe.invoice", "2024-05-17") == path
    assert path.read_bytes() == whole


def test_a_day_that_retention_deleted_is_made_again_beside_the_landing(made, copy):
    kept = {key: at for key in renderers() if (at := delivered_from(*key))}
    if not kept:
        pytest.skip("no source deletes old rows")
    root = copy(made)
    before = (root / "landing/_manifest.json").read_text()
    for source, name in kept:
        assert min(
            clock.parse(b["to"])
            for b in json.loads(before)["batches"]
            if any((f["source"], f["table"]) == (source, name) for f in b["files"])
        ) > delivered_from(source, name)
        path = world.regenerate(root, f"{source}.{name}", "2024-11-15")
        assert path == root / "regenerated" / source / name / "2024-11-15.parquet"
        day = clock.day(2024, 11, 15) * clock.DAY
        rows = renderers()[source, name](
            Window(42, worlds.TINY, "default", worlds.facts(), day, day + clock.DAY)
        )
        assert pq.read_metadata(path).num_rows == len(rows) > 0
    assert (root / "landing/_manifest.json").read_text() == before


def test_a_lost_checkpoint_costs_time_only(billing, copy):
    one, other = copy(billing), copy(billing, "other")
    for path in (other / "world").glob("*.npz"):
        path.write_bytes(b"damaged")
    for root in (one, other):
        world.advance(root, days=1)
    first = landing.read_manifest(one)["batches"][-1]
    assert first == landing.read_manifest(other)["batches"][-1]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda r: world.init(r, scale="huge"), "no scale"),
        (lambda r: world.init(r, mess="much"), "no mess level"),
        (lambda r: world.advance(r, days=1), "no world"),
        (lambda r: world.status(r), "no world"),
        (lambda r: world.write_truth(r), "no world"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(tmp_path, call, words):
    with pytest.raises(TaproomError, match=words) as caught:
        call(tmp_path)
    assert caught.value.remedy


def test_a_world_is_not_overwritten_unasked(made):
    with pytest.raises(TaproomError, match="already"):
        world.init(made, scale="tiny", seed=1)
    with pytest.raises(TaproomError, match="forward"):
        world.advance(made)
    with pytest.raises(TaproomError, match="no table"):
        world.regenerate(made, "stripe.unicorn", "2024-05-17")
    with pytest.raises(TaproomError, match="no date"):
        world.regenerate(made, "stripe.invoice", "May")


def test_a_landing_folder_of_another_format_is_refused(billing, copy):
    tmp_path = copy(billing)
    path = tmp_path / "landing/_manifest.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 1', 1))
    for call in (lambda: world.advance(tmp_path, days=1), lambda: world.status(tmp_path)):
        with pytest.raises(TaproomError, match="another version") as caught:
            call()
        assert "--replace" in caught.value.remedy
    world.init(tmp_path, scale="tiny", seed=42, sources=BILLING, replace=True)
    assert world.status(tmp_path)["as_of"] == "2026-01-01T00:00:00Z"


def test_a_world_of_some_sources_keeps_to_them(tmp_path):
    world.init(tmp_path, scale="tiny", seed=42, sources=["finance", "stripe"])
    world.advance(tmp_path, days=1)
    tables = world.status(tmp_path)["tables"]
    assert {name.split(".")[0] for name in tables} == {"stripe", "finance"}
    assert landing.read_manifest(tmp_path)["sources"] == ["stripe", "finance"]
    with pytest.raises(TaproomError, match="no table"):
        world.regenerate(tmp_path, "app.users", "2024-05-17")
    with pytest.raises(TaproomError, match="no source"):
        world.init(tmp_path / "other", scale="tiny", sources=["unicorn"])
