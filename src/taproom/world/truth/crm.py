"""Who is who in all systems, and what the outreach of customer success really did."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.clock import DAY
from taproom.world.context import Context
from taproom.world.draws.ids import text_id
from taproom.world.facts import ACCOUNT_STATUS
from taproom.world.people import names
from taproom.world.people.population import child_key
from taproom.world.render.hubspot.common import synced
from taproom.world.render.hubspot.companies import companies
from taproom.world.render.hubspot.engagements import OUTREACH, engagements, health_list
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.people import USER, contacts
from taproom.world.truth import support
from taproom.world.truth.columns import account, date

SOURCES = ("app", "stripe", "hubspot")


def _rows(kind: str, subject, owner, system: str, ids) -> pa.Table:
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


def _people(c: Context) -> list[pa.Table]:
    w, seed = c.window(), c.seed
    u = w.facts.table("user")
    u = u[u["invited"] < c.as_of]
    user = text_id("usr_", child_key(seed, "user", u["acct"], u["n"]))
    p = contacts(w)
    p = p[synced(p["created"]) < c.as_of]
    # Who signs up later has no login yet, and is a person without an account like any lead.
    signed = np.isin(p["person"], child_key(seed, "user", u["acct"], u["n"])) & (p["kind"] == USER)
    subject = names.where(signed, text_id("usr_", p["person"]), text_id("prs_", p["person"]))
    owner = names.where(signed, account(seed, np.maximum(p["acct"], 0)), None)
    return [
        _rows("person", user, account(seed, u["acct"]), "app.users", user),
        _rows("person", subject, owner, "hubspot.contact", pa.array(p["id"])),
    ]


def _companies(c: Context) -> list[pa.Table]:
    w, seed, j = c.window(), c.seed, journeys(c.window())
    acct = w.population.acct
    own = account(seed, acct)
    v = w.facts.table("account_version")
    paying = np.unique(v["acct"][v["has_stripe"] & (v["at"] < c.as_of)])
    payer = account(seed, paying)
    customer = text_id("cus_", child_key(seed, "customer", paying, np.zeros(len(paying), int)))
    co = companies(w)
    co = co[synced(co["created"]) < c.as_of]
    lead = co["acct"] < 0
    key = co["key"].copy()
    key[lead] = leads(w).company[co["pos"][lead]]
    key[~lead] = j.company[co["pos"][~lead]]
    signed = ~lead & np.isin(co["acct"], acct)
    of_account = account(seed, np.maximum(co["acct"], 0))
    subject = names.where(signed, of_account, text_id("org_", key))
    owner = names.where(signed, of_account, None)
    return [
        _rows("company", own, own, "app.accounts", own),
        _rows("company", payer, payer, "stripe.customer", customer),
        _rows("company", subject, owner, "hubspot.company", pa.array(co["id"])),
    ]


def identity(c: Context) -> dict[str, pa.Table]:
    """truth_identity: each row of a person or a company in a system, by whose it is.

    subject_id: the app's user or account where there is one; else prs_ or org_ and a number that
    is the same for all rows of a person or company. account_id: null for leads and partners.
    """
    parts = [*_people(c), *_companies(c)]
    if set(support.SOURCES) <= set(c.sources):
        parts.append(support.identity(c))
    return {"truth_identity": pa.concat_tables(parts)}


def uplift(c: Context) -> dict[str, pa.Table]:
    """truth_csm_uplift: everybody on a health list, whether the lot gave him the outreach, whether
    somebody came to call, and whether the account was lost within 90 days.

    effect_on_churn is 0 for all: cancellations are decided before and apart from any outreach.
    An analysis by the lot finds nothing; one by calls finds that calls do harm, for they follow
    trouble. is_lost_90d: null where the 90 days are not over.
    """
    w = c.window()
    j = journeys(w)
    _, pos, day, chosen = health_list(w)
    acct = j.pop.acct[pos]
    e = engagements(w)
    e = e[(e["purpose"] == OUTREACH) & (e["kind"] == 0)]
    called = _between(e["acct"], e["at"] // DAY, acct, day, 14)
    v = w.facts.table("account_version")
    ends = v[v["status"] == ACCOUNT_STATUS.index("churned")]
    lost = _between(ends["acct"], ends["at"] // DAY, acct, day, 90)
    order = np.lexsort((day, acct))
    over = (day + 90) * DAY <= c.as_of
    table = pa.table(
        {
            "account_id": account(c.seed, acct),
            "listed_on": date(day),
            "is_chosen": pa.array(chosen),
            "is_called": pa.array(called),
            "is_lost_90d": pa.array(lost, mask=~over),
            "effect_on_churn": pa.array(np.zeros(len(pos))),
        }
    )
    return {"truth_csm_uplift": table.take(pa.array(order))}


def _between(acct, day, of, since, days: int) -> np.ndarray:
    """Whether accounts `of` have one of the days (acct, day) in [since, since + days)."""
    code = np.sort((acct << 24) | day)
    first, last = ((of << 24) | (since + n) for n in (0, days))
    return np.searchsorted(code, first) < np.searchsorted(code, last)


TRUTH = (identity, uplift)
