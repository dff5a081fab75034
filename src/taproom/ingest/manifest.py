"""The manifest of the landing folder: which batches there are, and which files they hold.

The simulator writes it last and in one step, so a file that is not in it does not exist.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from taproom import contracts
from taproom.errors import TaproomError

NAME = "_manifest.json"
FORMAT = 2


@dataclass(frozen=True)
class LandingFile:
    """One Parquet file as the manifest describes it; `path` is relative to the landing folder."""

    source: str
    table: str
    path: str
    rows: int
    bytes: int
    sha256: str

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.table

    @property
    def name(self) -> str:
        return f"{self.source}.{self.table}"


@dataclass(frozen=True)
class Batch:
    """The rows that arrived in [start, end): one file a table that had any."""

    id: str
    seq: int
    start: datetime
    end: datetime
    files: tuple[LandingFile, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


@dataclass(frozen=True)
class Manifest:
    """What has landed of one world, batches in order of `seq`."""

    landing: Path
    world_id: str
    seed: int
    scale: str
    start: datetime
    as_of: datetime
    batches: tuple[Batch, ...]


def read(root: Path) -> Manifest:
    """Read and check the manifest below a world's root; raises TaproomError."""
    landing = Path(root) / "landing"
    path = landing / NAME
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TaproomError(
            "There is no company to load: the landing folder has no manifest.",
            where=str(path),
            remedy="make one with ./taproom world init",
        ) from None
    except ValueError as error:
        raise _broken(path, f"it is not JSON ({error})") from None
    if document.get("format") != FORMAT:
        raise _broken(
            path, f"its format is {document.get('format')!r}, this version reads {FORMAT}"
        )
    try:
        manifest = Manifest(
            landing=landing,
            world_id=document["world_id"],
            seed=int(document["seed"]),
            scale=document["scale"],
            start=_instant(document["start"]),
            as_of=_instant(document["as_of"]),
            batches=tuple(_batch(entry) for entry in document["batches"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(path, f"an entry is missing or wrong: {error!r}") from None
    _check(path, manifest)
    return manifest


def _batch(entry: dict) -> Batch:
    files = tuple(
        LandingFile(
            f["source"], f["table"], f["path"], int(f["rows"]), int(f["bytes"]), f["sha256"]
        )
        for f in entry["files"]
    )
    start, end = _instant(entry["from"]), _instant(entry["to"])
    return Batch(entry["batch_id"], int(entry["seq"]), start, end, files)


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment


def _check(path: Path, manifest: Manifest) -> None:
    """Batches follow each other without a gap, and every file is of a table under contract."""
    known = contracts.tables()
    for before, batch in zip((None, *manifest.batches), manifest.batches, strict=False):
        if batch.start >= batch.end:
            raise _broken(path, f"batch {batch.id} ends before it begins")
        if before and (batch.seq != before.seq + 1 or batch.start != before.end):
            raise _broken(path, f"batch {batch.id} does not follow batch {before.id}")
        seen = set()
        for file in batch.files:
            if file.key not in known:
                raise TaproomError(
                    f"No contract describes the table {file.name}, so batch {batch.id} cannot "
                    "be checked.",
                    where=f"{path}\n{file.path}",
                    remedy=f"describe it in src/taproom/contracts/{file.source}.yml",
                )
            if file.key in seen:
                raise _broken(path, f"batch {batch.id} holds {file.name} twice")
            if file.path.startswith("/") or ".." in file.path.split("/"):
                raise _broken(path, f"{file.path} leads out of the landing folder")
            seen.add(file.key)


def _broken(path: Path, why: str) -> TaproomError:
    return TaproomError(
        f"The manifest of the landing folder cannot be used: {why}.",
        where=str(path),
        remedy="make the company anew with ./taproom world init --replace, then ./taproom reset",
    )
