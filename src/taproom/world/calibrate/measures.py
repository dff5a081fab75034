"""A measured quantity beside its band, and the statistics that several areas use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """One quantity beside its band; `ok` says whether it lies inside."""

    name: str
    value: float
    low: float
    high: float

    @property
    def ok(self) -> bool:
        return self.low <= self.value <= self.high


def auc(score, label) -> float:
    """Area under the ROC curve by ranks (ties get mean ranks)."""
    score, label = np.asarray(score, dtype=float), np.asarray(label, dtype=bool)
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    n1, n0 = label.sum(), (~label).sum()
    return float((rank[label].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)) if n1 and n0 else np.nan


def fit_logistic(x, y, ridge: float = 1.0):
    """Coefficients (intercept first) of a logistic regression, by Newton's method."""
    x = np.column_stack([np.ones(len(x)), x])
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ beta))
        grad = x.T @ (y - p) - ridge * np.r_[0, beta[1:]]
        hess = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(beta))
        beta += np.linalg.solve(hess, grad)
    return beta


def mean(worlds: list[list[Row]]) -> list[Row]:
    """Mean of each quantity over worlds of several seeds; the worlds list the same rows."""
    return [
        Row(same[0].name, float(np.mean([r.value for r in same])), same[0].low, same[0].high)
        for same in zip(*worlds, strict=True)
    ]


def table(rows: list[Row]) -> str:
    """The rows as aligned text."""
    lines = [f"{'quantity':52} {'value':>9}   {'band':>17}"]
    for r in rows:
        band = f"{r.low:g} to {r.high:g}"
        lines.append(f"{r.name:52} {r.value:9.4f}   {band:>17}   {'ok' if r.ok else 'OUTSIDE'}")
    return "\n".join(lines)
