"""Identifiers: a faithful, ordered, uninformative writing of 64-bit keys."""

from __future__ import annotations

import numpy as np
import pytest

from taproom.world.draws import ids
from taproom.world.people import population

KEYS = np.array([0, 1, 31, 32, 2**63, 2**64 - 1], dtype=np.uint64)


def test_every_key_can_be_read_back():
    for key, text in zip(KEYS.tolist(), ids.text_id("acc_", KEYS).to_pylist(), strict=True):
        assert text.startswith("acc_") and len(text) == 4 + ids.LENGTH
        assert ids.parse(text) == key


def test_order_of_identifiers_is_the_order_of_keys():
    texts = ids.text_id("", KEYS).to_pylist()
    assert texts == sorted(texts)
    assert texts[0] == "0" * 13 and texts[-1] == "f" + "z" * 12


def test_masked_and_empty():
    assert ids.text_id("x_", KEYS[:3], [True, False, True]).to_pylist()[1] is None
    assert len(ids.text_id("x_", KEYS[:0])) == 0


def test_arrays_are_valid_arrow():
    ids.text_id("loc_", np.arange(1000)).validate(full=True)


@pytest.mark.parametrize("trait", ["fit", "n_loc", "cls", "signup", "country"])
def test_identifiers_do_not_tell_traits(trait):
    pop = population.population(42, 1_000, np.arange(population.total_accounts(1_000)))
    rank = np.argsort(np.argsort(pop.key))
    value = getattr(pop, trait).astype(np.float64)
    assert abs(np.corrcoef(rank, value)[0, 1]) < 0.07


def test_numbers_are_positive_and_distinct():
    numbers = ids.number(population.account_key(42, np.arange(5_000)))
    assert numbers.min() >= 10**11 and numbers.max() < 10**12
    assert len(np.unique(numbers)) == 5_000
