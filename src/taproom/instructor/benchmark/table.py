"""The benchmark table, for a terminal and for docs/benchmarks.md."""

from __future__ import annotations

from rich.table import Table

from taproom.instructor.benchmark.measure import Measure

HEAD = ("What", "Measured", "Beside", "Measured", "Ratio", "To reach")


def rich_table(measures: list[Measure]) -> Table:
    """For a terminal; the last column says whether the goal is reached."""
    table = Table(title="Taproom benchmarks", title_justify="left")
    for number, name in enumerate(HEAD):
        table.add_column(name, justify="right" if number in (1, 3, 4, 5) else "left")
    for measure in measures:
        goal = cells(measure)[-1]
        colour = {True: "green", False: "red", None: ""}[measure.reached]
        table.add_row(*cells(measure)[:-1], f"[{colour}]{goal}[/]" if colour else goal)
    return table


def markdown(measures: list[Measure]) -> str:
    """The same as Markdown, with the notes below it."""
    lines = [" | ".join(("", *HEAD, "")).strip(), "|---|--:|---|--:|--:|--:|"]
    lines += ["| " + " | ".join(cells(measure)) + " |" for measure in measures]
    notes = [
        f"- {m.name}{f' ({m.beside})' if m.beside else ''}: {m.note}" for m in measures if m.note
    ]
    return "\n".join([*lines, "", *notes]) + "\n"


def cells(measure: Measure) -> list[str]:
    """One row as text."""
    ratio = "" if measure.ratio is None else f"{measure.ratio:.2g}x"
    return [
        measure.name,
        amount(measure.value, measure.unit),
        measure.beside,
        amount(measure.beside_value, measure.unit) if measure.beside else "",
        ratio,
        goal(measure),
    ]


def amount(value: float | None, unit: str) -> str:
    """Three figures, with thousands grouped."""
    if value is None:
        return "not measured"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def goal(measure: Measure) -> str:
    """The number to reach, and whether it is."""
    if measure.goal is None:
        return ""
    unit = "x" if measure.beside else f" {measure.unit}"
    side = "≤" if measure.less and not measure.beside else "≥"
    said = {True: "reached", False: "not reached", None: "open"}[measure.reached]
    return f"{side} {measure.goal:g}{unit}, {said}"
