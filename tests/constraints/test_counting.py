"""Finite components: the law is exactly the prior given all requirements, as enumeration has it."""

import math
import random
from itertools import combinations

import pytest
from constraints.laws import check_counts, law

import hpdsl
from hpdsl.constraints import elimination, plan

FINITE = {
    "pair": "c ~ int uniform(1, 6)\nd ~ int uniform(1, 6)\nforbid c == d\n",
    "weights": """
a ~ choice(x: 3, y, z: 0.5)
b ~ bool(0.3)
n ~ int loguniform(1, 12)
forbid a == x and n > 4
forbid b and n < 3
""",
    "conditional": """
kind ~ choice(svm, tree: 2, knn)
when kind == svm { c ~ ordinal(1, 2, 5); kernel ~ choice(rbf, linear) }
when kind == tree { depth ~ int uniform(1, 5); leaf ~ int uniform(1, depth) }
fill ~ choice(mean, median)
forbid kind == svm and fill == mean
forbid depth == 3 and fill == median
require leaf < 4
forbid c == 5 and kernel == rbf
""",
    "dependent": """
n ~ int uniform(1, 4)
m ~ int uniform(n, 2 * n + 1)
p ~ ordinal(0.2, 0.5, 0.9)
b ~ bool(p)
c ~ choice(u: p, v: 1 - p)
q ~ pow2(1, 2 ** n)
require b or m + n > 4
require q <= 8 or c == u
""",
    "derived": """
x ~ int uniform(0, 4)
k ~ int uniform(1, 3)
y = 2 * x + k
big = y > 5
kind = "hot" if x > 2 else "cold"
require kind == "hot" or k > 1
forbid big and k == 3
z = x / (k - 2)
require z < 2
""",
    "kleene": """
a ~ bool(0.5)
b ~ int uniform(0, 3) when a
c ~ int uniform(0, 3) when b > 1
d ~ int uniform(0, 3)
require active(c) or d < 2
require sum([b, c, d]) <= 5
require increasing([b, c, d])
require b != d
""",
    "length": """
n ~ int uniform(1, 4)
a ~ int uniform(1, 5) when 0 < n
b ~ int uniform(1, 5) when 1 < n
c ~ int uniform(1, 5) when 2 < n
require increasing([a, b, c])
""",
    "mixed numbers": """
e ~ choice(2: 1, int uniform(0, 4): 3)
f ~ choice(none, int uniform(1, 3))
require e != 3
require f < 3 or e > 1
""",
    "steps": """
a ~ uniform(0, 1) step 0.1
b ~ int uniform(1, 9) step 2
d ~ normal(0, 1) in -2 .. 2 step 0.5
require a + b / 10 < 1.2
require d <= a
""",
    "else": """
m ~ choice(a, b)
when m == a { x ~ int uniform(1, 12) } else { x ~ int uniform(3, 5); r ~ bool() }
require x % 3 != 0
require r or x > 2
""",
    "guarded requirement": "m ~ choice(a, b)\nn ~ int uniform(0, 5)\nwhen m == a { require n > 3 }\n",
    "undefined": "x ~ int uniform(-2, 2)\ny ~ int uniform(-2, 2)\nrequire x / y > 0 or x == 1\n",
    "unknown and undefined": """
x ~ int uniform(-2, 2)
b ~ bool(0.5)
y ~ int uniform(-2, 2) when b
w ~ bool(0.5)
v ~ int uniform(0, 2) when w
require x / y > 0 and v > 0
""",
    "single": """
x ~ int uniform(0, 9)
require x > 6
y ~ pow2(1, 64)
require y < 20
z ~ int normal(5, 2) in 0 .. 10
require z <= 4
s ~ uniform(0, 1) step 0.1
require s >= 0.3 and s < 0.75
""",
    "labels": """
v ~ choice(a, b, c: 2, d)
w ~ ordinal(small, medium, large)
forbid v in [a, b]
require w >= medium or v == d
""",
    "distinct": """
a ~ int uniform(1, 4)
b ~ int uniform(1, 4)
c ~ int uniform(1, 4)
require distinct([a, b, c])
require min(a, b) + max(b, c) != 4
""",
    "settled early": """
a ~ int uniform(0, 5)
b ~ int uniform(0, 5)
c ~ int uniform(0, 5)
d ~ int uniform(0, 5)
require a < 4 or b + c > 5
require a + b + c + d < 12
require a * b <= 9 => c * d <= 9
""",
    "sets": 's ~ subset(a, b, c, d)\nrequire "a" in s => "b" in s\nrequire len(s) >= 2\n',
    "places": "p ~ permutation(a, b, c, d)\nk ~ int uniform(0, 3)\nforbid p[0] == a and k > 1\nforbid p[3] == b\n",
    "ranked": "n ~ int uniform(1, 3)\nw[n] ~ decreasing int uniform(1, 6)\nrequire sum(w) <= 9\n",
}


@pytest.mark.parametrize("name", sorted(FINITE))
def test_samples_follow_the_enumerated_law(name):
    space = hpdsl.loads(FINITE[name])
    expected, total = law(space)
    found = space.compilation.program.lowering.components
    assert not any(c.leftover for c in found), "nothing needs rejection here"
    accepted = math.prod(c.acceptance for c in found)
    assert accepted == pytest.approx(total, rel=1e-9)
    check_counts(space, expected)


@pytest.mark.parametrize("name", ["weights", "conditional", "dependent", "single", "kleene", "length"])
def test_moved_marginals_are_those_of_the_laws(name):
    text = FINITE[name]
    space = hpdsl.loads(text)
    after, _ = law(space)
    before, _ = law(
        hpdsl.loads("\n".join(line for line in text.splitlines() if "require" not in line and "forbid" not in line))
    )
    moved = {m.parameter.path: m.distance for c in space.compilation.program.lowering.components for m in c.moved}
    columns = {p.path: p.main for p in space.compilation.model.parameters}
    assert moved.keys() == columns.keys()
    for path, column in columns.items():
        a, b = marginal(before, column), marginal(after, column)
        exact = 0.5 * sum(abs(a.get(k, 0.0) - b.get(k, 0.0)) for k in {**a, **b})
        assert moved[path] == pytest.approx(exact, abs=1e-9)


def marginal(found, column):
    result = {}
    for key, p in found.items():
        result[key[column]] = result.get(key[column], 0.0) + p
    return result


def hotspot():
    return """
bx ~ ordinal(1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 480, 512, 544, 576,
             608, 640, 672, 704, 736, 768, 800, 832, 864, 896, 928, 960, 992, 1024)
by ~ pow2(1, 32)
tx ~ int uniform(1, 10)
ty ~ int uniform(1, 10)
temporal ~ int uniform(1, 10)
unroll ~ int uniform(1, 10)
power ~ bool()
blocks ~ choice(0, int uniform(1, 4))
halo = 2 * temporal
smem = (bx * tx + halo) * (by * ty + halo) * (2 + power) * 4
require 32 <= bx * by <= 1024
require temporal % unroll == 0
require smem <= 49152
require blocks == 0 or smem * blocks <= 102400
"""


def test_twenty_million_points_are_conditioned_by_few_states():
    space = hpdsl.loads(hotspot())
    (component,) = space.compilation.program.lowering.components
    assert component.exact
    assert component.plan.automaton.visited < 100_000
    configs = space.sample(2000, seed=1)
    assert space.satisfies(configs).all()
    # The share of all 22.2 million equally weighted points but for `blocks`, summed up by loops over products.
    assert component.acceptance == pytest.approx(accepted_by_loops(), rel=1e-9)


def accepted_by_loops():
    """The prior probability of the hotspot space's requirements."""
    widths = [1, 2, 4, 8, 16, *range(32, 1025, 32)]
    total = 0.0
    for temporal in range(1, 11):
        unrolls = sum(temporal % u == 0 for u in range(1, 11))
        for bx in widths:
            for by in (1, 2, 4, 8, 16, 32):
                if not 32 <= bx * by <= 1024:
                    continue
                for tx in range(1, 11):
                    for ty in range(1, 11):
                        for power in (0, 1):
                            smem = (bx * tx + 2 * temporal) * (by * ty + 2 * temporal) * (2 + power) * 4
                            if smem <= 49152:
                                fitting = sum(smem * blocks <= 102400 for blocks in range(1, 5))
                                total += unrolls * (0.5 + 0.125 * fitting)
    return total / (len(widths) * 6 * 10**4 * 2)


def test_long_sums_need_states_for_their_partial_sums_only():
    text = "".join(f"x{i} ~ int uniform(0, 20)\n" for i in range(10))
    space = hpdsl.loads(text + "require " + " + ".join(f"x{i}" for i in range(10)) + " <= 30\n")
    (component,) = space.compilation.program.lowering.components
    ways = [1] + [0] * 30
    for _ in range(10):
        ways = [sum(ways[max(s - 20, 0) : s + 1]) for s in range(31)]
    assert component.exact
    assert component.acceptance == pytest.approx(sum(ways) / 21**10, rel=1e-9)


def test_what_is_too_large_is_left_to_rejection():
    text = "".join(f"x{i} ~ int uniform(1, 100)\n" for i in range(12))
    space = hpdsl.loads(text + "require " + " * ".join(f"x{i}" for i in range(12)) + " <= 1e19\n")
    (component,) = space.compilation.program.lowering.components
    assert component.strategy == "rejection"
    assert space.satisfies(space.sample(200)).all()


def test_of_clauses_too_dense_to_count_some_are_counted_and_the_rest_rejected(monkeypatch):
    names = [f"x{i}" for i in range(5)]
    text = "".join(f"{x} ~ choice(1: 2, 2, 3, 4)\n" for x in names)
    text += "".join(f"forbid {x} + {y} == 5\n" for x, y in combinations(names, 2))
    exactly, _ = law(hpdsl.loads(text))
    monkeypatch.setattr(plan, "LIMITS", (20, 20, 100))
    monkeypatch.setattr(elimination, "_BEARABLE", 5.0)
    space = hpdsl.loads(text)
    (component,) = space.compilation.program.lowering.components
    assert component.strategy == "counting, rejection"
    assert 0 < len(component.leftover) < 10
    check_counts(space, exactly)


def test_hundreds_of_entangled_clauses_are_drawn():
    rng = random.Random(0)
    text = "".join(f"p{i} ~ choice(a, b, c)\n" for i in range(200))
    for _ in range(250):
        i, j = sorted(rng.sample(range(200), 2))
        text += f"forbid p{i} == a and p{j} == a\n"
    space = hpdsl.loads(text)
    (component,) = (c for c in space.compilation.program.lowering.components if len(c.symbols) > 20)
    assert component.strategy == "counting, rejection"
    assert component.acceptance < 1e-7
    assert component.cost < 100
    assert space.satisfies(space.sample(50)).all()


def test_what_strict_order_leaves_is_looked_for_within_limits():
    space = hpdsl.loads(
        "depth ~ int uniform(1, 4)\nw[depth] ~ decreasing int loguniform(16, 5000)\nrequire depth > 2 => w[2] < 900\n"
    )
    (component,) = space.compilation.program.lowering.components
    assert component.strategy == "rejection"


@pytest.mark.parametrize(
    "law",
    [
        "normal(0, 0.1)",
        "normal(1, 1e-5)",
        "gamma(2, 0.4)",
        "exponential(0.1)",
        "exponential(0.5) in 0.1 ..",
        "lognormal(0.5, 2)",
    ],
)
def test_open_sides_keep_their_mass(law):
    """What lies beyond the last number a value is compared with is a cell without an end."""
    middle = hpdsl.loads(f"x ~ {law}\n").decode([[0.5]])
    cut = float(middle.columns["x"][0])
    space = hpdsl.loads(f"x ~ {law}\nb ~ bool()\nrequire x < {cut!r} => b\n")
    assert space.compilation.lowering.components[0].strategy == "counting"
    assert space.compilation.lowering.components[0].acceptance == pytest.approx(0.75, abs=1e-6)
    below = space.sample(6000, seed=0).columns["x"] < cut
    # A third of the mass: 6,000 draws miss it by 0.03 with a chance below 1e-6.
    assert abs(below.mean() - 1 / 3) < 0.03


@pytest.mark.parametrize("law", ["gamma(2, 0.4)", "exponential(0.2)", "normal(0, 0.5)", "int exponential(0.5)"])
def test_open_sides_stay_open_where_nothing_bounds_them(law):
    space = hpdsl.loads(f"x ~ {law}\nrequire x * x > x\n")
    prior = hpdsl.loads(f"x ~ {law}\n").sample(20_000, seed=1).columns["x"]
    wanted = prior[prior * prior > prior]
    found = space.sample(4000, seed=0).columns["x"]
    # The share above 1.5 of at least 400 and of 4,000 draws: 0.16 is over six standard errors.
    assert abs((found > 1.5).mean() - (wanted > 1.5).mean()) < 0.16
