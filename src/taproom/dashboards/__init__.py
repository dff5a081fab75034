"""The dashboards as code: superset/assets to Superset, back again, and whether they hold.

./taproom superset import | export | check
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from taproom.dashboards import checks, exchange, files, normal
from taproom.errors import TaproomError
from taproom.services import superset

__all__ = ["check", "checks", "exchange", "export_assets", "files", "import_assets", "normal"]


def import_assets(root: Path | None = None, address: str | None = None) -> dict[str, list[str]]:
    """Make what is in the files so in Superset, which is started when it is down.

    The charts read from `address` (host:port/database), by default the course's database.
    Returns the paths made, changed and as they were. Raises TaproomError when a file is wrong.
    """
    assets = files.read(root or files.folder())
    wrong = checks.problems(assets)
    if wrong:
        raise TaproomError(
            f"{len(wrong)} thing(s) in the assets are wrong; nothing was imported.",
            where="\n".join(wrong[:20]),
            remedy="mend the files named, then import again",
        )
    superset.start()
    with superset.client() as client:
        return exchange.load(client, assets, address)


def export_assets(root: Path | None = None, new: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Make the files what is in Superset now: an edit made there becomes a diff here.

    `new` are the slugs of dashboards that have no file yet. Returns the paths made, changed and
    removed.
    """
    superset.start()
    with superset.client() as client:
        return exchange.store(client, root or files.folder(), new)


def check(root: Path | None = None) -> tuple[str, bool]:
    """Read the files, ask every chart for its rows: a table to print, and whether all is well."""
    assets = files.read(root or files.folder())
    wrong = checks.problems(assets)
    superset.start()
    with superset.client() as client:
        asked = checks.ask(client, assets)
    return _table(assets, asked, wrong), not wrong and all(one.good for one in asked)


def _table(assets: files.Assets, asked: list[checks.Asked], wrong: list[str]) -> str:
    width = max([len(one.path) for one in asked], default=0)
    lines = []
    for one in sorted(asked, key=lambda one: one.path):
        rows = " + ".join(map(str, one.rows))
        said = "ok" if one.good else one.error or "no rows"
        lines.append(f"{one.path:{width}}  {rows:>12} rows  {one.milliseconds:7.0f} ms  {said}")
    count = Counter(files.kind(path) for path in assets)
    bad = [one for one in asked if not one.good]
    lines += [
        "",
        *wrong,
        ", ".join(f"{count[kind]} {kind}" for kind in files.KINDS)
        + f"; {len(bad)} charts without an answer, {len(wrong)} faults in the files",
    ]
    return "\n".join(lines)
