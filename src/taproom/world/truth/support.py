"""Whose tickets and survey answers are whose, and how long tickets really took."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.draws.ids import number, text_id
from taproom.world.people.population import child_key
from taproom.world.render.columns import stamp, word
from taproom.world.render.survey import invitations
from taproom.world.render.zendesk import organization_id, user_id
from taproom.world.render.zendesk.life import PRIORITY, REOPENED, REPLIED, SOLVED, tickets
from taproom.world.truth.columns import account

SOURCES = ("zendesk", "survey")
ABOUT = ("device or outage", "billing", "how to", "integrations", "access")


def _identity(kind: str, subject: pa.Array, owner: pa.Array, system: str, ids) -> pa.Table:
    n = len(subject)
    return pa.table(
        {
            "kind": pa.repeat(kind, n),
            "subject_id": subject,
            "account_id": owner,
            "system": pa.repeat(system, n),
            "id": pc.cast(ids, pa.string()),
        }
    )


def identity(c: Context) -> pa.Table:
    """Rows of truth_identity: which row of Zendesk and of the survey is which user or account."""
    w = c.window()
    f = w.facts.table("user")
    numbers = user_id(c.seed, f["acct"], f["n"])
    seen = c.rows("zendesk", "user")["id"].to_numpy() if c.rows("zendesk", "user") else []
    f = f[np.isin(numbers, seen)]
    numbers = user_id(c.seed, f["acct"], f["n"])
    person = text_id("usr_", child_key(c.seed, "user", f["acct"], f["n"]))
    p = w.population
    v = invitations(w)
    answered = text_id("usr_", v["user"])
    company = account(c.seed, p.acct)
    organization = pa.array(organization_id(c.seed, p.acct))
    return pa.concat_tables(
        [
            _identity(
                "person", person, account(c.seed, f["acct"]), "zendesk.user", pa.array(numbers)
            ),
            _identity("company", company, company, "zendesk.organization", organization),
            _identity(
                "person",
                answered,
                account(c.seed, v["acct"]),
                "survey.nps_response",
                text_id("nps_", v["key"]),
            ),
        ]
    )


def support(c: Context) -> dict[str, pa.Table]:
    """truth_ticket: each customer's ticket with its subject and times (UTC). truth_nps: what
    every person asked would have said, those who kept silent too, with what it followed."""
    w = c.window(mess="none")
    t = tickets(w)
    r = t.r
    first = np.where(t.at[:, REPLIED] >= 0, t.at[:, REPLIED], t.at[:, SOLVED])
    merged = r["into"] >= 0
    v = invitations(w)
    day = v["sent"] // DAY
    weeks = w.weeks
    return {
        "truth_ticket": pa.table(
            {
                "ticket_id": pa.array(number(r["key"])),
                "account_id": account(c.seed, r["acct"]),
                "about": word(ABOUT, r["about"]),
                "priority": word(PRIORITY, r["priority"]),
                "opened_at": stamp(r["at"]),
                "first_reply_at": stamp(np.where(merged, -1, first)),
                "solved_at": stamp(r["solved"]),
                "is_reopened": pa.array(t.at[:, REOPENED] >= 0),
                "is_merged": pa.array(merged),
            }
        ),
        "truth_nps": pa.table(
            {
                "response_id": text_id("nps_", v["key"]),
                "account_id": account(c.seed, v["acct"]),
                "score": pa.array(v["score"].astype(np.int32)),
                "is_answered": pa.array(v["answered"] >= 0),
                "z": pa.array(weeks.z(v["acct"], day)),
                "outage_load": pa.array(weeks.outage(v["acct"], day)),
                "open_tickets": pa.array(weeks.open_tickets(v["acct"], day).astype(np.int32)),
            }
        ),
    }


TRUTH = (support,)
