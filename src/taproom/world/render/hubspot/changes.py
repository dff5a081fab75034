"""Changes of properties: the one thing that companies' and contacts' rows and histories are of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world.draws import keys
from taproom.world.people import names
from taproom.world.render.columns import build, stamp, word
from taproom.world.render.hubspot.common import synced
from taproom.world.window import Window

#: What changes a property.
BY = ("FORM", "INTEGRATION", "AUTOMATION_PLATFORM", "CRM_UI", "ANALYTICS", "IMPORT")
FORM, INTEGRATION, WORKFLOW, PERSON, TRACKING, IMPORT = range(6)
_HEADS = ("formId:", "", "enrollmentId:", "userId:", "", "importId:")


@dataclass(frozen=True)
class Changes:
    """Position of the entity, µs UTC, property, value (a code, number or position), and BY."""

    entity: np.ndarray
    at: np.ndarray
    prop: np.ndarray
    value: np.ndarray
    by: np.ndarray

    def where(self, keep) -> Changes:
        return Changes(*(x[keep] for x in vars(self).values()))


class Collected:
    """Changes as they are found; `all` gives them as one."""

    def __init__(self) -> None:
        self._parts: list[tuple] = []

    def add(self, entity, at, prop: int, value, by) -> None:
        entity = np.asarray(entity, dtype=np.int64)
        columns = (np.broadcast_to(x, entity.shape) for x in (at, prop, value, by))
        self._parts.append((entity, *columns))

    def all(self) -> Changes:
        return Changes(*(np.concatenate([p[n] for p in self._parts]) for n in range(5)))


def history(
    w: Window, c: Changes, entities: np.ndarray, of: str, properties, words, owner: int
) -> pa.Table:
    """Rows of a property history: `properties` are the names of the first properties, `words`
    the texts of each one's values; those of `owner` are numbers."""
    arrived = synced(c.at)
    keep = (arrived >= w.lo) & (arrived < w.hi) & (c.prop < len(properties))
    c, arrived = c.where(keep), arrived[keep]
    # A property has one value at an instant: the last that was set.
    order = np.lexsort((np.arange(len(c.at)), c.prop, entities["key"][c.entity], c.at))
    c, arrived = c.where(order), arrived[order]
    last = np.ones(len(c.at), dtype=bool)
    last[:-1] = (
        (c.at[1:] != c.at[:-1]) | (c.entity[1:] != c.entity[:-1]) | (c.prop[1:] != c.prop[:-1])
    )
    c, arrived = c.where(last), arrived[last]
    texts = [t for p in range(len(properties)) for t in words[p]]
    start = np.cumsum([0, *(len(words[p]) for p in range(len(properties) - 1))])
    number = c.prop == owner
    spelled = names.take(texts, np.where(number, 0, start[c.prop] + c.value))
    value = names.where(number, pa.array(c.value).cast(pa.string()), spelled)
    key = entities["key"][c.entity]
    user = pa.array(10_000_000 + keys.below(key, 61, 60)).cast(pa.string())
    who = names.glue(names.take(_HEADS, c.by), user)
    return build(
        f"{of}_property_history",
        {
            f"{of}_id": pa.array(entities["id"][c.entity]),
            "name": word(properties, c.prop),
            "timestamp": stamp(c.at),
            "value": value,
            "source": word(BY, c.by),
            "source_id": names.where(np.isin(c.by, (INTEGRATION, TRACKING)), None, who),
            "_fivetran_synced": stamp(arrived),
        },
        arrived,
    )
