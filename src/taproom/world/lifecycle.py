"""Making a world, moving its clock, taking it back: what the commands do.

The manifest is the state; checkpoints only save time and may be missing or old.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..contracts import tables as contract_tables
from ..errors import TaproomError
from . import clock, landing
from .engine import Engine
from .facts import KINDS, Facts
from .landing import Batch
from .population import PRESETS
from .render import SOURCES, Window, delivered_from, renderers

MESS = ("none", "default", "heavy")
Progress = Callable[..., None]


def _silent(*parts) -> None:
    return None


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


def canonical(facts: Facts) -> Facts:
    """Facts in an order that no shard, batch or restart can change."""
    out = {}
    for kind, dtype in KINDS.items():
        rows = facts.table(kind)
        columns = [rows[n] for n in dtype.names if n in _ORDER]
        out[kind] = rows[np.lexsort(columns[::-1])]
    return Facts(out)


_ORDER = ("acct", "ord", "n", "at", "start", "coupon", "day")


def _checkpoint(root: Path, name: str = "latest") -> Path:
    return root / "world" / f"{name}.npz"


def _engine(root: Path, seed: int, paying: int, day: int) -> Engine:
    """The engine at the newest checkpoint not after a day, else at the foundation."""
    for name in ("latest", "base"):
        path = _checkpoint(root, name)
        if path.exists():
            try:
                e = Engine.load(path, seed, paying, latent=True)
            except (OSError, ValueError, KeyError):
                continue  # a damaged checkpoint costs time, nothing else
            if e.day <= day:
                return e
    return Engine(seed, paying, latent=True)


def _rows(source: str, name: str, w: Window):
    """What a table delivers in a window; a new world leaves out what retention has deleted."""
    lo = max(w.lo, delivered_from(source, name))
    return renderers([source])[source, name](replace(w, lo=lo)) if lo < w.hi else None


def _render(
    root: Path, w: Window, batches: list[Batch], progress: Progress, sources: Iterable[str]
) -> list[list[dict]]:
    """Write every table of every batch within a window; returns the files by batch."""
    files: list[list[dict]] = [[] for _ in batches]
    contracts = contract_tables()
    todo = renderers(sources)
    for i, (source, name) in enumerate(todo, 1):
        rows = _rows(source, name, w)
        count = 0 if rows is None else len(rows)
        progress("write", i, "of", len(todo), f"{source}.{name}", f"{count:,} rows")
        if not count:
            continue
        for batch, part, listed in zip(batches, landing.split(rows, batches), files, strict=True):
            listed_file = landing.write_table(root, contracts[source, name], batch, part)
            if listed_file:
                listed.append(listed_file)
    return files


def init(
    root: Path,
    scale: str = "small",
    seed: int = 42,
    mess: str = "default",
    progress: Progress | None = None,
    replace: bool = False,
    sources: Iterable[str] | None = None,
) -> dict:
    """Make a new world below root, its clock at clock.END; returns `status(root)`.

    `sources`: render these only (all when None); the world keeps to them ever after.
    Raises TaproomError for an unknown scale, mess or source, or where a world already is (unless
    `replace`).
    """
    root = Path(root)
    if scale not in PRESETS:
        raise TaproomError(f"There is no scale {scale!r}", "", f"choose {', '.join(PRESETS)}")
    if mess not in MESS:
        raise TaproomError(f"There is no mess level {mess!r}", "", f"choose {', '.join(MESS)}")
    sources = _known(sources)
    progress = progress or _silent
    with _locked(root):
        if not replace and (landing.folder(root) / landing.MANIFEST).exists():
            raise TaproomError(
                "A world is here already",
                str(landing.folder(root)),
                "to make a new one in its place: ./taproom world init --replace",
            )
        landing.remove(root)
        (root / "world").mkdir(parents=True)
        paying = PRESETS[scale]
        engine = Engine(seed, paying, latent=True)
        engine.run(clock.END, monthly(progress))
        batches = landing.first_batches()
        # One pass for small worlds; full is rendered in spans so that memory stays bounded.
        spans = (
            [batches]
            if paying <= 2_000
            else [batches[i : i + 4] for i in range(0, len(batches), 4)]
        )
        facts = canonical(engine.facts)
        files: list[list[dict]] = []
        for span in spans:
            w = Window(seed, paying, mess, facts, span[0].lo, span[-1].hi)
            files += _render(root, w, span, progress, sources)
        engine.save(_checkpoint(root, "base"))
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
    return status(root)


def monthly(progress: Progress):
    """A day-by-day callback that tells each month's first day to `progress`."""

    def tell(day: int) -> None:
        date = clock.as_date(day)
        if date.day == 1:
            progress("simulate", date.strftime("%Y-%m"))

    return tell


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


def advance(root: Path, *, days: int = 0, hours: int = 0, progress: Progress | None = None) -> str:
    """Move the clock and land what arrives; returns the batch's id.

    The manifest changes only when every file of the batch is written.
    """
    root, span = Path(root), days * clock.DAY + hours * clock.HOUR
    if days < 0 or hours < 0 or span == 0:
        raise TaproomError("The clock only moves forward", "", "give --days or --hours above 0")
    with _locked(root):
        manifest = landing.existing(root)
        lo = clock.parse(manifest["as_of"])
        batch = landing.tick_batch(lo, lo + span)
        paying = PRESETS[manifest["scale"]]
        engine = _engine(root, manifest["seed"], paying, lo // clock.DAY)
        whole, until = batch.hi // clock.DAY, -(-batch.hi // clock.DAY)
        engine.run(whole)
        engine.save(_checkpoint(root, "next"))
        engine.run(until)
        w = Window(
            manifest["seed"], paying, manifest["mess"], canonical(engine.facts), batch.lo, batch.hi
        )
        (files,) = _render(root, w, [batch], progress or _silent, manifest["sources"])
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

    The remedy for a damaged or lost file: the bytes are those the manifest names.
    """
    root = Path(root)
    source, _, name = table.partition(".")
    try:
        at = clock.parse(f"{date}T00:00:00Z")
    except ValueError as e:
        raise TaproomError(f"{date!r} is no date", "", "write it YYYY-MM-DD") from e
    with _locked(root):
        manifest = landing.existing(root)
        if (source, name) not in renderers(manifest["sources"]):
            raise TaproomError(
                f"There is no table {table!r}", "", "name it source.table, such as stripe.invoice"
            )
        for b in manifest["batches"]:
            lo, hi = clock.parse(b["from"]), clock.parse(b["to"])
            listed = [f for f in b["files"] if (f["source"], f["table"]) == (source, name)]
            if lo <= at < hi and listed:
                break
        else:
            raise TaproomError(
                f"No batch holds rows of {table} for {date}",
                str(root),
                "./taproom world status lists what there is",
            )
        paying = PRESETS[manifest["scale"]]
        day = -(-hi // clock.DAY)
        engine = _engine(
            root, manifest["seed"], paying, clock.parse(manifest["as_of"]) // clock.DAY
        )
        engine.run(max(day, engine.day))
        w = Window(manifest["seed"], paying, manifest["mess"], canonical(engine.facts), lo, hi)
        rows = _rows(source, name, w)
        made = landing.write_table(
            root, contract_tables()[source, name], Batch(b["batch_id"], lo, hi), rows
        )
        if made is None or made["sha256"] != listed[0]["sha256"]:
            raise TaproomError(
                f"The file of {table} for {date} came out different from the one recorded",
                str(root),
                "it was written by other library versions: ./taproom world init --replace",
            )
    return landing.folder(root) / made["path"]
