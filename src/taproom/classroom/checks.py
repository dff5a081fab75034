"""`check`, `hint`, `solution` and `progress`: what a learner calls in an exercise notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taproom.classroom import notes, sources, store
from taproom.classroom.display import Card, Paragraph
from taproom.errors import TaproomError
from taproom.exercises import (
    CORRECT,
    INCORRECT,
    NOT_ATTEMPTED,
    Exercise,
    Expected,
    Result,
    Verdict,
    judge,
    judge_results,
    load,
)
from taproom.exercises import find as find_exercise
from taproom.exercises.judge import attempted

NOT_CHECKED = "not checked"
_hints_given: dict[str, int] = {}


def check(exercise: str, answer: Any) -> Card:
    """Compare an answer with the sealed one of this world.

    In a lab the answer is `superset.my_charts` (or `my_alerts`): all the learner has made is looked
    through, and what comes nearest is judged.

    The card's `state` is correct, incorrect, not attempted, or not checked when the database
    does not stand where the exercise is asked; `misconceptions` holds the ids recognised.
    """
    sheet = _find(exercise)
    if isinstance(sheet, Card):
        return sheet
    if not attempted(answer):
        return _card(sheet, Verdict(NOT_ATTEMPTED))
    try:
        found = store.fetch(sheet.id)
    except store.NotNow as reason:
        return Card(
            title=f"{sheet.id} {sheet.title}",
            state=NOT_CHECKED,
            paragraphs=(Paragraph(reason.what), Paragraph(reason.remedy, "What to do")),
        )
    if hasattr(answer, "results"):
        return _check_work(sheet, found, answer)
    verdict = judge(sheet, found.expected, answer)
    notes.record(found.world_id, sheet.id, verdict.state)
    return _card(sheet, verdict)


def _check_work(sheet: Exercise, found: store.Found, work: Any) -> Card:
    """Judge what the learner made in Superset."""
    seen: list[Result] = []

    def each() -> Iterator[Result]:
        for one in work.results():
            seen.append(one)
            yield one

    try:
        verdict, nearest = judge_results(sheet, found.expected, each())
    except TaproomError as error:
        return Card(
            title=f"{sheet.id} {sheet.title}",
            state=NOT_CHECKED,
            paragraphs=(
                Paragraph(error.what),
                Paragraph(error.remedy or "./taproom up superset", "What to do"),
            ),
        )
    if verdict.state == INCORRECT and not verdict.misconceptions:
        others = {other: store.fetch(other).expected for other in _labs_beside(sheet)}
        unclaimed = [one for one in seen if not _answers_another(one, others)]
        verdict, nearest = judge_results(sheet, found.expected, unclaimed)
    notes.record(found.world_id, sheet.id, verdict.state)
    said = [Paragraph(f'Looked at: your {work.kind} "{nearest.title}".')] if nearest else []
    if verdict.state == NOT_ATTEMPTED:
        said.append(
            Paragraph(
                f"No {work.kind} of yours returns {_shape(sheet)}. Make one in Superset, save it, "
                "and run this cell again."
            )
        )
    if verdict.state != CORRECT:
        said += [Paragraph(one) for one in work.notes]
    return _card(sheet, verdict, tuple(said))


def _labs_beside(sheet: Exercise) -> list[str]:
    return [one.id for one in load().values() if one.of == sheet.of and one.id != sheet.id]


def _answers_another(result: Result, others: dict[str, Expected]) -> bool:
    """Whether this is the right answer to another question, and so no attempt at this one."""
    return any(
        judge_results(_find(name), expected, [result])[0].state == CORRECT
        for name, expected in others.items()
    )


def _shape(sheet: Exercise) -> str:
    if sheet.kind == "number":
        return "one number"
    keys = " and ".join(one.name.replace("_", " ") for one in sheet.keys)
    return f"{len(sheet.measures)} number{'s' * (len(sheet.measures) > 1)} for each {keys}"


def hint(exercise: str, number: int | None = None) -> Card:
    """The next hint of an exercise, or the one of that number; after the last, the last again."""
    sheet = _find(exercise)
    if isinstance(sheet, Card):
        return sheet
    last = len(sheet.hints)
    wanted = number or _hints_given.get(sheet.id, 0) + 1
    wanted = min(max(wanted, 1), last)
    _hints_given[sheet.id] = wanted
    return Card(
        title=f"{sheet.id} {sheet.title}",
        state=f"hint {wanted} of {last}",
        paragraphs=(Paragraph(sheet.hints[wanted - 1]),),
    )


def solution(exercise: str) -> Card:
    """The code of the solution, with the words that stand above it in solutions/."""
    sheet = _find(exercise)
    if isinstance(sheet, Card):
        return sheet
    shown = sources.solution(sheet)
    return Card(
        title=f"{sheet.id} {sheet.title}",
        state="solution",
        paragraphs=(Paragraph(f"From solutions/{sheet.notebook}.ipynb, one way among several."),),
        code=shown,
    )


def progress() -> Card:
    """How far each exercise is, in the world this home has worked on last."""
    states = notes.states()
    rows = tuple(
        (sheet.id, sheet.title, states.get(sheet.id, NOT_ATTEMPTED)) for sheet in load().values()
    )
    done = sum(state == CORRECT for _, _, state in rows)
    return Card(title="Exercises", state=f"{done} of {len(rows)} correct", table=rows)


def _find(exercise: str) -> Exercise | Card:
    try:
        return find_exercise(str(exercise).strip())
    except KeyError as error:
        return Card(title="Exercise", state=NOT_CHECKED, paragraphs=(Paragraph(error.args[0]),))


def _card(sheet: Exercise, verdict: Verdict, said: tuple[Paragraph, ...] = ()) -> Card:
    paragraphs: list[Paragraph] = list(said)
    if verdict.state == NOT_ATTEMPTED and not said:
        paragraphs.append(Paragraph("Replace the ... above by your answer and run both cells."))
    several = len(verdict.misconceptions) > 1
    if several:
        paragraphs.append(
            Paragraph("More than one road leads to this answer; look at each of them.")
        )
    for one in verdict.misconceptions:
        paragraphs.append(Paragraph(one.name, strong=True))
        paragraphs.append(Paragraph(one.why, "Why"))
        paragraphs.append(Paragraph(one.remedy, "What to do"))
    paragraphs += [Paragraph(remark) for remark in verdict.remarks]
    if verdict.state == INCORRECT and not verdict.misconceptions:
        paragraphs.append(Paragraph(f'hint("{sheet.id}") says where to look.'))
    return Card(
        title=f"{sheet.id} {sheet.title}",
        state=verdict.state,
        paragraphs=tuple(paragraphs),
        misconceptions=tuple(one.id for one in verdict.misconceptions),
    )
