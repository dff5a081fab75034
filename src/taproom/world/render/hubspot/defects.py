"""The ledger of HubSpot's defects: values that differ from the clean ones, people and companies
who stand there twice, what was deleted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from taproom.world import mess
from taproom.world.render.hubspot import companies as company_rows
from taproom.world.render.hubspot import contacts as contact_rows
from taproom.world.render.hubspot import deal_tables, people
from taproom.world.render.hubspot.changes import Changes
from taproom.world.render.hubspot.common import synced
from taproom.world.render.hubspot.deals import deals
from taproom.world.window import Window

_NAMES = ("defect", "table_name", "pk", "column_name", "before", "after")


def _rows(defect: str, table: str, pk, column: str | None, before, after) -> pa.Table:
    n = len(pk)

    def text(x) -> pa.Array:
        if x is None or isinstance(x, str):
            return pa.repeat(pa.scalar(x, pa.string()), n)
        return pa.array(x).cast(pa.string())

    return pa.table([text(x) for x in (defect, table, pk, column, before, after)], names=_NAMES)


def _every(defect: str, table: str, column: str) -> pa.Table:
    return _rows(defect, table, ["*"], column, None, None)


def _arrives(w: Window, at) -> np.ndarray:
    arrived = synced(at)
    return (arrived >= w.lo) & (arrived < w.hi)


def _when(e: Changes, prop: int, w: Window) -> np.ndarray:
    """Positions of the entities to whom a property was set to something in the window."""
    return np.unique(e.entity[(e.prop == prop) & (e.value > 0) & _arrives(w, e.at)])


def contact(w: Window) -> pa.Table | None:
    """Contacts that came in the window with M07, M08, M17; merged and deleted ones as of then."""
    c = people.contacts(w)
    i = np.flatnonzero(_arrives(w, c["created"]))
    parts, table = [], "hubspot.contact"
    some = c[i]
    if len(i):
        plain = replace(w, mess="none")
        dirty, clean = (
            pa.table(
                {
                    "id": pa.array(some["id"]),
                    "property_email": p.email,
                    "property_phone": p.phone,
                    "property_company": p.company,
                    "property_hs_analytics_source": people.spoken(people.source_code(v, some)),
                }
            )
            for v in (w, plain)
            for p in (people.person(v, some),)
        )
        columns = {
            "property_email": "M07",
            "property_phone": "M07",
            "property_company": "M08",
            "property_hs_analytics_source": "M17",
        }
        parts.append(mess.compare(columns, table, ["id"], clean, dirty))
    again = some[some["of"] >= 0]
    parts.append(_rows("M08", table, again["id"], "id", c["id"][again["of"]], again["id"]))
    partner = some[some["kind"] == people.PARTNER]
    parts.append(_rows("M09", table, partner["id"], "id", None, partner["id"]))
    e = contact_rows.events(w)
    gone = _when(e, contact_rows.DELETED, w)
    gone = gone[(c["deleted"][gone] >= 0) & (c["erased"][gone] < 0) & (c["merged"][gone] < 0)]
    parts.append(_rows("M10", table, c["id"][gone], "_fivetran_deleted", "false", "true"))
    parts.append(_merged(e, contact_rows.MERGED, c, w, table))
    return pa.concat_tables(parts)


def _merged(e: Changes, prop: int, rows: np.ndarray, w: Window, table: str) -> pa.Table:
    i = np.flatnonzero((e.prop == prop) & _arrives(w, e.at))
    into, one = rows["id"][e.entity[i]], rows["id"][e.value[i]]
    return _rows("M08", table, into, "property_hs_merged_object_ids", None, one)


def contact_property_history(w: Window) -> pa.Table | None:
    """The history tells what the contact does: the traces that were lost are lost in it too."""
    if w.mess == "none":
        return None
    return _every("M17", "hubspot.contact_property_history", "value")


def company(w: Window) -> pa.Table | None:
    """Companies that came in the window under another name or for the second time."""
    c = company_rows.companies(w)
    some, table = c[_arrives(w, c["created"])], "hubspot.company"
    first, again = some[some["of"] < 0], some[some["of"] >= 0]
    parts = [_rows("M08", table, again["id"], "id", c["id"][again["of"]], again["id"])]
    if len(first):
        dirty, clean = (
            pa.table(
                {"id": pa.array(first["id"]), "property_name": company_rows.typed_names(v, first)}
            )
            for v in (w, replace(w, mess="none"))
        )
        parts.append(mess.compare({"property_name": "M08"}, table, ["id"], clean, dirty))
    parts.append(_merged(company_rows.events(w), company_rows.MERGED, c, w, table))
    return pa.concat_tables(parts)


def deal(w: Window) -> pa.Table | None:
    """Lost deals that were tidied away."""
    gone = _when(deal_tables.events(w), deal_tables.DELETED, w)
    return _rows("M10", "hubspot.deal", deals(w)["id"][gone], "_fivetran_deleted", "false", "true")


def email_event(w: Window) -> pa.Table | None:
    """E-mails go to the addresses HubSpot has, those of people who stand there twice too."""
    if w.mess == "none":
        return None
    return _every("M07", "hubspot.email_event", "recipient")


LEDGERS = {
    "contact": contact,
    "contact_property_history": contact_property_history,
    "company": company,
    "deal": deal,
    "email_event": email_event,
}
