"""Making worlds and moving their clocks, as the commands do."""

import json

import pyarrow.parquet as pq
import pytest
import worlds

from taproom import world
from taproom.errors import TaproomError
from taproom.world import landing

BILLING = worlds.BILLING


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("world")
    world.init(root, scale="tiny", seed=42)
    return root


def test_the_billing_landing_of_a_seed_does_not_move(made):
    """Later sources render what already happens: these rows stay when they come."""
    counted = world.status(made)["tables"]
    billing = {k: v for k, v in counted.items() if k.startswith("stripe.")}
    hashes = {k: v[:12] for k, v in worlds.landed(made).items() if k in billing}
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


def test_ticks_of_any_size_land_the_same_rows(tmp_path):
    landed = []
    for steps in ([{"days": 3}], [{"days": 1}] * 3, [{"hours": 1}] * 5 + [{"hours": 67}]):
        root = tmp_path / str(len(landed))
        world.init(root, scale="tiny", seed=11)
        for step in steps:
            world.advance(root, **step)
        assert world.status(root)["as_of"] == "2026-01-04T00:00:00Z"
        landed.append(worlds.landed(root))
    assert landed[0] == landed[1] == landed[2]


def test_the_same_command_writes_the_same_bytes(tmp_path, made):
    world.init(tmp_path, scale="tiny", seed=42)

    def shas(root):
        return {
            f["path"]: f["sha256"]
            for b in landing.read_manifest(root)["batches"]
            for f in b["files"]
        }

    assert shas(tmp_path) == shas(made)


def test_rewinding_takes_back_exactly_the_ticks(tmp_path):
    world.init(tmp_path, scale="tiny", seed=42)
    before = (tmp_path / "landing/_manifest.json").read_text()
    world.advance(tmp_path, days=2)
    first = worlds.landed(tmp_path)
    assert world.rewind(tmp_path)["as_of"] == "2026-01-01T00:00:00Z"
    assert (tmp_path / "landing/_manifest.json").read_text() == before
    assert not list((tmp_path / "landing").rglob("2026*"))
    world.advance(tmp_path, days=2)
    assert worlds.landed(tmp_path) == first


def test_a_lost_or_damaged_file_is_written_again(tmp_path):
    world.init(tmp_path, scale="tiny", seed=42)
    path = tmp_path / "landing/stripe/invoice/2024-05.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert world.regenerate(tmp_path, "stripe.invoice", "2024-05-17") == path
    assert path.read_bytes() == whole


def test_a_lost_checkpoint_costs_time_only(tmp_path):
    world.init(tmp_path, scale="tiny", seed=42)
    other = tmp_path / "other"
    world.init(other, scale="tiny", seed=42)
    for path in (other / "world").glob("*.npz"):
        path.write_bytes(b"damaged")
    for root in (tmp_path, other):
        world.advance(root, days=1)
    first = landing.read_manifest(tmp_path)["batches"][-1]
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


def test_a_landing_folder_of_another_format_is_refused(tmp_path):
    world.init(tmp_path, scale="tiny", seed=42, sources=BILLING)
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
