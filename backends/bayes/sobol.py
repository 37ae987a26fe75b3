"""Scrambled Sobol' points by index: any row of the sequence without the ones before it.

Direction numbers: Joe & Kuo 2008 ("new-joe-kuo-6"). Scrambling: nested uniform (Owen) scrambling of base-2
digits by a hash, after Laine & Karras 2011 and Burley 2020. Points are a function of (seed, row, dimension).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BITS = 32

# For each dimension from the second: the primitive polynomial's coefficients as bits, then the initial numbers.
_JOE_KUO = (
    (3, 1),
    (7, 1, 3),
    (11, 1, 3, 1),
    (13, 1, 1, 1),
    (19, 1, 1, 3, 3),
    (25, 1, 3, 5, 13),
    (37, 1, 1, 5, 5, 17),
    (41, 1, 1, 5, 5, 5),
    (47, 1, 1, 7, 11, 19),
    (55, 1, 1, 5, 1, 1),
    (59, 1, 1, 1, 3, 11),
    (61, 1, 3, 5, 5, 31),
    (67, 1, 3, 3, 9, 7, 49),
    (91, 1, 1, 1, 15, 21, 21),
    (97, 1, 3, 1, 13, 27, 49),
    (103, 1, 1, 1, 15, 7, 5),
    (109, 1, 3, 1, 15, 13, 25),
    (115, 1, 1, 5, 5, 19, 61),
    (131, 1, 3, 7, 11, 23, 15, 103),
    (137, 1, 3, 7, 13, 13, 15, 69),
    (143, 1, 1, 3, 13, 7, 35, 63),
    (145, 1, 3, 5, 9, 1, 25, 53),
    (157, 1, 3, 1, 13, 9, 35, 107),
    (167, 1, 3, 1, 5, 27, 61, 31),
    (171, 1, 1, 5, 11, 19, 41, 61),
    (185, 1, 3, 5, 3, 3, 13, 69),
    (191, 1, 1, 7, 13, 1, 19, 1),
    (193, 1, 3, 7, 5, 13, 19, 59),
    (203, 1, 1, 3, 9, 25, 29, 41),
    (211, 1, 3, 5, 13, 23, 1, 55),
    (213, 1, 3, 7, 3, 13, 59, 17),
    (229, 1, 3, 1, 3, 5, 53, 69),
    (239, 1, 1, 5, 5, 23, 33, 13),
    (241, 1, 1, 7, 7, 1, 61, 123),
    (247, 1, 1, 7, 9, 13, 61, 49),
    (253, 1, 3, 3, 5, 3, 55, 33),
    (285, 1, 3, 1, 15, 31, 13, 49, 245),
    (299, 1, 3, 5, 15, 31, 59, 63, 97),
    (301, 1, 3, 1, 11, 11, 11, 77, 249),
    (333, 1, 3, 1, 11, 27, 43, 71, 9),
    (351, 1, 1, 7, 15, 21, 11, 81, 45),
    (355, 1, 3, 7, 3, 25, 31, 65, 79),
    (357, 1, 3, 1, 1, 19, 11, 3, 205),
    (361, 1, 1, 5, 9, 19, 21, 29, 157),
    (369, 1, 3, 7, 11, 1, 33, 89, 185),
    (391, 1, 3, 3, 3, 15, 9, 79, 71),
    (397, 1, 3, 7, 11, 15, 39, 119, 27),
    (425, 1, 1, 3, 1, 11, 31, 97, 225),
    (451, 1, 1, 1, 3, 23, 43, 57, 177),
    (463, 1, 3, 7, 7, 17, 17, 37, 71),
    (487, 1, 3, 1, 5, 27, 63, 123, 213),
    (501, 1, 1, 3, 5, 11, 43, 53, 133),
    (529, 1, 3, 5, 5, 29, 17, 47, 173, 479),
    (539, 1, 3, 3, 11, 3, 1, 109, 9, 69),
    (545, 1, 1, 1, 5, 17, 39, 23, 5, 343),
    (557, 1, 3, 1, 5, 25, 15, 31, 103, 499),
    (563, 1, 1, 1, 11, 11, 17, 63, 105, 183),
    (601, 1, 1, 5, 11, 9, 29, 97, 231, 363),
    (607, 1, 1, 5, 15, 19, 45, 41, 7, 383),
    (617, 1, 3, 7, 7, 31, 19, 83, 137, 221),
    (623, 1, 1, 1, 3, 23, 15, 111, 223, 83),
    (631, 1, 1, 5, 13, 31, 15, 55, 25, 161),
    (637, 1, 1, 3, 13, 25, 47, 39, 87, 257),
)
DIMENSIONS = len(_JOE_KUO) + 1


@lru_cache(maxsize=1)
def _directions() -> NDArray[np.uint32]:
    """Direction numbers, shape (DIMENSIONS, BITS), the most significant first."""
    table = np.zeros((DIMENSIONS, BITS), dtype=np.uint64)
    table[0] = [1 << (BITS - 1 - k) for k in range(BITS)]
    for j, (polynomial, *initial) in enumerate(_JOE_KUO, start=1):
        degree = polynomial.bit_length() - 1
        m = list(initial)
        for k in range(degree, BITS):
            value = m[k - degree] ^ (m[k - degree] << degree)
            for i in range(1, degree):
                if polynomial >> (degree - i) & 1:
                    value ^= m[k - i] << i
            m.append(value)
        table[j] = [m[k] << (BITS - 1 - k) for k in range(BITS)]
    return table.astype(np.uint32)


def _reverse(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The bits of each word in the opposite order."""
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF)):
        x = ((x >> np.uint32(shift)) & np.uint32(mask)) | ((x & np.uint32(mask)) << np.uint32(shift))
    return (x >> np.uint32(16)) | (x << np.uint32(16))


def _scramble(x: NDArray[np.uint32], key: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Flip every digit by a hash of the digits above it (Burley 2020, listing 3's improved hash)."""
    x = _reverse(x)
    x = x ^ (x * np.uint32(0x3D20ADEA))
    x = x + key
    x = x * ((key >> np.uint32(16)) | np.uint32(1))
    x = x ^ (x * np.uint32(0x05526C56))
    x = x ^ (x * np.uint32(0x53A22864))
    return _reverse(x)


@lru_cache(maxsize=16)
def _keys(seed: int, d: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Two keys for each dimension."""
    digests = [hashlib.blake2b(f"sobol {seed} {j}".encode(), digest_size=8).digest() for j in range(d)]
    keys = np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32), (keys >> np.uint64(32)).astype(np.uint32)


def points(seed: int, start: int, n: int, d: int) -> NDArray[np.float64]:
    """Rows start .. start + n - 1, shape (n, d), strictly inside the unit cube.

    Beyond `DIMENSIONS` the sequence's own dimensions repeat, with scrambling and order of their own.
    """
    low, high = _keys(seed, d)
    rows = np.arange(start, start + n, dtype=np.uint32)
    index = np.repeat(rows[:, None], d, axis=1)
    if d > DIMENSIONS:
        # Another order of the rows (nested too) keeps the copies apart.
        index[:, DIMENSIONS:] = _scramble(
            index[:, DIMENSIONS:], np.broadcast_to(high[DIMENSIONS:], (n, d - DIMENSIONS))
        )
    directions = _directions()[np.arange(d) % DIMENSIONS]
    x = np.zeros((n, d), dtype=np.uint32)
    # Digits that all rows have in common count once.
    same = ~int(np.bitwise_or.reduce(index ^ index[:1], axis=None)) if n else 0
    first = index[0].copy() if n else np.zeros(d, dtype=np.uint32)
    for k in range(int(index.max(initial=0)).bit_length()):
        if same >> k & 1:
            x ^= (-((first >> np.uint32(k)) & np.uint32(1)).astype(np.int32)).view(np.uint32) & directions[:, k]
            continue
        # All ones where the digit is set.
        x ^= (-((index >> np.uint32(k)) & np.uint32(1)).astype(np.int32)).view(np.uint32) & directions[:, k]
    return np.asarray((_scramble(x, np.broadcast_to(low, (n, d))) + 0.5) / 2.0**BITS)
