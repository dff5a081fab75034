"""A card of feedback: HTML in Jupyter, plain text everywhere else.

The state always stands in words and has a sign of its own; colour only repeats it (blue,
vermilion and grey, which stay apart for colour-blind readers) and text keeps the page's colours,
so that a dark theme stays readable.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape

SIGNS = {"correct": "✓", "incorrect": "✗", "not attempted": "○", "not checked": "!"}
COLOURS = {"correct": "#0072b2", "incorrect": "#d55e00"}
NEUTRAL = "#767676"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, with a label such as "Why" in front if there is one."""

    text: str
    label: str = ""
    strong: bool = False


@dataclass(frozen=True, repr=False)
class Card:
    """What check, hint, solution and progress give back."""

    title: str
    state: str
    paragraphs: tuple[Paragraph, ...] = ()
    misconceptions: tuple[str, ...] = ()
    code: str = ""
    table: tuple[tuple[str, ...], ...] = ()

    def __repr__(self) -> str:
        lines = [f"{SIGNS.get(self.state, '·')} {self.state.capitalize()}: {self.title}"]
        for one in self.paragraphs:
            text = f"{one.label}: {one.text}" if one.label else one.text
            lines += textwrap.wrap(text, 88, initial_indent="  ", subsequent_indent="  ")
        if self.code:
            lines += ["", textwrap.indent(self.code, "    ")]
        if self.table:
            width = max(len(title) for _, title, _ in self.table)
            for name, title, state in self.table:
                lines.append(f"  {name}  {title:<{width}}  {SIGNS.get(state, ' ')} {state}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        colour = COLOURS.get(self.state, NEUTRAL)
        head = (
            f'<div><span aria-hidden="true" style="color:{colour};font-weight:bold">'
            f"{SIGNS.get(self.state, '·')}</span> "
            f"<strong>{escape(self.state.capitalize())}</strong>: {escape(self.title)}</div>"
        )
        body = "".join(_paragraph(one) for one in self.paragraphs)
        if self.code:
            body += f'<pre style="margin:.5em 0 0">{escape(self.code)}</pre>'
        if self.table:
            body += _table(self.table)
        return (
            f'<div role="status" style="border-left:4px solid {colour};'
            f'padding:.4em .8em;margin:.4em 0">{head}{body}</div>'
        )


def _paragraph(one: Paragraph) -> str:
    text = escape(one.text)
    if one.strong:
        text = f"<strong>{text}</strong>"
    label = f"<em>{escape(one.label)}:</em> " if one.label else ""
    return f'<p style="margin:.4em 0 0">{label}{text}</p>'


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    head = "".join(f'<th scope="col">{one}</th>' for one in ("exercise", "title", "state"))
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td style="text-align:left">{escape(title)}</td>'
        f'<td style="text-align:left">{SIGNS.get(state, "")} {escape(state)}</td></tr>'
        for name, title, state in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
