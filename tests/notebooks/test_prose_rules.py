"""The rule that keeps data out of prose catches what it should and nothing else."""

import pytest
from prose_rules import data_numbers


@pytest.mark.parametrize(
    "sentence",
    [
        "MRR is $41,200 at the end of the year.",
        "Churn rose by 12 % in March.",
        "There are 1,043 accounts.",
        "The average is 3.7 taps.",
        "We count 412 customers.",
    ],
)
def test_numbers_from_data_are_found(sentence):
    assert data_numbers(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "A 100% coupon leaves an MRR of zero.",
        "After 21 days the subscription is unpaid; a trial lasts 14 days.",
        "The window starts on 2024-01-01 and runs for 24 months.",
        "In 2025 the price list changed.",
        "Twelve months are one year, an annual price is divided by 12.",
        "Active in the last 30 days, or 90.",
    ],
)
def test_definitions_pass(sentence):
    assert data_numbers(sentence) == []
