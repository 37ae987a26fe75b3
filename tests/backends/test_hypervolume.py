"""Several objectives in `bayes`: expected hypervolume improvement, scalarisation, and what comes of them."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes import hypervolume as ehvi
from hpdsl.backends.bayes.acquisition import log_expected_improvement
from hpdsl.backends.bayes.hypervolume import Fronts, reference
from hpdsl.backends.bayes.scalarisation import chebyshev


def hypervolume(points, r):
    """The area that points dominate up to r."""
    total, ceiling = 0.0, r[1]
    for a, b in sorted(map(tuple, points)):
        if a < r[0] and b < ceiling:
            total += (r[0] - a) * (ceiling - b)
            ceiling = b
    return total


def log_ehvi(mean, sd, values, r):
    """Over one front, shape (m,)."""
    return ehvi.log_ehvi(mean[:, None], sd, Fronts([(values, r)]))[:, 0]


def log_ehvi_and_slopes(mean, sd, values, r):
    return [found[:, 0] for found in ehvi.log_ehvi_and_slopes(mean[:, None], sd, Fronts([(values, r)]))]


def monte_carlo(mean, sd, values, r, n=4000):
    """EHVI by midpoints of n strata of either normal, and its standard error."""
    from scipy.special import ndtri

    rng = np.random.default_rng(0)
    u = np.column_stack([rng.permutation((np.arange(n) + 0.5) / n) for _ in range(2)])
    draws = mean + sd * ndtri(u)
    base = hypervolume(values, r)
    gains = np.array([hypervolume([*values, y], r) - base for y in draws])
    return gains.mean(), gains.std() / math.sqrt(n)


@pytest.mark.parametrize("n", [1, 2, 6])
@pytest.mark.parametrize("seed", range(4))
def test_ehvi_agrees_with_monte_carlo(n, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 2))
    r = reference(values)
    mean, sd = rng.normal(size=(3, 2)) - 0.3, rng.uniform(0.05, 1.5, size=(3, 2))
    found = np.exp(log_ehvi(mean, sd, values, r))
    for k in range(3):
        expected, error = monte_carlo(mean[k], sd[k], values, r)
        assert found[k] == pytest.approx(expected, abs=4 * error + 1e-6)


def test_ehvi_of_certain_points_is_the_gain():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(9, 2))
    r = reference(values)
    mean = rng.normal(size=(40, 2)) - 0.5
    found = np.exp(log_ehvi(mean, np.full((40, 2), 1e-9), values, r))
    gains = [hypervolume([*values, y], r) - hypervolume(values, r) for y in mean]
    assert found == pytest.approx(gains, abs=1e-8)


def test_ehvi_of_a_certain_second_objective_is_a_scaled_ei():
    values, r = np.array([[0.3, 0.0]]), np.array([1.0, 1.0])
    mean, sd = np.array([[0.5, -2.0]]), np.array([[0.7, 1e-9]])
    # Below both levels: 2 (r1 - y)+ at full height, and once more 1 (0.3 - y)+ above the point.
    ei = [math.exp(log_expected_improvement(0.5, 0.7, best, 0.0)) for best in (0.3, 1.0)]
    assert np.exp(log_ehvi(mean, sd, values, r))[0] == pytest.approx(3.0 * ei[0] + 2.0 * (ei[1] - ei[0]))


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3])
def test_ehvi_is_finite_and_ordered_far_away(scale):
    values = np.array([[0.0, 1.0], [0.0, 1.0], [1e-12, 1.0 - 1e-12], [0.5, 0.5], [1.0, 0.0]])
    mean = np.column_stack([np.linspace(0.5, 60.0, 50)] * 2)
    found = log_ehvi(mean, np.full_like(mean, scale), values, reference(values))
    assert np.isfinite(found).all()
    assert (np.diff(found) < 0).all()


@pytest.mark.parametrize("offset", [-0.5, 2.0, 8.0])
def test_slopes_of_ehvi_are_those_of_differences(offset):
    rng = np.random.default_rng(2)
    values = rng.normal(size=(7, 2))
    r = reference(values)
    mean, sd = rng.normal(size=(5, 2)) + offset, rng.uniform(0.1, 1.0, size=(5, 2))
    value, by_mean, by_sd = log_ehvi_and_slopes(mean, sd, values, r)
    assert value == pytest.approx(log_ehvi(mean, sd, values, r))
    for j in range(2):
        step = np.zeros(2)
        step[j] = 1e-5
        numeric = (log_ehvi(mean + step, sd, values, r) - log_ehvi(mean - step, sd, values, r)) / 2e-5
        assert by_mean[:, j] == pytest.approx(numeric, rel=1e-4, abs=1e-5)
        numeric = (log_ehvi(mean, sd + step, values, r) - log_ehvi(mean, sd - step, values, r)) / 2e-5
        assert by_sd[:, j] == pytest.approx(numeric, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("block", [1, 65_536])
def test_fronts_side_by_side_do_not_see_each_other(block, monkeypatch):
    monkeypatch.setattr(ehvi, "BLOCK", block)
    rng = np.random.default_rng(3)
    # Of different lengths, one without a point before its reference.
    fronts = [(values, reference(values)) for values in (rng.normal(size=(n, 2)) for n in (1, 40, 5))]
    fronts.append((np.array([[0.0, 0.0]]), np.array([-1.0, -1.0])))
    mean, sd = rng.normal(size=(7, 4, 2)), rng.uniform(0.01, 1.0, size=(7, 2))
    together = Fronts(fronts)
    value, by_mean, by_sd = ehvi.log_ehvi_and_slopes(mean, sd, together)
    assert ehvi.log_ehvi(mean, sd, together) == pytest.approx(value, rel=1e-12, abs=1e-12)
    for k, (values, r) in enumerate(fronts):
        alone = log_ehvi_and_slopes(mean[:, k], sd, values, r)
        for found, expected in zip((value[:, k], by_mean[:, k], by_sd[:, k]), alone, strict=True):
            assert np.isfinite(found).all()
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_the_reference_lies_behind_the_front():
    assert reference(np.array([[0.0, 10.0], [1.0, 0.0], [9.0, 90.0]])) == pytest.approx([1.1, 11.0])
    assert reference(np.array([[0.0, 0.0], [2.0, 30.0]])) == pytest.approx([0.2, 3.0])
    assert (reference(np.array([[5.0, 5.0]])) > 5.0).all()


def test_a_scalarisation_keeps_dominance_and_forgets_units():
    rng = np.random.default_rng(0)
    values, feasible = rng.normal(size=(25, 3)), np.ones(25, dtype=bool)
    found = chebyshev(values, feasible, np.random.default_rng(7))
    better = (values[:, None] <= values[None]).all(axis=2) & (values[:, None] < values[None]).any(axis=2)
    assert (found[:, None] < found[None])[better].all()
    again = chebyshev(values * [1e-3, 7.0, 1e5] + [3.0, -9.0, 1e4], feasible, np.random.default_rng(7))
    assert again == pytest.approx(found, abs=1e-9)
    assert not np.allclose(found, chebyshev(values, feasible, np.random.default_rng(8)))


# ---- the backend -----------------------------------------------------------------------------------

CUBE = "".join(f"x{i} ~ uniform(0, 1)\n" for i in range(4))
TWO = CUBE + "minimize a\nminimize b\n"
THREE = CUBE + "minimize a\nmaximize b\nminimize c\n"


def zdt1(config):
    x = [config[f"x{i}"] for i in range(4)]
    g = 1.0 + 3.0 * sum(x[1:])
    return {"a": x[0], "b": g * (1.0 - math.sqrt(x[0] / g))}


def played(name, text, function, seed, n, **options):
    opt = hpdsl.backend(name, hpdsl.loads(text), seed=seed, **options)
    for _ in range(n):
        config = opt.ask()
        opt.tell(config, function(config))
    return opt


@pytest.mark.parametrize("seed", range(3))
def test_the_front_of_zdt1(seed):
    areas = {}
    for name in ("bayes", "random"):
        front = played(name, TWO, zdt1, seed, 40).front
        areas[name] = hypervolume([(o["a"], o["b"]) for _, o in front], (1.1, 5.0))
    best = 1.1 * 5.0 - 1.0 / 3.0  # the true front, b = 1 - sqrt(a) for a in [0, 1]
    assert areas["bayes"] > 0.85 * best
    assert areas["random"] < 0.75 * best


def three(config):
    x = [config[f"x{i}"] for i in range(4)]
    return {
        "a": (x[0] - 0.2) ** 2 + x[3],
        "b": -((x[0] - 0.8) ** 2) - x[3],
        "c": (x[1] - 0.5) ** 2 + (x[2] - x[0]) ** 2,
    }


@pytest.mark.parametrize("seed", range(2))
def test_three_objectives(seed):
    r = np.array([1.0, 1.0, 0.5])
    draws = np.random.default_rng(0).random((20_000, 3)) * r
    share = {}
    for name in ("bayes", "random"):
        front = np.array([(o["a"], -o["b"], o["c"]) for _, o in played(name, THREE, three, seed, 35).front])
        share[name] = (front[:, None] <= draws[None]).all(axis=2).any(axis=0).mean()
    assert share["bayes"] > 1.15 * share["random"]


@pytest.mark.parametrize(("text", "function"), [(TWO, zdt1), (THREE, three)])
def test_units_and_offsets_of_objectives_do_not_matter(text, function):
    """The same proposals, up to rounding in the fit."""
    plain = played("bayes", text, function, 0, 9)
    other = hpdsl.backend("bayes", hpdsl.loads(text), seed=0)
    # Powers of two: units cost no digits.
    units = {"a": 2.0**-20, "b": 2.0**8, "c": 4.0}
    for o in plain.told:
        other.tell(o.config, {name: x * units[name] for name, x in o.outcomes.items()})
    expected = plain.ask()
    assert other.ask() == expected
    shifted = hpdsl.backend("bayes", hpdsl.loads(text), seed=0)
    for o in plain.told:
        shifted.tell(o.config, {name: 3.0 * x * units[name] + 7.0 for name, x in o.outcomes.items()})
    assert list(shifted.ask().values()) == pytest.approx(list(expected.values()), abs=0.02)


@pytest.mark.parametrize("text", [TWO, THREE])
@pytest.mark.parametrize("acquisition", ["logei", "ei", "pi", "lcb"])
def test_every_acquisition_goes_on_with_pending_and_failed_trials(text, acquisition):
    opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=0, acquisition=acquisition, n_start=4)
    for k in range(7):
        config = opt.ask()
        opt.tell(config, None if k == 3 else {**zdt1(config), "c": config["x1"]})
    batch = opt.ask(4)
    assert len({repr(c) for c in batch}) == 4
    gaps = [max(abs(a[n] - b[n]) for n in a) for i, a in enumerate(batch) for b in batch[:i]]
    assert min(gaps) > 1e-3


@pytest.mark.parametrize(
    "values", [[5.0] * 9, [1e300, -1e300, 0.0] * 3, [0.0] + [1e-300] * 8, [math.inf, 1.0, 2.0] * 3]
)
@pytest.mark.parametrize("text", [TWO, THREE])
def test_strange_values_do_no_harm(text, values):
    opt = hpdsl.backend("bayes", hpdsl.loads(text + "subject to d <= 0\n"), seed=0, n_start=4)
    for k, value in enumerate(values):
        opt.tell(opt.ask(), {"a": value, "b": values[k - 1], "c": k, "d": values[k - 2]})
    assert len(opt.ask(2)) == 2
