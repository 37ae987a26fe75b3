"""The reference that laws hold priors to, against scipy.stats and against counting."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

import hpdsl
from hpdsl.testing.laws.conditional import divide

CONTINUOUS = {
    "uniform(-5, 5)": stats.uniform(-5, 10),
    "loguniform(1e-5, 10)": stats.loguniform(1e-5, 10),
    "normal(1, 2)": stats.norm(1, 2),
    "normal(0, 1) in 6 .. 9": stats.truncnorm(6, 9),
    "normal(0, 1) in .. -2": stats.truncnorm(-math.inf, -2),
    "lognormal(2, 1.5)": stats.lognorm(math.log(1.5), scale=2),
    "beta(0.5, 0.5)": stats.beta(0.5, 0.5),
    "gamma(2, 3)": stats.gamma(2, scale=3),
    "exponential(0.2)": stats.expon(scale=0.2),
    "triangular(1, 2, 4)": stats.triang(1 / 3, 1, 3),
}


def split(text, columns, path=None):
    """How values divide the prior of a parameter, the last one by default; columns by path."""
    space = hpdsl.loads(text)
    model = space.compilation.model
    p = model.parameters[-1] if path is None else next(p for p in model.parameters if p.path == path)
    n = len(next(iter(columns.values())))
    matrix = np.full((model.n_columns, n), np.nan)
    for name, values in columns.items():
        other = next(s for s in model.symbols if s.path == name)
        matrix[other.main if not hasattr(other, "value") or other.value is None else other.value] = values
    return divide(model, p, p.pieces[0])(matrix)


@pytest.mark.parametrize("text", CONTINUOUS)
def test_continuous_priors(text):
    law = CONTINUOUS[text]
    x = law.ppf(np.linspace(0.01, 0.99, 21))
    below, inside, above = split(f"x ~ {text}\n", {"x": x})
    np.testing.assert_allclose(below, law.cdf(x), rtol=1e-9)
    np.testing.assert_allclose(above, law.sf(x), rtol=1e-9)
    assert not inside.any()


def test_far_tails_keep_their_accuracy():
    x = np.array([-30.0, 30.0])
    below, _, above = split("x ~ normal(0, 1)\n", {"x": x})
    np.testing.assert_allclose([below[0], above[1]], stats.norm.sf([30.0, 30.0]), rtol=1e-9)


def test_lattices_have_masses():
    below, inside, above = split("k ~ int uniform(1, 4)\n", {"k": np.array([1.0, 2.0, 4.0])})
    np.testing.assert_allclose(inside, 0.25)
    np.testing.assert_allclose(below, [0, 0.25, 0.75])
    np.testing.assert_allclose(above, [0.75, 0.5, 0], atol=1e-15)
    law = stats.norm(5, 2)
    below, inside, _ = split("k ~ int normal(5, 2)\n", {"k": np.array([3.0, 12.0])})
    np.testing.assert_allclose(inside, law.cdf([3.5, 12.5]) - law.cdf([2.5, 11.5]), rtol=1e-9)
    np.testing.assert_allclose(below, law.cdf([2.5, 11.5]), rtol=1e-9)


def test_mixtures_put_labels_first_and_numbers_by_size():
    text = "x ~ choice(0.5, auto, uniform(0, 1): 2)\n"
    model = hpdsl.loads(text).compilation.model
    p = model.parameters[0]
    matrix = np.full((model.n_columns, 3), np.nan)
    matrix[p.code] = [1, 0, 2]
    matrix[p.value] = [np.nan, 0.5, 0.75]
    below, inside, above = divide(model, p, p.pieces[0])(matrix)
    np.testing.assert_allclose(below, [0, 0.25 + 0.25, 0.25 + 0.25 + 0.375])
    np.testing.assert_allclose(inside, [0.25, 0.25, 0])
    np.testing.assert_allclose(below + inside + above, 1.0)


def test_moving_bounds_and_weights():
    below, _, _ = split(
        "n ~ int uniform(1, 4)\nx ~ uniform(0, n)\n", {"n": np.array([1.0, 4.0]), "x": np.array([0.5, 0.5])}
    )
    np.testing.assert_allclose(below, [0.5, 0.125])
    _, inside, _ = split("p ~ uniform(0, 1)\nb ~ bool(p)\n", {"p": np.array([0.3, 0.3]), "b": np.array([0.0, 1.0])})
    np.testing.assert_allclose(inside, [0.7, 0.3])


@pytest.mark.parametrize("word", ["increasing", "decreasing"])
def test_ordered_points_by_enumeration(word):
    """The conditional masses multiply to what enumeration gives."""
    text = f"x[3] ~ {word} int loguniform(1, 6)\n"
    mass = {k: math.log((k + 0.5) / (k - 0.5)) for k in range(1, 7)}
    triples = [t if word == "increasing" else t[::-1] for t in itertools.combinations(range(1, 7), 3)]
    weights = np.array([math.prod(mass[k] for k in t) for t in triples])
    columns = {f"x[{i}]": np.array([float(t[i]) for t in triples]) for i in range(3)}
    found = math.prod(split(text, columns, f"x[{i}]").inside for i in range(3))
    np.testing.assert_allclose(found, weights / weights.sum(), rtol=1e-9)


def test_permutations_take_what_is_left():
    columns = {"p[0]": np.array([1.0, 0.0]), "p[1]": np.array([0.0, 2.0])}
    below, inside, above = split("p ~ permutation(a, b, c)\n", columns, "p[1]")
    np.testing.assert_allclose(inside, 0.5)
    np.testing.assert_allclose(below, [0, 0.5])
    np.testing.assert_allclose(above, [0.5, 0])
