"""Philox4x32-10 (Salmon et al. 2011) and the uniforms made of its words.

The counter is (row // 2 low, row // 2 high, attempt low, attempt high), 32 bits each. A block of four words
w0 w1 w2 w3 holds two 64-bit integers, w1:w0 for even rows and w3:w2 for odd ones; a uniform is
(integer >> 12) + 1/2 in units of 2**-52, so that it lies strictly between 0 and 1 and its complement is exact.
Words are kept in signed 64-bit integers, whose products wrap the same way everywhere.
"""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels.primitives import Integer, Primitives, Real

MASK = 0xFFFFFFFF
_MULTIPLIER_0 = 0xD2511F53
_MULTIPLIER_1 = 0xCD9E8D57
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_ONE_BITS = 0x3FF0000000000000


def build(p: Primitives) -> SimpleNamespace:
    """The functions `block(c0, c1, c2, c3, k0, k1)`, four words, and `uniform(low, high)` of two of them."""
    value = p.value

    @p.function
    def block(
        c0: Integer, c1: Integer, c2: Integer, c3: Integer, k0: Integer, k1: Integer
    ) -> tuple[Integer, Integer, Integer, Integer]:
        for _ in range(10):
            product_0 = c0 * _MULTIPLIER_0
            product_1 = c2 * _MULTIPLIER_1
            c0 = ((product_1 >> 32) & MASK) ^ c1 ^ k0
            c1 = product_1 & MASK
            c2 = ((product_0 >> 32) & MASK) ^ c3 ^ k1
            c3 = product_0 & MASK
            k0 = (k0 + _WEYL_0) & MASK
            k1 = (k1 + _WEYL_1) & MASK
        return c0, c1, c2, c3

    @p.function
    def uniform(low: Integer, high: Integer) -> Real:
        mantissa = (high << 20) | (low >> 12)
        return value(mantissa | _ONE_BITS) - 0.9999999999999999

    return SimpleNamespace(block=block, uniform=uniform)
