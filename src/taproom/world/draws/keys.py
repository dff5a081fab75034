"""Keyed draws: every random number is a pure function of (seed, stream, entity, time, lane).

The hash is the finaliser of splitmix64 (Steele, Lea, Flood 2014). No generator object, no
state: a draw can be repeated in any order, in any shard, on any machine. No call to a maths
library decides a branch: probabilities are compared as 32-bit integers, normals and logistic
values come from tables that are rounded before use.

Shapes: every function takes and returns arrays of any one shape (scalars are broadcast).
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

G = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32 = (np.uint64(n) for n in (30, 27, 31, 32))
_FULL32 = float(1 << 32)
_MASK = (1 << 64) - 1


def mix(x):
    """Finaliser of splitmix64; uint64 in, uint64 out, wrapping arithmetic.

    Arrays wrap silently in numpy, scalars warn: scalars are worked on as arrays of one.
    """
    shape = np.shape(x)
    return _finish(np.array(x, dtype=np.uint64, ndmin=1)).reshape(shape)


def _finish(x: np.ndarray) -> np.ndarray:
    """The finaliser on an array of one dimension or more, in place."""
    t = x >> _S30
    x ^= t
    x *= _M1
    np.right_shift(x, _S27, t)
    x ^= t
    x *= _M2
    np.right_shift(x, _S31, t)
    x ^= t
    return x


@cache
def stream_key(seed: int, name: str) -> np.uint64:
    """Key of a named stream under a seed (FNV-1a of the name, mixed with the seed)."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & _MASK
    return mix(np.uint64(h) ^ np.uint64((seed * int(G)) & _MASK))[()]


def key(stream, entity, time=None):
    """Key of an entity (and a time) in a stream; `entity` and `time` are integers."""
    shape = np.shape(entity)
    k = np.asarray(entity).astype(np.uint64) if shape else np.atleast_1d(entity).astype(np.uint64)
    k *= G
    k += stream
    k = _finish(k)
    if time is None:
        return k if shape else k.reshape(shape)
    if isinstance(time, int):
        k += np.uint64(((time & _MASK) * int(G)) & _MASK)
        return _finish(k) if shape else _finish(k).reshape(shape)
    return then(k, time).reshape(np.broadcast_shapes(shape, np.shape(time)))


def then(entity_key: np.ndarray, time) -> np.ndarray:
    """Keys of entities at times, of `key(stream, entity)` made before and used for many times."""
    t = np.atleast_1d(time).astype(np.int64).astype(np.uint64)
    t *= G
    return _finish(entity_key + t)


@cache
def _step(n: int) -> np.uint64:
    return np.uint64(((n + 1) * int(G)) & _MASK)


def lane(k, n: int):
    """The n-th independent 64-bit draw of a key."""
    if type(k) is np.ndarray and k.ndim and k.dtype == np.uint64:
        return _finish(k + _step(n))
    k = np.asarray(k, dtype=np.uint64)
    return _finish(np.atleast_1d(k) + _step(n)).reshape(k.shape)


def u32(k, n: int):
    """The n-th draw of a key as an integer in [0, 2**32), held in int64."""
    draw = lane(k, n) >> _S32
    return draw.view(np.int64)  # below 2**32, so the same in both types


@cache
def _one_threshold(p: float) -> np.int64:
    return np.int64(np.rint(min(max(p, 0.0), 1.0) * _FULL32))


def threshold(p):
    """Probability as an integer threshold, rounded to 2**-32, held in int64."""
    if type(p) is float:
        return _one_threshold(p)
    p = np.minimum(np.maximum(np.asarray(p, dtype=np.float64), 0.0), 1.0)
    return np.rint(p * _FULL32).astype(np.int64)


def chance(k, n: int, p):
    """True with probability p, by integer comparison."""
    return u32(k, n) < threshold(p)


def below(k, n: int, m):
    """Integer in [0, m) by multiply and shift."""
    m = m if type(m) is int else np.asarray(m, dtype=np.int64)
    return (u32(k, n) * m) >> 32


def choose(k, n: int, cumulative):
    """Index into a discrete distribution given its cumulative probabilities."""
    return np.searchsorted(threshold(cumulative), u32(k, n), side="right")


@cache
def _normal_table() -> np.ndarray:
    nd = NormalDist()
    table = np.array([nd.inv_cdf((i + 0.5) / 4096) for i in range(4096)])
    return np.round(table, 9)


def normal(k, n: int):
    """Standard normal from a table of 4,096 quantiles, rounded to 1e-9."""
    return _normal_table()[u32(k, n) >> 20]


@cache
def _exp_table() -> np.ndarray:
    # Quantiles of the unit exponential, rounded so that no libm's last digit can matter.
    q = (np.arange(4096) + 0.5) / 4096
    return np.round(-np.log1p(-q), 9)


def exponential(k, n: int):
    """Unit exponential from a table of 4,096 quantiles."""
    return _exp_table()[u32(k, n) >> 20]


@cache
def _logistic_table() -> np.ndarray:
    x = (np.arange(8193) - 4096) / 256.0
    return np.round(1.0 / (1.0 + np.exp(-x)), 9)


def logistic(x):
    """1 / (1 + exp(-x)) from a table in steps of 1/256 on [-16, 16], rounded to 1e-9."""
    at = np.floor(np.minimum(np.maximum(x, -16.0), 16.0) * 256.0).astype(np.int64) + 4096
    return _logistic_table()[at]


@cache
def _exp_small_table() -> np.ndarray:
    x = (np.arange(8193) - 4096) / 512.0
    return np.round(np.exp(x), 9)


def exp(x):
    """exp(x) from a table in steps of 1/512 on [-8, 8], rounded to 1e-9."""
    at = np.floor(np.minimum(np.maximum(x, -8.0), 8.0) * 512.0).astype(np.int64) + 4096
    return _exp_small_table()[at]


def poisson(k, n: int, mean, most: int = 12):
    """Poisson counts by inverse CDF with integer thresholds, capped at `most`."""
    mean = np.asarray(mean, dtype=np.float64)
    draw = u32(k, n)
    p = exp(-mean)
    cdf, count = p.copy(), np.zeros(np.broadcast(mean, draw).shape, dtype=np.int64)
    for j in range(1, most + 1):
        above = draw >= threshold(cdf)
        if not above.any():
            break
        count += above
        p = p * mean / j
        cdf = cdf + p
    return count
