"""Making a world, moving its clock, taking it back: what the commands do.

The manifest is the state; checkpoints only save time and may be missing or old.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

from taproom.errors import TaproomError
from taproom.world import clock
from taproom.world.making import landing
from taproom.world.making import scale as scales
from taproom.world.making.backlog import Making, disk_for, render
from taproom.world.making.landing import Batch
from taproom.world.making.progress import Progress, silent
from taproom.world.making.simulate import canonical
from taproom.world.making.tasks import Recipe, ShardFacts, Task, perform
from taproom.world.people.population import PRESETS
from taproom.world.render import SOURCES, delivered_from, renderers
from taproom.world.state.engine import Engine

MESS = ("none", "default", "heavy")


@contextmanager
def _locked(root: Path):
    """One process at a time may change a world."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".world.lock").open("w") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise TaproomError(
                "Another command is changing this world", str(root), "wait until it is done"
            ) from e
        yield


def _checkpoint(root: Path, name: str = "latest") -> Path:
    return root / "world" / f"{name}.npz"


def _engine(root: Path, recipe: Recipe, day: int) -> Engine:
    """The engine at the newest checkpoint not after a day, else at the foundation."""
    for name in ("latest", "base"):
        path = _checkpoint(root, name)
        if path.exists():
            try:
                e = Engine.load(path, recipe.seed, recipe.paying, latent=True)
            except (OSError, ValueError, KeyError):
                continue  # a damaged checkpoint costs time, nothing else
            if e.day <= day:
                return e
    return Engine(recipe.seed, recipe.paying, latent=True)


def _recipe(manifest: dict) -> Recipe:
    paying = PRESETS[manifest["scale"]]
    return Recipe(
        manifest["seed"],
        paying,
        manifest["mess"],
        tuple(manifest["sources"]),
        scales.shards(paying),
    )


def init(
    root: Path,
    scale: str = "small",
    seed: int = 42,
    mess: str = "default",
    progress: Progress | None = None,
    replace: bool = False,
    sources: Iterable[str] | None = None,
    workers: int | None = None,
) -> dict:
    """Make a new world below root, its clock at clock.END; returns `status(root)`.

    `sources`: render these only (all when None); the world keeps to them ever after. `workers`:
    processes that render, by default one a core when there is much to do; they change no byte.
    A call that was broken off goes on where it stopped.
    Raises TaproomError for an unknown scale, mess or source, too little disk, or where a world
    already is (unless `replace`).
    """
    root = Path(root)
    if scale not in PRESETS:
        raise TaproomError(f"There is no scale {scale!r}", "", f"choose {', '.join(PRESETS)}")
    if mess not in MESS:
        raise TaproomError(f"There is no mess level {mess!r}", "", f"choose {', '.join(MESS)}")
    sources, paying = _known(sources), PRESETS[scale]
    recipe = Recipe(seed, paying, mess, sources, scales.shards(paying))
    with _locked(root):
        stands = (landing.folder(root) / landing.MANIFEST).exists()
        if stands and not replace:
            raise TaproomError(
                "A world is here already",
                str(landing.folder(root)),
                "to make a new one in its place: ./taproom world init --replace",
            )
        making = Making(root / "world" / "making", recipe)
        if stands or not making.goes_on():
            landing.remove(root)
        making.begin()
        disk_for(root, recipe)
        batches = landing.first_batches()
        files = making.make(
            landing.folder(root), batches, _checkpoint(root, "base"), workers, progress or silent
        )
        landing.write_manifest(
            root,
            {
                "format": landing.FORMAT,
                "seed": seed,
                "scale": scale,
                "mess": mess,
                "sources": list(sources),
                "world_id": f"{scale}-{seed}-{mess}",
                "start": clock.iso(clock.START * clock.DAY),
                "as_of": clock.iso(clock.END * clock.DAY),
                "batches": [
                    landing.entry(i + 1, b, f)
                    for i, (b, f) in enumerate(zip(batches, files, strict=True))
                ],
            },
        )
        making.end()
    return status(root)


def _known(sources: Iterable[str] | None) -> tuple[str, ...]:
    """Sources in the order in which they are written; all for None."""
    wanted = set(SOURCES if sources is None else sources)
    if wanted - set(SOURCES) or not wanted:
        raise TaproomError(
            f"There is no source {', '.join(sorted(wanted - set(SOURCES))) or 'named'}",
            "",
            f"choose from {', '.join(SOURCES)}",
        )
    return tuple(s for s in SOURCES if s in wanted)


def advance(
    root: Path,
    *,
    days: int = 0,
    hours: int = 0,
    progress: Progress | None = None,
    workers: int | None = None,
) -> str:
    """Move the clock and land what arrives; returns the batch's id.

    The manifest changes only when every file of the batch is written.
    """
    root, span = Path(root), days * clock.DAY + hours * clock.HOUR
    if days < 0 or hours < 0 or span == 0:
        raise TaproomError("The clock only moves forward", "", "give --days or --hours above 0")
    with _locked(root):
        manifest = landing.existing(root)
        recipe = _recipe(manifest)
        lo = clock.parse(manifest["as_of"])
        batch = landing.tick_batch(lo, lo + span)
        engine = _engine(root, recipe, lo // clock.DAY)
        whole, until = batch.hi // clock.DAY, -(-batch.hi // clock.DAY)
        # Checkpoints hold their facts in order, so that only what is new needs sorting.
        known = engine.facts.count()
        engine.run(whole)
        engine.facts = canonical(engine.facts, known)
        engine.save(_checkpoint(root, "next"))
        known = engine.facts.count()
        engine.run(until)
        (files,) = render(
            landing.folder(root),
            recipe,
            canonical(engine.facts, known),
            [batch],
            root / "world" / "tick",
            workers,
            progress or silent,
        )
        seq = manifest["batches"][-1]["seq"] + 1
        manifest["batches"].append(landing.entry(seq, batch, files))
        manifest["as_of"] = clock.iso(batch.hi)
        landing.write_manifest(root, manifest)
        _checkpoint(root, "next").replace(_checkpoint(root, "latest"))
    return batch.id


def rewind(root: Path) -> dict:
    """Take the clock back to where a new world stands; later batches are deleted."""
    root = Path(root)
    with _locked(root):
        manifest = landing.existing(root)
        end = clock.END * clock.DAY
        keep = [b for b in manifest["batches"] if clock.parse(b["to"]) <= end]
        gone = [f["path"] for b in manifest["batches"][len(keep) :] for f in b["files"]]
        manifest["batches"], manifest["as_of"] = keep, clock.iso(end)
        landing.write_manifest(root, manifest)
        for path in gone:
            (landing.folder(root) / path).unlink(missing_ok=True)
        _checkpoint(root, "latest").unlink(missing_ok=True)
    return status(root)


def status(root: Path) -> dict:
    """What stands below root: seed, scale, start, as_of, batches, rows, bytes."""
    manifest = landing.existing(Path(root))
    files = [f for b in manifest["batches"] for f in b["files"]]
    tables: dict[str, int] = {}
    for f in files:
        name = f"{f['source']}.{f['table']}"
        tables[name] = tables.get(name, 0) + f["rows"]
    return {
        **{k: manifest[k] for k in ("world_id", "seed", "scale", "mess", "start", "as_of")},
        "batches": len(manifest["batches"]),
        "files": len(files),
        "rows": sum(f["rows"] for f in files),
        "bytes": sum(f["bytes"] for f in files),
        "tables": tables,
    }


def regenerate(root: Path, table: str, date: str) -> Path:
    """Write again the landing file of `source.table` whose batch holds a date (YYYY-MM-DD).

    The remedy for a damaged or lost file: the bytes are those the manifest names. For a day that
    retention has deleted from the sources the rows of that UTC day are made once more, into
    root/regenerated, which no command loads.
    """
    root = Path(root)
    source, _, name = table.partition(".")
    try:
        at = clock.parse(f"{date}T00:00:00Z")
    except ValueError as e:
        raise TaproomError(f"{date!r} is no date", "", "write it YYYY-MM-DD") from e
    with _locked(root):
        manifest = landing.existing(root)
        recipe = _recipe(manifest)
        if (source, name) not in renderers(recipe.sources):
            raise TaproomError(
                f"There is no table {table!r}", "", "name it source.table, such as stripe.invoice"
            )
        as_of = clock.parse(manifest["as_of"])
        if clock.FOUNDED * clock.DAY <= at < min(as_of, delivered_from(source, name)):
            batch, place, listed = Batch(date, at, at + clock.DAY), root / "regenerated", None
        else:
            batch, listed = _batch_of(manifest, source, name, at, root)
            place = landing.folder(root)
        engine = _engine(root, recipe, as_of // clock.DAY)
        known = engine.facts.count()
        engine.run(max(-(-batch.hi // clock.DAY), engine.day))
        shards = ShardFacts.of(canonical(engine.facts, known), recipe)
        made = _one(place, recipe, shards, batch, source, name, kept=listed is None)
        if listed is None and made is None:
            raise TaproomError(
                f"No row of {table} arrived on {date}", str(root), "choose another day"
            )
        if listed is not None and (made is None or made["sha256"] != listed["sha256"]):
            raise TaproomError(
                f"The file of {table} for {date} came out different from the one recorded",
                str(root),
                "it was written by other library versions: ./taproom world init --replace",
            )
    return place / made["path"]


def _batch_of(manifest: dict, source: str, name: str, at: int, root: Path) -> tuple[Batch, dict]:
    """The batch that holds an instant, and its file of a table."""
    for b in manifest["batches"]:
        lo, hi = clock.parse(b["from"]), clock.parse(b["to"])
        listed = [f for f in b["files"] if (f["source"], f["table"]) == (source, name)]
        if lo <= at < hi and listed:
            return Batch(b["batch_id"], lo, hi), listed[0]
    raise TaproomError(
        f"No batch holds rows of {source}.{name} for {clock.as_date(at // clock.DAY)}",
        str(root),
        "./taproom world status lists what there is",
    )


def _one(place, recipe, facts, batch, source, name, kept: bool) -> dict | None:
    """Write one table's file of one batch; `kept`: also what retention deletes."""
    done = perform(place, recipe, facts, [batch], Task(source, name, 0, 1, 0.0), everything=kept)
    return done[0][1] if done else None
