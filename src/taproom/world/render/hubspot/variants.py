"""M08: names of companies as people type them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world import mess
from taproom.world.draws import keys
from taproom.world.people import names

_FORMS = (" LLC", " Inc.", " Ltd", " GmbH", " & Co.", " Group")


def company_names(mess_level: str, table: str, key, clean: pa.StringArray) -> pa.StringArray:
    """M08: a legal form more, capitals, no article, words for signs, a space at the end."""
    hit = mess.hit(mess_level, "M08", table, keys.mix(np.asarray(key, np.uint64) ^ np.uint64(8)))
    if not hit.any():
        return clean
    return names.where(hit, variant(key, clean), clean)


def variant(key, clean: pa.StringArray) -> pa.StringArray:
    """Another way to write each name, different from it."""
    how = keys.below(key, 30, 5)
    form = names.glue(clean, names.take(_FORMS, keys.below(key, 31, len(_FORMS))))
    bare = pc.replace_substring_regex(clean, r"^(The|Le|De) ", "")
    words = pc.replace_substring_regex(bare, r" & ", " and ")
    ways = (form, pc.utf8_upper(clean), words, names.glue(clean, " "), pc.utf8_lower(clean))
    out = ways[0]
    for i, way in enumerate(ways[1:], 1):
        out = names.where(how == i, way, out)
    same = pc.equal(out, clean).to_numpy(zero_copy_only=False)
    return names.where(same, form, out)
