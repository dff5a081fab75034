"""Identifiers as text: a prefix and the 64-bit key in 13 characters of Crockford's base 32.

The alphabet leaves out i, l, o and u, and keeps the order of the keys. A key is a hash, so an
identifier says nothing about its object. Whole columns are written at once into one byte
buffer that becomes a pyarrow string array without copying.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 13


@cache
def _pairs() -> np.ndarray:
    """Two characters of each 10-bit number, as one little-endian uint16, shape (1024,)."""
    c = np.frombuffer(ALPHABET.encode(), dtype=np.uint8).astype(np.uint16)
    return (c[:, None] | (c[None, :] << 8)).ravel().astype("<u2")


def text_id(prefix: str, key, valid=None) -> pa.StringArray:
    """Identifiers `prefix` + 13 characters of an array of uint64 keys; null where not `valid`."""
    key = np.atleast_1d(np.asarray(key, dtype=np.uint64))
    if valid is not None:
        return _some(prefix, key, np.broadcast_to(np.asarray(valid, dtype=bool), key.shape))
    n, head = len(key), prefix.encode("ascii")
    fields = [("c0", "u1"), *((f"c{i}", "<u2") for i in range(1, 7))]
    if head:
        fields.insert(0, ("head", f"S{len(head)}"))
    out = np.empty(n, dtype=np.dtype(fields))
    if head:
        out["head"] = head
    pairs = _pairs()
    out["c0"] = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)[key >> np.uint64(60)]
    for i in range(1, 7):
        digit = (key >> np.uint64(60 - 10 * i)) & np.uint64(1023)
        out[f"c{i}"] = pairs.take(digit.view(np.int64))
    width = len(head) + LENGTH
    if n * width >= 1 << 31:
        raise ValueError(f"{n:,} identifiers do not fit one array: write them in smaller shards")
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int32)[: n + 1]
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(out))


def _some(prefix: str, key: np.ndarray, valid: np.ndarray) -> pa.StringArray:
    """Identifiers where `valid`, null elsewhere: nothing is written for a null."""
    dense = text_id(prefix, key[valid])
    width = len(prefix) + LENGTH
    offsets = np.zeros(len(key) + 1, dtype=np.int32)
    np.cumsum(valid, out=offsets[1:], dtype=np.int32)
    offsets *= np.int32(width)
    there = pa.py_buffer(np.packbits(valid, bitorder="little"))
    data = dense.buffers()[2]
    return pa.StringArray.from_buffers(len(key), pa.py_buffer(offsets), data, there)


def number(key) -> np.ndarray:
    """Positive integers of at most 12 digits of a key, for systems that number their objects."""
    return (np.asarray(key, dtype=np.uint64) % np.uint64(900_000_000_000)).astype(np.int64) + 10**11


def parse(text: str) -> int:
    """The key of an identifier, with or without its prefix."""
    value = 0
    for character in text[-LENGTH:]:
        value = value * 32 + ALPHABET.index(character)
    return value
