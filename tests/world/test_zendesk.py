"""Zendesk: tickets live as tickets do, people are who they say, and nothing comes too early."""

from __future__ import annotations

import itertools
from collections import Counter

import cuts
import numpy as np
import polars as pl
import pytest
import worlds

from taproom.world import clock
from taproom.world.clock import DAY
from taproom.world.draws.ids import number
from taproom.world.render import app, zendesk
from taproom.world.render.zendesk.requests import ticket_key

ALLOWED = {
    "new": {"open", "solved"},
    "open": {"pending", "hold", "solved", "closed"},
    "pending": {"open", "hold", "solved", "closed"},
    "hold": {"open", "solved", "closed"},
    "solved": {"open", "closed"},
    "closed": {"deleted"},
    "deleted": set(),
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    w = cuts.window()
    return {name: pl.from_arrow(render(w)) for name, render in zendesk.RENDERERS.items()}


def newest(table: pl.DataFrame) -> pl.DataFrame:
    return table.sort("_arrived_at").unique("id", keep="last")


@pytest.mark.parametrize("table", zendesk.RENDERERS)
def test_every_cut_gives_the_same_rows(table):
    cuts.holds_in_every_cut(zendesk.RENDERERS[table], table in zendesk.WORLD)


@pytest.mark.parametrize("table", zendesk.RENDERERS)
def test_contract_holds(table):
    cuts.keeps_its_contract("zendesk", table, zendesk.RENDERERS[table](cuts.window()))


def test_each_ticket_of_the_facts_is_one_ticket(tables):
    facts = worlds.facts().table("ticket")
    opened = facts[facts["at"] < cuts.END - clock.HOUR]
    customers = newest(tables["ticket"]).filter(pl.col("organization_id").is_not_null())
    assert abs(len(customers) - len(opened)) <= 1
    times = set(customers["created_at"].dt.epoch("us").to_list())
    assert times <= set(facts["at"].tolist())


def test_status_goes_only_where_it_may(tables):
    history = tables["ticket_field_history"].filter(pl.col("field_name") == "status")
    for _, rows in history.sort("updated").group_by("ticket_id"):
        path = rows["value"].to_list()
        assert path[0] == "new"
        for before, after in itertools.pairwise(path):
            assert after in ALLOWED[before] or after == "deleted", path


def test_the_ticket_is_what_its_history_says(tables):
    history = tables["ticket_field_history"].sort("updated")
    last = history.unique(["ticket_id", "field_name"], keep="last")
    wide = last.pivot("field_name", index="ticket_id", values="value")
    both = newest(tables["ticket"]).join(wide, left_on="id", right_on="ticket_id", suffix="_told")
    assert len(both) == newest(tables["ticket"]).height
    assert (both["status"] == both["status_told"]).all()
    assert (both["priority"] == both["priority_told"]).all()
    assert (both["group_id"].cast(pl.String) == both["group_id_told"]).all()
    assert both["assignee_id"].cast(pl.String).eq_missing(both["assignee_id_told"]).all()


def test_the_solution_is_when_the_world_says(tables):
    w = cuts.window()
    f = w.facts.table("ticket")
    f = f[f["solved"] < cuts.END - DAY]
    key = ticket_key(42, f["acct"], f["n"])
    solved = dict(zip(number(key).tolist(), f["solved"].tolist(), strict=True))
    told = tables["ticket_field_history"].filter(
        pl.col("field_name").eq("status") & pl.col("value").is_in(["solved", "closed"])
    )
    told = told.filter(pl.col("user_id") != -1).sort("updated").unique("ticket_id", keep="last")
    seen = dict(zip(told["ticket_id"], told["updated"].dt.epoch("us"), strict=True))
    assert set(solved) <= set(seen)
    assert all(seen[i] == at for i, at in solved.items())


def test_the_first_reply_comes_between_opening_and_solution(tables):
    comments, ticket = tables["ticket_comment"], newest(tables["ticket"])
    team = tables["user"].filter(pl.col("role") != "end-user")["id"]
    replies = comments.filter(pl.col("public") & pl.col("user_id").is_in(team.implode()))
    first = replies.group_by("ticket_id").agg(pl.col("created").min())
    both = ticket.filter(pl.col("via_channel") != "api").join(
        first, left_on="id", right_on="ticket_id"
    )
    wait = (both["created"] - both["created_at"]).dt.total_minutes()
    # A test ticket is opened by the team itself.
    assert (wait.filter(both["organization_id"].is_not_null()) >= 1).all()
    assert 60 < wait.median() < 480


def test_a_reply_to_an_urgent_ticket_comes_sooner(tables):
    comments, ticket = tables["ticket_comment"], newest(tables["ticket"])
    second = comments.sort("created").filter(pl.col("created").cum_count().over("ticket_id") == 2)
    both = ticket.join(second, left_on="id", right_on="ticket_id")
    wait = (both["created"] - both["created_at"]).dt.total_minutes()
    soon = wait.filter(both["priority"].is_in(["urgent", "high"])).median()
    assert soon < wait.filter(both["priority"] == "low").median()


def test_who_asks_is_an_active_user_of_that_account(tables):
    users = worlds.facts().table("user")
    number = zendesk.user_id(42, users["acct"], users["n"])
    known = {int(k): u for k, u in zip(number, users, strict=True)}
    organization = {int(o): a for a in np.unique(users["acct"])
                    for o in zendesk.organization_id(42, np.array([a]))}  # fmt: skip
    customers = newest(tables["ticket"]).filter(pl.col("organization_id").is_not_null())
    active = 0
    for row in customers.iter_rows(named=True):
        u, at = known[row["requester_id"]], row["created_at"].timestamp() * 1e6
        assert organization[row["organization_id"]] == u["acct"]
        active += bool(
            0 <= u["activated"] <= at and (u["deactivated"] < 0 or u["deactivated"] > at)
        )
    assert active > 0.9 * len(customers)


def test_everyone_named_is_known_save_orphans_and_the_system(tables):
    people = set(tables["user"]["id"])
    for table, column in (
        ("ticket", "requester_id"),
        ("ticket", "submitter_id"),
        ("ticket", "assignee_id"),
        ("ticket_comment", "user_id"),
        ("ticket_field_history", "user_id"),
        ("satisfaction_rating", "assignee_id"),
    ):
        assert set(tables[table][column].drop_nulls()) - {-1} <= people, (table, column)
    assert set(tables["ticket_comment"]["ticket_id"]) <= set(tables["ticket"]["id"])
    groups = set(tables["group"]["id"])
    assert set(tables["ticket"]["group_id"]) <= groups


def test_external_ids_lead_to_the_application(tables):
    w = cuts.window()
    accounts = set(app.RENDERERS["accounts"](w)["id"].to_pylist())
    users = set(app.RENDERERS["users"](w)["id"].to_pylist())
    assert set(tables["organization"]["external_id"]) <= accounts
    known = tables["user"].filter(pl.col("role") == "end-user")
    external = known["external_id"].drop_nulls()
    assert set(external) <= users
    assert 0.2 < len(external) / len(known) < 0.8, "some must be matched by their address"


def test_an_erased_person_is_forgotten(tables):
    users = worlds.facts().table("user")
    gone = users[(users["erased"] >= 0) & (users["erased"] < cuts.END - 2 * DAY)]
    ids = set(zendesk.user_id(42, gone["acct"], gone["n"]).tolist())
    last = newest(tables["user"]).filter(pl.col("id").is_in(list(ids)))
    assert not last["active"].any() and last["email"].null_count() == len(last)


def test_deleted_and_test_tickets_are_told_and_listed(tables):
    heavy = cuts.window("heavy")
    ticket = newest(pl.from_arrow(zendesk.RENDERERS["ticket"](heavy)))
    ledger = pl.from_arrow(zendesk.LEDGERS["ticket"](heavy))
    for defect, found in (
        ("M10", ticket.filter(pl.col("_fivetran_deleted"))),
        ("M09", ticket.filter(pl.col("organization_id").is_null())),
    ):
        listed = ledger.filter(pl.col("defect") == defect)["pk"]
        assert len(listed) and set(listed) == set(found["id"].cast(pl.String)), defect


def test_without_mess_nothing_is_damaged():
    clean = cuts.window("none")
    ticket = newest(pl.from_arrow(zendesk.RENDERERS["ticket"](clean)))
    assert not ticket["_fivetran_deleted"].any()
    assert ticket["organization_id"].null_count() == 0
    orphans = set(ticket["organization_id"]) - set(
        zendesk.RENDERERS["organization"](clean)["id"].to_pylist()
    )
    assert not orphans
    for ledger in zendesk.LEDGERS.values():
        rows = ledger(clean)
        assert rows is None or not len(rows)


def test_one_address_in_twelve_is_damaged(tables):
    ledger = pl.from_arrow(zendesk.LEDGERS["user"](cuts.window()))
    assert set(ledger["defect"]) == {"M07"}
    hit = ledger.filter(pl.col("column_name") == "email")["pk"].n_unique()
    people = tables["user"].filter(pl.col("role") == "end-user")["id"].n_unique()
    assert 0.03 < hit / people < 0.15


def test_orphan_organizations_come_late_or_never():
    w = cuts.window("heavy")
    rows = pl.from_arrow(zendesk.LEDGERS["organization"](w))
    delivered = dict(
        zip(*(zendesk.RENDERERS["organization"](w)[c].to_pylist() for c in ("id", "_arrived_at")),
            strict=True)
    )  # fmt: skip
    assert len(rows)
    for row in rows.iter_rows(named=True):
        there = delivered.get(int(row["pk"]))
        assert (there is None) == (row["after"] is None or row["after"] >= clock.iso(cuts.END))


def test_a_merged_ticket_names_its_survivor():
    """Two tickets about one thing in a day: a bigger world is needed to find some."""
    from taproom.world.making.lifecycle import canonical
    from taproom.world.render import Window
    from taproom.world.state.engine import Engine

    e = Engine(3, 400)
    e.run(clock.START + 300)
    w = Window(3, 400, "none", canonical(e.facts), 0, (clock.START + 300) * DAY)
    ticket = newest(pl.from_arrow(zendesk.RENDERERS["ticket"](w)))
    survivors = ticket.filter(pl.col("merged_ticket_ids") != "[]")
    merged = {int(t[1:-1]) for t in survivors["merged_ticket_ids"]}
    assert merged <= set(ticket["id"]) and merged
    gone = ticket.filter(pl.col("id").is_in(list(merged)))
    assert set(gone["status"]) == {"closed"}


def test_texts_have_no_blank_left(tables):
    texts = [*tables["ticket"]["subject"], *tables["ticket_comment"]["body"]]
    assert not any("{" in t or "}" in t or "|" in t for t in texts)
    assert len(set(texts)) > 400


def test_ratings_are_seldom_given_and_worse_after_a_long_wait():
    from taproom.world.making.lifecycle import canonical
    from taproom.world.render import Window
    from taproom.world.state.engine import Engine

    e = Engine(5, 400)
    e.run(clock.END)
    w = Window(5, 400, "none", canonical(e.facts), 0, cuts.END)
    rating = newest(pl.from_arrow(zendesk.RENDERERS["satisfaction_rating"](w)))
    given = rating.filter(pl.col("score") != "offered")
    assert 0.2 < len(given) / len(rating) < 0.4
    ticket = newest(pl.from_arrow(zendesk.RENDERERS["ticket"](w))).select("id", "created_at")
    both = given.join(ticket, left_on="ticket_id", right_on="id", suffix="_opened")
    days = (both["created_at"] - both["created_at_opened"]).dt.total_hours() / 24 - 1
    quick, slow = (both.filter(m)["score"].eq("good").mean() for m in (days < 1.5, days > 4))
    assert quick > slow + 0.05


def test_the_team_grows_with_the_customers(tables):
    team = tables["user"].filter(pl.col("role") != "end-user")
    assert Counter(team["role"])["admin"] == 2 and len(team) >= 4
    assert team["email"].str.ends_with("@tapwise.example").all()
    first = tables["ticket"]["created_at"].min()
    assert team["created_at"].min() < first
