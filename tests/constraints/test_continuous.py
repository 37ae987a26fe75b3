"""Continuous and mixed components: samples have the law that plain rejection has."""

import math

import numpy as np
import pytest
from constraints.laws import ALPHA, check_same
from scipy import stats

import hpdsl

TWO = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\n"
THREE = TWO + "c ~ uniform(0, 1)\n"
FOUR = THREE + "d ~ uniform(0, 1)\n"
EXACT = {
    "chain": FOUR + "require a <= b <= c\nrequire c < d\n",
    "falling": """
a ~ loguniform(1e-3, 1)
b ~ loguniform(1e-3, 1)
c ~ loguniform(1e-3, 1)
require decreasing([a, b, c])
""",
    "tree": """
a ~ normal(0, 1)
b ~ normal(0, 1)
c ~ normal(0, 1)
d ~ normal(0, 1)
require a < b
require a < c
require c < d
""",
    "tree from above": """
a ~ uniform(0, 2)
b ~ uniform(0, 2)
c ~ uniform(0, 2)
d ~ uniform(0, 2)
require b < a
require c < a
require d < a
""",
    "chain below a bound": THREE + "require a <= b <= c\nrequire c < 0.5\n",
    "length": """
n ~ int uniform(0, 4)
a ~ uniform(0, 1) when 0 < n
b ~ uniform(0, 1) when 1 < n
c ~ uniform(0, 1) when 2 < n
d ~ uniform(0, 1) when 3 < n
require a <= b <= c <= d
""",
    "length and more": """
n ~ int uniform(1, 3)
t ~ bool(0.4)
a ~ loguniform(0.01, 1) when 0 < n
b ~ loguniform(0.01, 1) when 1 < n
c ~ loguniform(0.01, 1) when 2 < n
require decreasing([a, b, c])
forbid n == 2 and t
""",
    "gaps": """
a ~ bool(0.5)
b ~ bool(0.5)
c ~ bool(0.5)
x ~ uniform(0, 1) when a
y ~ uniform(0, 1) when b
z ~ uniform(0, 1) when c
require x < y
require y < z
""",
    "ordered branch": """
kind ~ choice(p: 3, q)
when kind == p { x ~ uniform(0, 1); y ~ uniform(0, 1); require x < y }
""",
    "bounded branch": "kind ~ choice(p: 3, q)\nwhen kind == p { x ~ uniform(0, 1)\n require x < 0.25 }\n",
    "forbidden corner": """
optim ~ choice(adam, lion, sgd)
lr ~ loguniform(1e-5, 1e-1)
forbid optim == lion and lr > 1e-3
require optim != sgd or lr > 1e-2
""",
    "conditional corner": """
optim ~ choice(adam, lion, sgd)
lr ~ lognormal(1e-3, 4) in 1e-5 .. 1 when optim != sgd
w ~ normal(0, 1)
forbid optim == lion and lr > 1e-3
require w > 0 or optim == adam
require w < 1.5
""",
    "zero or a range": """
penalty ~ choice(0, loguniform(1e-6, 10))
lr ~ uniform(0, 1)
b ~ bool(0.5)
require penalty == 0 or lr < 0.1 or b
forbid penalty > 1 and b
""",
    "label or a range": """
d ~ choice(none, auto: 2, uniform(0, 1): 3)
k ~ int normal(0, 3)
require d < 0.3 or k > 2
require d != auto or k < 0
""",
    "two priors": """
k ~ choice(u, v)
when k == u { x ~ uniform(0, 1) } else { x ~ uniform(2, 4) }
require x < 0.5 or x > 3.5
""",
    "dependent prior": "n ~ int uniform(1, 4)\nx ~ uniform(0, n)\nrequire x < 1.5 or n == 4\n",
    "moving bound": "n ~ int uniform(1, 4)\nx ~ uniform(0, 4)\nrequire x < n\nforbid x > 2 and n == 3\n",
    "moving bounds": """
k ~ int uniform(0, 3)
b ~ bool(0.5)
lr ~ loguniform(1e-4, 1)
require lr <= 0.001 * 2 ** k or b
require lr > 0.0005 * k
""",
    "bound that may be unknown": """
b ~ bool(0.5)
k ~ int uniform(0, 3) when b
x ~ normal(0, 2)
require x < k
require x > 0 - k - 1
""",
    "endless integers": """
k ~ int uniform(0, 3)
m ~ int normal(0, 2)
require m <= k
require m != k - 1
require m >= 0 - 2 * k
""",
    "guard on a cell": """
k ~ int uniform(1, 3)
x ~ uniform(0, k)
y ~ bool(0.5) when x < k - 0.5
require x > k / 2 or y
""",
    "simplex at the top": "a ~ uniform(0, 1)\nb ~ uniform(-1, 1)\nc ~ uniform(0, 1)\nrequire a + b + c > 2.2\n",
    "solid simplex": THREE + "require a + b + c <= 1\n",
    **{
        f"open cells of {prior}": f"x ~ {prior}\nk ~ choice(u, v)\nrequire k == u or {cut}\n"
        for prior, cut in (
            ("normal(0, 0.1)", "x <= 0.1"),
            ("normal(3, 0.1)", "x >= 3"),
            ("exponential(0.1)", "x <= 0.1"),
            ("gamma(2, 0.1)", "x <= 0.2"),
            ("normal(0, 0.1) in 0 ..", "x <= 0.1"),
        )
    },
}
REJECTING = {
    "diamond": """
a ~ uniform(0, 1)
b ~ uniform(0, 1)
c ~ uniform(0, 1)
d ~ uniform(0, 1)
require a < b
require a < c
require c < d
require b < d
""",
    "chain with a bound inside": THREE + "require a <= b <= c\nrequire b > 0.5\n",
    "chain with a tight bound": THREE + "require a <= b <= c\nrequire b > 0.9\n",
    "gaps ordered across": """
a ~ bool(0.5)
b ~ bool(0.5)
c ~ bool(0.5)
x ~ uniform(0, 1) when a
y ~ uniform(0, 1) when b
z ~ uniform(0, 1) when c
require increasing([x, y, z])
""",
    "capped simplex": "a ~ uniform(0, 1)\nb ~ uniform(0, 0.3)\nc ~ uniform(0.1, 1)\nrequire sum([a, b, c]) < 0.8\n",
    "difference": TWO + "require a - b <= 0.1\nrequire a * b < 0.4\n",
    "tail": "x ~ normal(0, 1)\nrequire x > 1.5\ny ~ normal(0, 1)\nrequire y > x\n",
    "product": "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nz ~ uniform(0, 1)\nrequire x + y * z < 0.3\n",
    "chain and a choice": TWO + "k ~ choice(u, v)\nrequire a < b\nrequire k == u or a > 0.5\n",
    "circle of needs": "a ~ uniform(0, 1)\nn ~ int uniform(1, 3) when a < 0.5\nrequire a < n / 4\n",
    "copula": THREE + "correlate a, b = 0.7\nrequire a < 0.6\nrequire c < b\n",
    "ordered array": "n ~ int uniform(1, 3)\nw[n] ~ decreasing uniform(0, 1)\nrequire sum(w) < 1\n",
    "open cells of a narrow law that moves": """
s ~ loguniform(1e-3, 1)
x ~ normal(0, s)
k ~ choice(u, v)
require k == u or x <= 0
""",
    "shares": "m[a, b, c] ~ dirichlet(2, 1, 1)\nrequire m.a < 0.5\n",
}


@pytest.mark.parametrize("name", sorted(EXACT | REJECTING))
def test_samples_are_those_of_plain_rejection(name):
    space = check_same((EXACT | REJECTING)[name])
    leftover = any(c.leftover for c in space.compilation.program.lowering.components)
    assert leftover == (name in REJECTING)


@pytest.mark.parametrize("name", sorted(EXACT))
def test_acceptance_is_exact(name):
    space = hpdsl.loads(EXACT[name])
    program = space.compilation.program
    told = math.prod(c.acceptance for c in program.lowering.components)
    n = 100_000
    uniforms = np.random.default_rng(5).random((len(space.compilation.model.parameters), n))
    seen = int((~program.violated(program.decode(uniforms)).any(axis=0)).sum())
    # n = 100,000; false alarms below 1e-9.
    assert stats.binomtest(seen, n, told).pvalue > ALPHA


def test_ordered_uniforms_are_order_statistics():
    text = "".join(f"x{i} ~ uniform(0, 1)\n" for i in range(10))
    space = hpdsl.loads(text + "require " + " <= ".join(f"x{i}" for i in range(10)) + "\n")
    (component,) = space.compilation.program.lowering.components
    assert component.exact
    assert component.acceptance == pytest.approx(1 / math.factorial(10))
    columns = space.sample(20_000, seed=2).columns
    for k in range(10):
        # n = 20,000; false alarms below 1e-9 each.
        assert stats.kstest(columns[f"x{k}"], stats.beta(k + 1, 10 - k).cdf).pvalue > ALPHA


def test_order_holds_strictly_where_it_must_even_on_coarse_ranges():
    text = "".join(f"x{i} ~ uniform(1e6, 1.00001e6)\n" for i in range(30))
    space = hpdsl.loads(text + "require " + " < ".join(f"x{i}" for i in range(30)) + "\n")
    matrix = space.sample(20_000).matrix
    assert (np.diff(matrix, axis=0) > 0.0).all()


def test_ranges_of_a_few_doubles_are_not_taken_for_continuous():
    space = hpdsl.loads("a ~ uniform(1, 1.000000000000001)\nb ~ uniform(1, 1.000000000000001)\nrequire a < b\n")
    (component,) = space.compilation.program.lowering.components
    assert component.leftover
    assert space.satisfies(space.sample(1000)).all()


def test_far_tails_are_reached():
    space = hpdsl.loads("x ~ normal(0, 1)\nk ~ bool(0.5)\nrequire x > 12 or k\nrequire x > 20 or not k\n")
    columns = space.sample(4000, seed=1).columns
    assert (columns["x"] > 12).all()
    # P(x > 20) is some 1e-57 of P(x > 12).
    assert not columns["k"].any()
    assert float(np.mean(columns["x"])) == pytest.approx(12.0823, abs=0.01)


def test_bounds_on_products_narrow_their_factors():
    space = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire a * b > 0.999999\n")
    (component,) = space.compilation.program.lowering.components
    assert component.plan.accepted > 0.3
    assert space.satisfies(space.sample(1000)).all()
