"""An identifier says nothing about its object: whoever learns from identifiers learns nothing.

The accounts are dealt out by what became of them and what they are, each hand is rendered alone,
so every delivered identifier has a label without any join. A linear model on the characters (or
bits) of the identifiers of one half is then tried on the other half.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from taproom import contracts
from taproom.world import clock, render
from taproom.world.calibrate.measures import auc
from taproom.world.clock import DAY
from taproom.world.facts import ACCOUNT_STATUS, Facts
from taproom.world.making.lifecycle import canonical
from taproom.world.people.population import TEST, population
from taproom.world.state.engine import Engine

PAYING, SEED = 220, 42
END = clock.END * DAY
LABELS = ("churned", "several venues", "fit and liking of technology above the middle")
MANY = 3_000  # identifiers in a hand: more are not needed
FEW = 60  # with fewer on a side nothing can be said
POSITIONS = 13  # characters looked at, from the end; before them stands the kind of object

#: Identifiers that tell a time, in life too; the log's number is its order.
TIMES = {"app.change_log.lsn", "ga4.event.param_ga_session_id"}


@pytest.fixture(scope="module")
def hands() -> list[Facts]:
    """The facts of the accounts of each combination of labels; test accounts are left out."""
    e = Engine(SEED, PAYING, latent=True)
    e.run(clock.END)
    facts = canonical(e.facts)
    version = facts.table("account_version")
    acct, last = np.unique(version["acct"][::-1], return_index=True)
    status = version["status"][::-1][last]
    p = population(SEED, PAYING, acct)
    trait = p.fit + p.tech
    bits = (
        (status == ACCOUNT_STATUS.index("churned")) * 1
        + (p.n_loc > 1) * 2
        + (trait > np.median(trait)) * 4
    )
    out = []
    for hand in range(8):
        mine = acct[(bits == hand) & (p.cls != TEST)]
        tables = {k: v[np.isin(v["acct"], mine)] for k, v in facts.tables().items()}
        out.append(Facts(tables))
    return out


def id_columns(source: str, table: str) -> list[str]:
    """Columns of a table that hold identifiers, by their name."""
    columns = contracts.load(source).tables[table].columns
    return [
        c.name
        for c in columns
        if c.type in "tb"
        and (c.name in ("id", "lsn") or c.name.endswith(("_id", "_ref")))
        and f"{source}.{table}.{c.name}" not in TIMES
    ]


def delivered(source: str, table: str, facts: Facts) -> pa.Table | None:
    """Rows of a hand: of the last days where they are many, else of all time."""
    renderer = render.renderers([source])[source, table]
    first = max(0, render.delivered_from(source, table))
    for lo in (END - DAY // 8, END - 3 * DAY, END - 30 * DAY, first):
        lo = max(lo, first)
        rows = renderer(render.Window(SEED, PAYING, "none", facts, lo, END))
        if lo == first or (rows is not None and len(rows) > MANY):
            return rows
    return rows


def characters(ids: pa.Array) -> np.ndarray:
    """Identifiers as bits, seven of each of the last POSITIONS characters, or 48 of a number,
    and their place in the order of all: a number that counts up would show there."""
    if pa.types.is_integer(ids.type):
        number = ids.to_numpy(zero_copy_only=False).astype(np.int64)
        bits, order = (number[:, None] >> np.arange(48)) & 1, np.argsort(np.argsort(number))
    else:
        ends = [t[-POSITIONS:] for t in pc.utf8_lpad(ids, POSITIONS, " ").to_pylist()]
        code = np.array([[ord(c) for c in t] for t in ends], dtype=np.int64)
        bits = ((code[:, :, None] >> np.arange(7)) & 1).reshape(len(code), -1)
        order = np.argsort(np.argsort(ends))
    return np.column_stack([bits, order / len(order)]).astype(float)


def learned(ids: pa.Array, label: np.ndarray) -> tuple[float, float]:
    """AUC on the half that was not learned from, and its standard error by chance alone."""
    x = characters(ids)
    half = np.arange(len(x)) % 2 == 0
    spread = x[half].std(axis=0)
    x, spread = x[:, spread > 1e-6], spread[spread > 1e-6]
    weight = (x[half & label].mean(axis=0) - x[half & ~label].mean(axis=0)) / spread**2
    truth = label[~half]
    n1, n0 = truth.sum(), (~truth).sum()
    return auc(x[~half] @ weight, truth), float(np.sqrt((n1 + n0 + 1) / (12 * n1 * n0)))


def own_sides(parts: list[pa.Array], bit: int) -> tuple[pa.Array, np.ndarray] | None:
    """Identifiers that stand on one side of a label only, in no order, and their side.

    What stands on both sides (a price, a colleague) belongs to no account.
    """
    sides = []
    for side in (0, 1):
        mine = [p for hand, p in enumerate(parts) if len(p) and (hand >> bit & 1) == side]
        if not mine:
            return None
        sides.append(pc.unique(pa.concat_arrays(mine)))
    both = pc.is_in(sides[0], value_set=sides[1]), pc.is_in(sides[1], value_set=sides[0])
    own = [a.filter(pc.invert(mask)) for a, mask in zip(sides, both, strict=True)]
    if min(len(a) for a in own) < FEW:
        return None
    ids, side = pa.concat_arrays(own), np.repeat([False, True], [len(a) for a in own])
    order = np.argsort(pc.utf8_reverse(ids.cast(pa.string())).to_numpy(zero_copy_only=False))
    return ids.take(pa.array(order)), side[order]


def account_tables() -> list[tuple[str, str]]:
    return [name for name in render.renderers() if name not in render.of_the_world()]


@pytest.mark.parametrize("source", sorted({s for s, _ in account_tables()}))
def test_nothing_can_be_learned_from_identifiers(hands, source):
    tried = 0
    for name in account_tables():
        if name[0] != source or not (columns := id_columns(*name)):
            continue
        found: dict[str, list[pa.Array]] = defaultdict(list)
        for facts in hands:
            rows = delivered(*name, facts)
            for column in columns:
                values = rows[column].combine_chunks() if rows is not None else pa.array([])
                if pa.types.is_dictionary(values.type):
                    values = values.dictionary_decode()
                found[column].append(pc.unique(values.drop_null()).slice(0, 3 * MANY))
        for column, parts in found.items():
            for bit, label in enumerate(LABELS):
                sides = own_sides(parts, bit)
                if sides:
                    value, error = learned(*sides)
                    assert abs(value - 0.5) < 5 * error, (name, column, label, value, error)
                    tried += 1
    assert tried


def test_a_telltale_identifier_would_be_found():
    """A bit that mostly follows the label, or numbers given in order: the model sees both."""
    rng = np.random.RandomState(1)
    label = rng.rand(1_000) < 0.4
    number = rng.randint(1, 1 << 40, 1_000)
    leaky = np.where(label & (rng.rand(1_000) < 0.8), number | 1 << 17, number)
    value, error = learned(pa.array(leaky), label)
    assert value - 0.5 > 5 * error
    counted = np.arange(1_000) * 7 + rng.randint(0, 5, 1_000)  # numbers given in order of sign-up
    value, error = learned(pa.array(counted), np.arange(1_000) < 400)
    assert value - 0.5 > 5 * error
