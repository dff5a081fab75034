"""Salted digests of an answer, cell by cell, and the comparison of a frame with them.

A digest says whether a value is the same and nothing else, so the expected answer can lie where a
learner may read it. One digest a row (of its key) and one a cell let the feedback say which column
differs, and in how many rows, without giving a value away.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from taproom.exercises import canonical
from taproom.exercises.book import Column, Exercise


@dataclass(frozen=True)
class Sealed:
    """An answer of which only digests are known: {column: {row: [digests]}}.

    `coarse` holds the same at fewer decimals than asked for: {column: {decimals: {row: […]}}}.
    """

    salt: str
    cells: dict[str, dict[str, list[str]]]
    coarse: dict[str, dict[str, dict[str, list[str]]]] = field(default_factory=dict)

    @property
    def rows(self) -> set[str]:
        return set(next(iter(self.cells.values())))

    def to_json(self) -> dict[str, Any]:
        return {"salt": self.salt, "cells": self.cells, "coarse": self.coarse}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Sealed:
        return cls(document["salt"], document["cells"], document.get("coarse", {}))


@dataclass(frozen=True)
class Comparison:
    """How a frame differs from a sealed answer. Rows are named by the learner's own keys."""

    missing: int
    unexpected: list[str]
    repeated: list[str]
    differing: dict[str, list[str]]

    @property
    def equal(self) -> bool:
        return not (self.missing or self.unexpected or self.repeated or self.differing)

    @property
    def same_rows(self) -> bool:
        return not (self.missing or self.unexpected or self.repeated)


def seal(exercise: Exercise, frame: pd.DataFrame, salt: str, *, coarse: bool = False) -> Sealed:
    """The digests of an answer; with `coarse` also those of its roundings to fewer decimals."""
    rows = [row_digest(exercise, record, salt) for record in frame.to_dict("records")]
    if len(set(rows)) != len(rows):
        raise ValueError(f"{exercise.id}: a key stands twice in the expected answer")
    cells = {
        one.name: _column(one, rows, frame[one.name], one.digits, salt) for one in exercise.measures
    }
    fewer: dict[str, dict[str, dict[str, list[str]]]] = {}
    for one in exercise.measures if coarse else ():
        for digits in range(one.digits - 1, max(one.digits - 3, -1), -1):
            found = _column(one, rows, frame[one.name], digits, salt)
            fewer.setdefault(one.name, {})[str(digits)] = found
    return Sealed(salt, cells, fewer)


def compare(exercise: Exercise, frame: pd.DataFrame, sealed: Sealed) -> Comparison:
    """Lay a frame (as `frames.to_frame` gives it) beside a sealed answer."""
    records = frame.to_dict("records")
    rows = [row_digest(exercise, record, sealed.salt) for record in records]
    names = [_row_name(exercise, record) for record in records]
    seen: set[str] = set()
    repeated, unexpected = [], []
    for row, name in zip(rows, names, strict=True):
        if row in seen:
            repeated.append(name)
        elif row not in sealed.rows:
            unexpected.append(name)
        seen.add(row)
    differing = {}
    for one in exercise.measures:
        expected = sealed.cells[one.name]
        wrong = [
            name
            for row, name, value in zip(rows, names, frame[one.name], strict=True)
            if row in expected and not matches(one, row, value, one.digits, expected, sealed.salt)
        ]
        if wrong:
            differing[one.name] = wrong
    return Comparison(len(sealed.rows - seen), unexpected, repeated, differing)


def matches(
    column: Column,
    row: str,
    value: Any,
    digits: int,
    expected: dict[str, list[str]],
    salt: str,
) -> bool:
    """Whether a value is the sealed one: any of its spellings against any that were sealed."""
    known = expected.get(row, ())
    return any(
        cell_digest(column, row, spelling, salt) in known
        for spelling in canonical.spellings(value, column.kind, digits)
    )


def row_digest(exercise: Exercise, record: dict[str, Any], salt: str) -> str:
    parts = (
        canonical.spellings(record[one.name], one.kind, one.digits)[0] for one in exercise.keys
    )
    return _digest(salt, "row", *parts)


def cell_digest(column: Column, row: str, spelling: str, salt: str) -> str:
    return _digest(salt, "cell", column.name, row, spelling)


def _column(
    column: Column, rows: list[str], values: pd.Series, digits: int, salt: str
) -> dict[str, list[str]]:
    return {
        row: [
            cell_digest(column, row, spelling, salt)
            for spelling in canonical.spellings(value, column.kind, digits)
        ]
        for row, value in zip(rows, values, strict=True)
    }


def _row_name(exercise: Exercise, record: dict[str, Any]) -> str:
    spelt = [
        canonical.spellings(record[one.name], one.kind, one.digits)[0] for one in exercise.keys
    ]
    return " / ".join(spelt)


def _digest(salt: str, *parts: str) -> str:
    text = "\x1f".join(parts).encode()
    return hashlib.blake2b(text, key=salt.encode(), digest_size=10).hexdigest()
