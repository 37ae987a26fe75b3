"""Sums held at a constant: which conditions are recognised, and the uniform law on the slice of the box."""

from dataclasses import replace

import numpy as np
import pytest
from constraints.laws import ALPHA
from scipy import stats

import hpdsl
from hpdsl.constraints.lowering import lower
from hpdsl.constraints.simplex import recognise_simplex
from hpdsl.program.program import Program
from hpdsl.semantics.model import Requirement
from hpdsl.source import Span
from hpdsl.terms import apply, const, load

A, B, C = load(0), load(1), load(2)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (apply("eq", A + B + C, const(1.0)), ((0, 1, 2), 1.0, True, False, True)),
        (apply("eq", const(1.0), A + B), ((0, 1), 1.0, True, False, True)),
        (apply("le", A + B, const(2.0)), ((0, 1), 2.0, False, False, True)),
        (apply("lt", const(2.0), A + B), ((0, 1), 2.0, False, True, True)),
        (apply("le", A * 2.0 + 2.0 * B, const(3.0)), ((0, 1), 1.5, False, False, False)),
        (apply("eq", A + B, 1.0 - C), ((0, 1, 2), 1.0, True, False, False)),
        (apply("eq", apply("coalesce", A, const(0.0)) + B, const(1.0)), ((0, 1), 1.0, True, False, True)),
    ],
)
def test_sums_are_recognised(condition, expected):
    form = recognise_simplex(condition)
    found = (tuple(sorted(form.columns)), form.total, form.exact, form.mirrored, form.plain)
    assert found == expected


@pytest.mark.parametrize(
    "condition",
    [
        apply("eq", A, const(1.0)),
        apply("eq", A + B * 2.0, const(1.0)),
        apply("eq", A + A, const(1.0)),
        apply("eq", A - B, const(1.0)),
        apply("ne", A + B, const(1.0)),
        apply("eq", A * B, const(1.0)),
        apply("eq", A + B, apply("exp", C)),
    ],
)
def test_other_conditions_are_not(condition):
    assert recognise_simplex(condition) is None


def held(text, total, n=20_000, seed=1):
    """Samples of a space's parameters, their sum held at a total; whether anything had to be refused."""
    model = hpdsl.loads(text).compilation.model
    terms = [load(p.value) for p in model.parameters]
    condition = apply("eq", sum(terms[1:], start=terms[0]), const(total))
    model = replace(model, requirements=(Requirement(None, condition, "the sum", Span(0, 1)),))
    lowering = lower(model)
    (component,) = lowering.components
    assert "simplex" in component.strategy
    assert component.acceptance is None
    program = Program(model, lowering)
    matrix = program.sample(n, seed, 0, 100_000)
    assert not program.violated(matrix).any()
    np.testing.assert_array_equal(np.add.reduce(list(matrix)), total)
    return matrix, bool(component.leftover)


@pytest.mark.parametrize("total", [1.0, 0.9, 0.1, 1e-3])
def test_a_whole_simplex_is_uniform_and_refuses_nothing(total):
    matrix, refusing = held("".join(f"x{i} ~ uniform(0, 1)\n" for i in range(5)), total)
    assert not refusing
    # Marginals of the uniform law on a simplex; n = 20,000, false alarms below 1e-9 each.
    for row in matrix:
        assert stats.kstest(row / total, stats.beta(1, 4).cdf).pvalue > ALPHA
    for i in range(4):
        assert stats.kstest((matrix[i] + matrix[i + 1]) / total, stats.beta(2, 3).cdf).pvalue > ALPHA


@pytest.mark.parametrize(
    ("ranges", "total"),
    [
        ([(0, 1), (0, 1), (0, 1)], 1.5),
        ([(0, 1), (0, 1), (0, 1)], 2.6),
        ([(0, 0.3), (0.1, 1), (-1, 1)], 0.8),
        ([(0, 10), (2, 3), (0.1, 0.2)], 5.0),
        ([(-3, -1), (0.7, 1.9)], -0.5),
    ],
)
def test_a_slice_of_a_box_is_uniform(ranges, total):
    matrix, _ = held("".join(f"x{i} ~ uniform({a}, {b})\n" for i, (a, b) in enumerate(ranges)), total)
    low, high = np.array(ranges, float).T
    assert (matrix >= low[:, None]).all()
    assert (matrix <= high[:, None]).all()
    # The slice by brute force: all but the last coordinate uniform, kept where the last one fits.
    rng = np.random.default_rng(0)
    first = rng.uniform(low[:-1, None], high[:-1, None], (len(ranges) - 1, 400_000))
    last = total - first.sum(axis=0)
    kept = (last >= low[-1]) & (last <= high[-1])
    brute = np.vstack([first, last])[:, kept][:, :20_000]
    for mine, other in zip(matrix, brute, strict=True):
        # n = m = 20,000 or a little less; false alarms below 1e-9 each.
        assert stats.ks_2samp(mine, other).pvalue > ALPHA


def test_members_come_from_one_sum_only():
    text = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ uniform(0, 1)\nrequire a + b <= 0.4\nrequire b + c <= 0.3\n"
    space = hpdsl.loads(text)
    assert space.satisfies(space.sample(5000)).all()


UNIT = "".join(f"{name} ~ uniform(0, 1)\n" for name in "abc")


@pytest.mark.parametrize(
    "sentences",
    [
        "require a + b + c == 1\n",
        "require 1 == c + a + b\n",
        "t = a + b + c\nrequire t == 1\n",
        "require 2 * a + 2 * b == 2 - 2 * c\n",
        "require sum([a, b, c]) == 1 and a <= 1\n",
        "require abs(a + b + c - 1) <= 1e-12\n",
    ],
)
def test_a_required_sum_is_the_uniform_law_on_the_simplex(sentences):
    space = hpdsl.loads(UNIT + sentences)
    configs = space.sample(20_000, seed=3)
    assert space.satisfies(configs).all()
    for name in "abc":
        # n = 20,000; false alarms below 1e-9 each.
        assert stats.kstest(configs.columns[name], stats.beta(1, 2).cdf).pvalue > ALPHA


def test_a_sum_with_an_order_keeps_the_law():
    configs = hpdsl.loads(UNIT + "require a + b + c == 1\nrequire a <= b\nrequire b <= c\n").sample(20_000, seed=4)
    values = np.array([configs.columns[name] for name in "abc"])
    brute = np.sort(np.random.default_rng(0).dirichlet([1.0, 1.0, 1.0], 20_000).T, axis=0)
    for mine, other in zip(values, brute, strict=True):
        # n = m = 20,000; false alarms below 1e-9 each.
        assert stats.ks_2samp(mine, other).pvalue > ALPHA


def test_a_sum_is_compared_with_a_tolerance_for_decimals():
    space = hpdsl.loads(UNIT + "require a + b + c == 1\n")
    assert space.is_valid({"a": 0.1, "b": 0.2, "c": 0.7})
    assert space.is_valid({"a": 0.3333333333, "b": 0.3333333333, "c": 0.3333333334})
    assert not space.is_valid({"a": 0.1, "b": 0.2, "c": 0.7001})


def test_a_sum_stays_one_when_members_are_fixed():
    space = hpdsl.loads(UNIT + "require a + b + c == 1\n")
    configs = space.fix(a=0.3).sample(2_000, seed=0)
    np.testing.assert_allclose(configs.columns["b"] + configs.columns["c"], 0.7, atol=1e-9)
    # n = 2,000; false alarms below 1e-9.
    assert stats.kstest(configs.columns["b"] / 0.7, "uniform").pvalue > ALPHA
    assert space.fix(a=0.3, b=0.2).sample(seed=0)["c"] == pytest.approx(0.5)


def test_a_thick_band_is_no_simplex():
    space = hpdsl.loads(UNIT + "require abs(a + b - 1) <= 0.1\n")
    configs = space.sample(20_000, seed=5)
    off = configs.columns["a"] + configs.columns["b"] - 1.0
    # The density of the sum falls off linearly on both sides; n = 20,000, false alarms below 1e-9.
    rng = np.random.default_rng(1)
    plain = rng.uniform(size=(2, 200_000)).sum(axis=0) - 1.0
    assert stats.ks_2samp(off, plain[np.abs(plain) <= 0.1]).pvalue > ALPHA
