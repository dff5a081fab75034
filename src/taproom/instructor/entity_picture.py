"""The picture of an entity: its tables with their keys, and the tables its keys lead to.

Drawn from dbt's tests: a key is what a uniqueness test names, an arrow is a relationships test.
SVG without scripts or fonts from elsewhere; the colours survive colour blindness, and every table
is also told apart by its place and its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from taproom.warehouse.manifest import Model

WIDTH, HEAD, ROW, GAP, MARGIN = 288, 46, 22, 26, 24
LANE = 118  # between two columns of boxes: room for the arrows
COLOURS = {  # fill, line
    "atomic": ("#f4e3c1", "#b7791f"),
    "grain": ("#e3eef7", "#2b6ca3"),
    "history": ("#f2e4ee", "#97266d"),
    "other": ("#f0f0ec", "#6b6b63"),
}
INK = "#1a202c"


@dataclass
class Box:
    """A table on the picture; `rows` are (column, mark)."""

    model: Model
    kind: str
    rows: list[tuple[str, str]]
    note: str
    x: int = 0
    y: int = 0

    @property
    def height(self) -> int:
        return HEAD + ROW * (len(self.rows) + bool(self.note)) + 8

    def row_y(self, column: str) -> int:
        """Middle of a column's row; of the head where it is not shown."""
        names = [name for name, _ in self.rows]
        if column not in names:
            return self.y + HEAD // 2
        return self.y + HEAD + ROW * names.index(column) + ROW // 2


def draw(entity: str, models: dict[str, Model]) -> str:
    """The SVG of one entity, such as customers."""
    own = [m for m in models.values() if m.layer == "entities" and m.folder == entity]
    atomic = models[f"entity_{entity}"]
    boxes = {m.name: _box(m, _kind(m, atomic), models) for m in own}
    parts = [boxes[m.name] for m in own if m is not atomic]
    others = {}
    for model in own:
        for column in model.columns.values():
            if column.refers_to and column.refers_to[0] not in boxes:
                name, key = column.refers_to
                if name not in others and name in models:
                    others[name] = Box(models[name], "other", [(key, "key")], "")
    columns = [parts, [boxes[atomic.name]], list(others.values())]
    height = _place([column for column in columns if column])
    arrows = _arrows(own, {**boxes, **others}, atomic)
    width = (
        MARGIN * 2
        + WIDTH * len([c for c in columns if c])
        + LANE * (len([c for c in columns if c]) - 1)
    )
    every = [box for column in columns for box in column]
    told = "; ".join(_told(model, models) for model in own)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            'aria-labelledby="t d" font-family="Segoe UI, Helvetica, Arial, sans-serif">',
            f'  <title id="t">The tables of {escape(entity)} and their keys</title>',
            f'  <desc id="d">{escape(told)}.</desc>',
            f'  <rect width="{width}" height="{height}" fill="#fbfaf7"/>',
            '  <defs><marker id="many" viewBox="0 0 12 12" refX="1" refY="6" markerWidth="12" '
            'markerHeight="12" orient="auto"><path d="M0 0 L11 6 L0 12 M0 6 H11" fill="none" '
            'stroke="#4a4a4a" stroke-width="1.4"/></marker>'
            '<marker id="one" viewBox="0 0 10 12" refX="8" refY="6" markerWidth="10" '
            'markerHeight="12" orient="auto"><path d="M4 0 V12" fill="none" stroke="#4a4a4a" '
            'stroke-width="1.6"/></marker></defs>',
            *arrows,
            *(_svg(box) for box in every),
            "</svg>",
            "",
        ]
    )


def _kind(model: Model, atomic: Model) -> str:
    if model is atomic:
        return "atomic"
    return "history" if model.name.endswith("_history") else "grain"


def _box(model: Model, kind: str, models: dict[str, Model]) -> Box:
    key = _key(model)
    rows = [(name, "key") for name in key if name in model.columns]
    rows += [
        (column.name, "an earlier row" if column.refers_to[0] == model.name else "key of another")
        for column in model.columns.values()
        if column.refers_to and column.refers_to[0] in models and column.name not in key
    ]
    rest = len(model.columns) - len(rows)
    return Box(model, kind, rows, f"and {rest} more columns" if rest else "")


def _key(model: Model) -> tuple[str, ...]:
    """The shortest key a test holds, at a tie the first."""
    return min(model.keys, key=len, default=())


def _place(columns: list[list[Box]]) -> int:
    """Give every box its place; returns the height of the picture."""
    heights = [sum(box.height for box in c) + GAP * (len(c) - 1) for c in columns]
    tallest = max(heights)
    for number, (column, height) in enumerate(zip(columns, heights, strict=True)):
        y = MARGIN + (tallest - height) // 2
        for box in column:
            box.x, box.y = MARGIN + number * (WIDTH + LANE), y
            y += box.height + GAP
    return tallest + 2 * MARGIN


def _arrows(own: list[Model], boxes: dict[str, Box], atomic: Model) -> list[str]:
    lines, lane = [], 0
    for model in own:
        for column in model.columns.values():
            if not column.refers_to or column.refers_to[0] not in boxes:
                continue
            name, key = column.refers_to
            start, end = boxes[model.name], boxes[name]
            if start is end or start.x == end.x:
                continue
            # a table of parts leads to the same other tables as the atomic one: one arrow each
            if model is not atomic and name != atomic.name and _refers(atomic, name):
                continue
            lane += 1
            x1, y1 = start.x + WIDTH + 2, start.row_y(column.name)
            x2, y2 = end.x - 2, end.row_y(key)
            middle = x1 + 24 + (lane * 13) % (LANE - 48) if end.x - start.x < 2 * WIDTH else 0
            path = (
                f"M{x1} {y1} H{middle} V{y2} H{x2}"
                if middle
                else f"M{x1} {y1} H{x1 + 20} V{MARGIN // 2} H{x2 - 20} V{y2} H{x2}"
            )
            lines.append(
                f'  <path d="{path}" fill="none" stroke="#4a4a4a" stroke-width="1.4" '
                'marker-start="url(#many)" marker-end="url(#one)"/>'
            )
    return lines


def _refers(model: Model, name: str) -> bool:
    return any(c.refers_to and c.refers_to[0] == name for c in model.columns.values())


def _svg(box: Box) -> str:
    fill, line = COLOURS[box.kind]
    x, y = box.x, box.y
    parts = [
        f'  <g><rect x="{x}" y="{y}" width="{WIDTH}" height="{box.height}" rx="7" fill="#ffffff" '
        f'stroke="{line}" stroke-width="1.6"/>',
        f'<path d="M{x} {y + HEAD - 6} V{y + 7} a7 7 0 0 1 7 -7 H{x + WIDTH - 7} a7 7 0 0 1 7 7 '
        f'V{y + HEAD - 6} z" fill="{fill}" stroke="{line}" stroke-width="1.6"/>',
        f'<text x="{x + 12}" y="{y + 18}" font-size="14" font-weight="600" fill="{INK}">'
        f"{escape(box.model.name)}</text>",
        f'<text x="{x + 12}" y="{y + 34}" font-size="11.5" fill="{INK}">{_grain(box)}</text>',
    ]
    for name, mark in box.rows:
        at = box.row_y(name) + 4
        weight = "600" if mark == "key" else "400"
        parts.append(
            f'<text x="{x + 12}" y="{at}" font-size="12.5" font-weight="{weight}" fill="{INK}">'
            f'{escape(name)}</text><text x="{x + WIDTH - 12}" y="{at}" font-size="11" '
            f'text-anchor="end" fill="#4a4a4a">{mark}</text>'
        )
    if box.note:
        at = box.y + HEAD + ROW * len(box.rows) + ROW // 2 + 4
        parts.append(
            f'<text x="{x + 12}" y="{at}" font-size="11.5" font-style="italic" fill="#4a4a4a">'
            f"{box.note}</text>"
        )
    return "".join(parts) + "</g>"


def _grain(box: Box) -> str:
    if box.kind == "other":
        return "another entity"
    if box.kind == "history":
        return "one row a version"
    if box.kind == "atomic":
        return "one row a thing, as it is now"
    return "one row for each " + escape(" and ".join(_key(box.model)))


def _told(model: Model, models: dict[str, Model]) -> str:
    key = " and ".join(_key(model)) or "no key"
    leads = [
        f"{column.name} leads to {column.refers_to[0]}"
        for column in model.columns.values()
        if column.refers_to and column.refers_to[0] in models
    ]
    return f"{model.name}: {key}" + (f", {', '.join(leads)}" if leads else "")
