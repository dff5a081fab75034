"""Events of marketing e-mails and their details: the tables with the most rows of HubSpot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import clock
from taproom.world.clock import DAY, HOUR, MINUTE, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal
from taproom.world.draws.ids import text_id
from taproom.world.facts import COUNTRIES
from taproom.world.marketing import channels
from taproom.world.people import names
from taproom.world.render.columns import build, stamp, word
from taproom.world.render.hubspot import people
from taproom.world.render.hubspot.campaigns import mail_numbers
from taproom.world.render.hubspot.common import RUN, once, sub_key, synced
from taproom.world.render.hubspot.journeys import journeys
from taproom.world.render.hubspot.leads import leads
from taproom.world.render.hubspot.mailing import CLICKED, OPENED, Mailing, mailing
from taproom.world.render.hubspot.people import LEAD_ONLY, contacts
from taproom.world.window import Window

TYPES = ("SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "STATUSCHANGE")
SENT, DELIVERED, OPEN, CLICK, BOUNCE, CHANGE = range(6)
# Who opened: a person; a privacy proxy of a mail program; a virus scanner.
PERSON, PROXY, SCANNER = range(3)

# Of contacts: mail programs behind a privacy proxy, companies with a scanner; and of the e-mails
# that these get, how many they open.
PROXIED, PROXY_OPENS = 0.30, 0.31
SCANNED, SCANNER_OPENS = 0.10, 0.27
_AGAIN = 0.25  # further openings by people, on average
_SETTLED = 46 * DAY  # after a form fill: until then its prospect opens in touches only


@dataclass(frozen=True)
class Events:
    """Events that arrive in the window, by instant and key. send: position among the e-mails.
    cause: key of the event that led to it, 0 for none. who: of OPEN and CLICK. theme: of the
    links clicked, -1 for customers."""

    mail: Mailing
    type: np.ndarray
    at: np.ndarray
    key: np.ndarray
    send: np.ndarray
    cause: np.ndarray
    who: np.ndarray
    theme: np.ndarray


def events(w: Window) -> Events:
    return once(w, "mail events", lambda: _events(w))


def _events(w: Window) -> Events:
    m = mailing(w)
    s, c = m.sends, contacts(w)
    parts: list[tuple] = []
    since, until = -(-w.lo // RUN) * RUN - RUN, -(-w.hi // RUN) * RUN - RUN

    def add(kind, at, key, send, cause=0, who=PERSON, theme=-1) -> None:
        # Delivered at the next full hour: what arrives in the window happened from `since` on.
        due = np.maximum(at, clock.FOUNDED * DAY)
        keep = np.flatnonzero((due >= since) & (due < until))
        n = len(keep)
        parts.append(
            (
                np.full(n, kind, dtype=np.int8),
                at[keep],
                key[keep],
                send[keep].astype(np.int32),
                cause[keep] if np.ndim(cause) else np.full(n, cause, dtype=np.uint64),
                np.full(n, who, dtype=np.int8),
                theme[keep].astype(np.int8) if np.ndim(theme) else np.full(n, theme, np.int8),
            )
        )

    rows = np.arange(len(s))
    quick = SECOND + keys.below(s["key"], 10, 40) * SECOND
    landed = s["at"] + quick
    fine = s["bounce"] == 0
    add(SENT, s["at"], keys.lane(s["key"], 50), rows)
    i = rows[fine]
    add(DELIVERED, landed[i], keys.lane(s["key"][i], 51), i)
    i = rows[~fine]
    add(BOUNCE, landed[i], keys.lane(s["key"][i], 52), i)
    _by_people(w, m, landed, fine, add)
    _by_machines(w, s, c, landed, fine, add)
    # What prospects opened and clicked are their touches.
    t = m.touch
    opened = np.maximum(t["at"], landed[m.touch_send] + MINUTE)
    key = sub_key(t["key"], "mail open")
    add(OPEN, opened, key, m.touch_send, theme=t["theme"])
    i = np.flatnonzero(t["click"])
    at = opened[i] + (4 + keys.below(key[i], 0, 50)) * SECOND
    add(CLICK, at, sub_key(t["key"][i], "mail click"), m.touch_send[i], key[i], theme=t["theme"][i])
    i = rows[s["leaves"]]
    at = landed[i] + 5 * MINUTE + keys.below(s["key"][i], 11, 26 * 3_600) * SECOND
    add(CHANGE, at, keys.lane(s["key"][i], 53), i)
    columns = [np.concatenate([p[n] for p in parts]) for n in range(7)]
    _, at, key, *_ = columns
    # By second and key, in one comparison.
    first = at.min() // SECOND if len(at) else 0
    order = np.argsort(
        ((at // SECOND - first).astype(np.uint64) << np.uint64(36)) | (key >> np.uint64(28))
    )
    return Events(m, *(x[order] for x in columns))


def _by_people(w: Window, m: Mailing, landed, fine, add) -> None:
    """Customers, and leads of long ago, open by habit and in their own time."""
    s, c = m.sends, contacts(w)
    habit = keys.exp(0.5 * keys.normal(sub_key(c["key"], "habits"), 2) - 0.125)
    fresh = s["prospect"] & (s["at"] < c["created"][s["contact"]] + _SETTLED)
    i = np.flatnonzero(fine & ~fresh)
    p = np.minimum(OPENED * habit[s["contact"][i]], 0.9)
    i = i[keys.chance(s["key"][i], 20, p)]
    k = s["key"][i]
    first = landed[i] + 2 * MINUTE + (keys.exponential(k, 21) * 7 * 3_600).astype(np.int64) * SECOND
    key = keys.lane(k, 54)
    add(OPEN, first, key, i)
    again = keys.poisson(k, 22, _AGAIN, 4)
    row, n = np.repeat(np.arange(len(i)), again), ordinal(again)
    more = sub_key(k[row], "open again", n)
    later = (keys.exponential(more, 0) * 30 * 3_600).astype(np.int64) * SECOND
    add(OPEN, first[row] + (1 + n) * HOUR + later, more, i[row])
    # Leads of long ago do not come back to the site: that would be a touch.
    link = np.flatnonzero(keys.chance(k, 23, CLICKED / OPENED) & ~s["prospect"][i])
    at = first[link] + (3 + keys.below(k[link], 24, 90)) * SECOND
    add(CLICK, at, keys.lane(k[link], 55), i[link], key[link])


def _by_machines(w: Window, s, c, landed, fine, add) -> None:
    """Proxies load every picture soon after the delivery, scanners at once."""
    kind = sub_key(c["key"], "mail program")
    proxied, scanned = keys.chance(kind, 0, PROXIED), keys.chance(kind, 1, SCANNED)
    i = np.flatnonzero(fine & proxied[s["contact"]])
    i = i[keys.chance(s["key"][i], 30, PROXY_OPENS)]
    at = landed[i] + MINUTE + keys.below(s["key"][i], 31, 2 * 3_600) * SECOND
    add(OPEN, at, keys.lane(s["key"][i], 56), i, who=PROXY)
    i = np.flatnonzero(fine & scanned[s["contact"]])
    i = i[keys.chance(s["key"][i], 32, SCANNER_OPENS)]
    at = landed[i] + (1 + keys.below(s["key"][i], 33, 12)) * SECOND
    add(OPEN, at, keys.lane(s["key"][i], 57), i, who=SCANNER)


# --- tables ------------------------------------------------------------------------------------
def _distinct(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Small codes as positions among the distinct codes that occur, and those codes."""
    seen = np.zeros(int(code.max(initial=-1)) + 1, dtype=bool)
    seen[code] = True
    position = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    return position[code], np.flatnonzero(seen)


def email_event(w: Window) -> pa.Table:
    e = events(w)
    s = e.mail.sends
    later = e.type != SENT
    back, who = _distinct(s["contact"][e.send])
    mail = pc.utf8_lower(people.emails(w, contacts(w)[who]))
    code, codes = _distinct(s["code"][e.send])
    mails, sent = keys.lane(s["key"], 50), s["at"][e.send]
    arrived = synced(e.at)
    scanner = (e.type == OPEN) & (e.who == SCANNER)
    return build(
        "email_event",
        {
            "id": text_id("", e.key),
            "type": pa.DictionaryArray.from_arrays(pa.array(e.type), pa.array(TYPES)),
            "created": stamp(e.at),
            "email_campaign_id": pa.array(mail_numbers(w, codes)[code]),
            "recipient": mail.take(pa.array(back)),
            "sent_by_id": text_id("", mails[e.send], later),
            "sent_by_created": stamp(np.where(later, sent, -1)),
            "caused_by_id": text_id("", e.cause, e.cause != 0),
            "filtered_event": pa.array(scanner),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )


_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15",
    "Microsoft Outlook 16.0.17126; Pro",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36",
)
_PROXIES = ("Mozilla/5.0", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko (via ggpht.com MailProxy)")
_SCANNERS = ("Mozilla/5.0 (compatible; MailGuard/4.2)", "LinkCheck/1.9")


def _agents(e: Events, rows: np.ndarray) -> pa.Array:
    texts = (*_AGENTS, *_PROXIES, *_SCANNERS)
    k = sub_key(e.mail.sends["key"][e.send[rows]], "agent")
    human = keys.choose(k, 0, np.cumsum([0.34, 0.26, 0.14, 0.16]))
    proxy = 5 + keys.choose(k, 1, np.array([0.8]))
    scanner = 7 + keys.below(k, 2, 2)
    return word(
        texts, np.select([e.who[rows] == PROXY, e.who[rows] == SCANNER], [proxy, scanner], human)
    )


def _locations(w: Window, e: Events, rows: np.ndarray) -> pa.Array:
    """Country of who opened; of the proxy, and of the scanner, where those stand."""
    c = contacts(w)[e.mail.sends["contact"][e.send[rows]]]
    lead = c["kind"] == LEAD_ONLY
    j, p = journeys(w), leads(w).p
    country = np.zeros(len(c), dtype=np.int64)
    country[lead] = p["country"][c["pos"][lead]]
    country[~lead] = j.pop.country[c["pos"][~lead]]
    machine = e.who[rows] != PERSON
    return word(COUNTRIES, np.where(machine, 0, country))


def _details(w: Window, kind: int) -> tuple[Events, np.ndarray]:
    e = events(w)
    return e, np.flatnonzero(e.type == kind)


def email_event_open(w: Window) -> pa.Table:
    e, i = _details(w, OPEN)
    k = e.key[i]
    length = 1_000 + (keys.exponential(k, 40) * 9_000).astype(np.int64)
    known = (e.who[i] == PERSON) & keys.chance(k, 41, 0.7)
    return build(
        "email_event_open",
        {
            "id": text_id("", k),
            "user_agent": _agents(e, i),
            "location": _locations(w, e, i),
            "duration": pa.array(length, mask=~known).cast(pa.string()),
            "_fivetran_synced": stamp(synced(e.at[i])),
        },
        synced(e.at[i]),
    )


_PAGES = ("https://app.tapwise.example/reports", "https://help.tapwise.example/whats-new")
_LANDING = "https://www.tapwise.example/?utm_source=newsletter&utm_medium=email&utm_campaign="


def email_event_click(w: Window) -> pa.Table:
    e, i = _details(w, CLICK)
    theme = e.theme[i].astype(np.int64)
    name = channels.campaign_name(channels.campaign(theme, e.at[i]))
    own = names.take(_PAGES, keys.below(e.key[i], 40, len(_PAGES)))
    name = pc.fill_null(pc.cast(name, pa.string()), "")
    return build(
        "email_event_click",
        {
            "id": text_id("", e.key[i]),
            "url": names.where(theme >= 0, names.glue(_LANDING, name), own),
            "user_agent": _agents(e, i),
            "location": _locations(w, e, i),
            "_fivetran_synced": stamp(synced(e.at[i])),
        },
        synced(e.at[i]),
    )


_BOUNCES = (
    ("UNKNOWN_USER", "550 5.1.1 The mailbox is not known here", "5.1.1"),
    ("DNS_FAILURE", "The domain of the address has no mail server", "5.1.2"),
    ("MAILBOX_FULL", "452 4.2.2 The mailbox is full", "4.2.2"),
    ("POLICY", "550 5.7.1 Refused by the recipient's rules", "5.7.1"),
)


def email_event_bounce(w: Window) -> pa.Table:
    e, i = _details(w, BOUNCE)
    good = e.mail.sends["bounce"][e.send[i]] == 2
    one = keys.chance(e.key[i], 40, 0.2)
    how = np.where(good, one.astype(np.int64), 2 + one)
    return build(
        "email_event_bounce",
        {
            "id": text_id("", e.key[i]),
            "category": word([b[0] for b in _BOUNCES], how),
            "response": word([b[1] for b in _BOUNCES], how),
            "status": word([b[2] for b in _BOUNCES], how),
            "_fivetran_synced": stamp(synced(e.at[i])),
        },
        synced(e.at[i]),
    )
