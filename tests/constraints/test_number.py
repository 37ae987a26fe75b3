"""The number of configurations, where counting of constraints knows it and plain enumeration does not."""

import math
from pathlib import Path

import numpy as np

import hpdsl

KERNEL = Path(__file__).parents[2] / "benchmarks" / "spaces" / "kernel.hp"
ORDER = " <= ".join(f"x[{k}]" for k in range(10))


def test_ordered_integers_are_multisets():
    assert hpdsl.loads(f"x[10] ~ int uniform(0, 20)\nrequire {ORDER}\n").size == math.comb(30, 10)


def test_numbers_beyond_64_bits_are_exact():
    assert hpdsl.loads("x[60] ~ int uniform(0, 99)\nrequire increasing(x)\n").size == math.comb(100, 60)


def test_what_no_requirement_reaches_multiplies():
    text = f"x[10] ~ int uniform(0, 20)\nrequire {ORDER}\ny ~ int uniform(1, 7)\nz ~ bool() when y > 3\nw = x[0] + y\n"
    assert hpdsl.loads(text).size == math.comb(30, 10) * (3 + 4 * 2)


def test_truncated_parameters_beside_counted_ones_multiply():
    text = f"x[10] ~ int uniform(0, 20)\nrequire {ORDER}\ny ~ int uniform(1, 9)\nrequire y > 3\n"
    assert hpdsl.loads(text).size == math.comb(30, 10) * 6


def test_a_kernel_space_is_counted_as_by_hand():
    x, v, tx = np.ix_(np.arange(1, 33), 2 ** np.arange(5), np.arange(1, 17))
    wide = (x * v * tx).ravel()
    threads = np.broadcast_to(x, (32, 5, 16)).ravel()[:, None] * np.repeat(np.arange(1, 33), 16)
    legal = (threads >= 64) & (threads <= 1024) & (threads % 32 == 0)
    high = np.outer(np.arange(1, 33), np.arange(1, 17)).ravel()
    total = 0
    for steps in range(1, 13):
        unrolled = sum(steps % k == 0 for k in range(1, steps + 1))
        area = np.outer(wide + 2 * steps, high + 2 * steps)[legal]
        for cached in (False, True):
            bytes_ = area * (1 + cached) * 8
            fits = bytes_[bytes_ <= 49152]
            total += unrolled * (len(fits) + sum(int((fits * k <= 2 * 49152).sum()) for k in range(1, 5)))
    assert hpdsl.load(KERNEL).size == total


def test_what_is_continuous_or_looks_at_counted_values_stays_uncounted():
    assert hpdsl.loads(f"x[10] ~ int uniform(0, 20)\nrequire {ORDER}\ny ~ choice(0, uniform(1, 2))\n").size == math.inf
    assert hpdsl.loads(f"x[10] ~ int uniform(0, 20)\nrequire {ORDER}\ny ~ int uniform(0, x[0])\n").size == math.inf
