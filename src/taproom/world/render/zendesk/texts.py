"""The texts of tickets: subjects, first messages, and what is written in a moment."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.people.population import child_key
from taproom.world.render import app
from taproom.world.render.zendesk import words
from taproom.world.render.zendesk.life import API, Tickets
from taproom.world.window import Window


def openings(w: Window, t: Tickets, rows: np.ndarray) -> tuple[pa.StringArray, pa.StringArray]:
    """Subject and first message of tickets."""
    r, channel = t.r[rows], t.channel[rows]
    k, about = r["key"], r["about"].astype(np.int64)
    zero = np.zeros(len(r), dtype=np.int64)

    def pair(name: str, which) -> tuple[pa.StringArray, pa.StringArray]:
        subjects, bodies = words.pairs(name)
        at = pa.array(subjects.index(which, k, 50))
        return subjects.text.take(at), bodies.text.take(at)

    subject, problem = pair("openings", about)
    more = words.texts("details").draw(about, k, 51)
    problem = names.where(keys.chance(k, 52, 0.55), names.glue(problem, more, sep=" "), problem)
    body = names.glue(
        words.texts("greetings").draw(zero, k, 53),
        problem,
        names.glue(words.texts("closings").draw(zero, k, 54), signature(w, r), sep="\n"),
        sep="\n\n",
    )
    alert_subject, alert = pair("alerts", zero)
    test_subject, test = pair("tests", zero)
    machine, trial = channel == API, r["colleague"] >= 0
    subject = names.where(machine, alert_subject, names.where(trial, test_subject, subject))
    return subject, names.where(machine, alert, names.where(trial, test, body))


def signature(w: Window, r: np.ndarray) -> pa.StringArray:
    """Name of the person who asks and of the business, a line each."""
    a = app.accounts_of(w, r["acct"])
    i = a.at(r["acct"])
    key = child_key(w.seed, "user", r["acct"], np.maximum(r["who"], 0))
    person = names.people(key, a.pop.country[i]).full_name
    return names.glue(person, names.take(a.company.name, i), sep="\n")


def written(name: str, key: np.ndarray, about=None) -> pa.StringArray:
    """Texts of one list, drawn by key; by subject of the ticket where the list has subjects."""
    which = np.zeros(len(key), dtype=np.int64) if about is None else about.astype(np.int64)
    return words.texts(name).draw(which, key, 55)
