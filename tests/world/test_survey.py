"""The survey: who is asked, who answers, and what the answers follow."""

from __future__ import annotations

import cuts
import numpy as np
import polars as pl
import pytest

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.making.lifecycle import canonical
from taproom.world.render import Window, app, survey
from taproom.world.render.survey import invitations
from taproom.world.state.engine import Engine

render = survey.RENDERERS["nps_response"]


@pytest.fixture(scope="module")
def company() -> Window:
    """A company of six hundred customers."""
    e = Engine(11, 600, latent=True)
    e.run(clock.END)
    return Window(11, 600, "none", canonical(e.facts), 0, cuts.END)


@pytest.fixture(scope="module")
def asked(company) -> np.ndarray:
    """Every invitation, answered or not, with its true score."""
    return invitations(company)


def nps(score: np.ndarray) -> float:
    return float(((score >= 9).mean() - (score <= 6).mean()) * 100)


def test_every_cut_gives_the_same_rows():
    cuts.holds_in_every_cut(render)


def test_contract_holds():
    cuts.keeps_its_contract("survey", "nps_response", render(cuts.window()))


def test_it_starts_with_the_course_and_asks_only_living_users():
    w = cuts.window("none")
    v = invitations(w)
    assert v["sent"].min() >= clock.START * DAY
    users = w.facts.table("user")
    known = {(int(u["acct"]), int(u["n"])): u for u in users}
    for row in v:
        u = known[int(row["acct"]), int(row["n"])]
        assert 0 <= u["activated"] < row["sent"]
        assert u["deactivated"] < 0 or u["deactivated"] > row["sent"]
    weekday = (v["sent"] // DAY - clock.FOUNDED) % 7  # from Sunday
    assert not np.isin(weekday, (0, 6)).any()


def test_nobody_is_asked_twice_in_a_quarter(asked):
    quarter = clock.month_of(asked["sent"] // DAY) // 3
    pairs = set(zip(asked["user"].tolist(), quarter.tolist(), strict=True))
    assert len(pairs) == len(asked)


def test_an_answer_comes_within_two_weeks():
    rows = pl.from_arrow(render(cuts.window()))
    given = rows.filter(pl.col("score").is_not_null())
    late = (given["responded_at"] - given["sent_at"]).dt.total_days()
    assert late.min() >= 0 and late.max() < 14
    silent = rows.filter(pl.col("score").is_null())
    assert silent["responded_at"].null_count() == silent["comment"].null_count() == len(silent)
    waited = (silent["_arrived_at"] - silent["sent_at"]).dt.total_hours()
    assert ((waited >= 14 * 24) & (waited <= 14 * 24 + 1)).all()


def test_one_in_three_answers_and_most_like_it(asked):
    given = asked["answered"] >= 0
    assert 0.24 < given.mean() < 0.38
    assert 15 < nps(asked["score"]) < 40
    assert nps(asked["score"][given]) > nps(asked["score"]), "the content answer more often"


def test_scores_follow_usage_outages_and_open_tickets(company, asked):
    acct, day, weeks = asked["acct"], asked["sent"] // DAY, company.weeks
    z, outage = weeks.z(acct, day), weeks.outage(acct, day)
    tickets = weeks.open_tickets(acct, day)
    score = asked["score"].astype(float)
    assert np.corrcoef(score, z)[0, 1] > 0.3
    assert score[outage > 1].mean() < score[outage < 0.05].mean() - 0.5
    assert score[tickets > 0].mean() < score[tickets == 0].mean() - 0.2


def test_the_address_is_the_one_the_application_holds():
    w = cuts.window()
    ever = set(app.RENDERERS["users"](w)["email"].to_pylist())
    assert set(render(w)["email"].to_pylist()) <= ever


def test_comments_fit_the_score():
    rows = pl.from_arrow(render(cuts.window("none")))
    said = rows.filter(pl.col("comment").is_not_null())
    assert 0.2 < len(said) / rows["score"].count() < 0.6
    unhappy = set(said.filter(pl.col("score") <= 6)["comment"])
    assert not unhappy & set(said.filter(pl.col("score") >= 9)["comment"])


def test_the_ledger_lists_the_damaged_addresses():
    rows = survey.LEDGERS["nps_response"](cuts.window())
    assert set(rows["defect"].to_pylist()) == {"M07"}
    assert not len(survey.LEDGERS["nps_response"](cuts.window("none")))
