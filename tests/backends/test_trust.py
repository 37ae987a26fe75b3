"""Early proposals stay near what is known, in the farthest coordinate."""

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes import arrays, kernels
from hpdsl.backends.bayes.trust import Trust, trust_of


def nearest(module, E, known):
    m = len(E)
    found = np.empty(m), np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
    module.nearest(E, known.T.copy(), *found)
    return found


@pytest.mark.parametrize("columns", [1, 2, 7])
def test_the_compiled_loop_gives_the_bits_of_its_twin_and_of_the_definition(columns):
    rng = np.random.default_rng(0)
    # A coarse lattice, so that there are ties.
    E, known = rng.integers(0, 5, (40, columns)) / 4.0, rng.integers(0, 5, (9, columns)) / 4.0
    for a, b in zip(nearest(arrays, E, known), nearest(kernels, E, known), strict=True):
        np.testing.assert_array_equal(a, b)
    distance, which, where = nearest(arrays, E, known)
    for i, row in enumerate(E):
        gaps = [max(abs(row - other)) for other in known]
        assert distance[i] == min(gaps)
        assert which[i] == gaps.index(min(gaps))
        assert abs(row - known[which[i]])[where[i]] == distance[i]


def test_the_loss_and_its_slope():
    trust = Trust(0.2, np.array([0, 2]), np.array([[0.5, 0.0, 0.5], [0.9, 1.0, 0.9]]))
    E = np.array([[0.55, 0.9, 0.45], [0.1, 0.0, 0.5], [0.5, 0.3, 0.05]])
    loss, slope = trust.log_and_slope(E)
    assert loss == pytest.approx([0.0, -20.0, -25.0])
    assert slope == pytest.approx(np.array([[0, 0, 0], [100.0, 0, 0], [0, 0, 100.0]]))


def test_the_radius_grows_until_there_is_none():
    opt = hpdsl.backend("bayes", hpdsl.loads("x[4] ~ uniform(0, 1)\n"), seed=0)
    radii = []
    for _ in range(28):
        opt.tell(opt.ask(), 1.0)
        found = trust_of(opt._data, opt._data.points(opt._data.n_good))
        radii.append(None if found is None else found.radius)
    assert radii[0] == pytest.approx(0.2 + 0.3 / 25)
    assert radii[24] == pytest.approx(0.5)
    assert radii[25] is None


def test_a_space_without_numbers_knows_no_distance():
    opt = hpdsl.backend("bayes", hpdsl.loads("a ~ choice(p, q)\nb ~ choice(r, s, t)\n"), seed=0)
    opt.tell(opt.ask(), 1.0)
    assert trust_of(opt._data, opt._data.points(1)) is None


def test_the_first_proposals_of_the_model_are_near_the_start_design():
    opt = hpdsl.backend("bayes", hpdsl.loads("x[8] ~ uniform(0, 1)\n"), seed=1)
    known = []
    for k in range(18):
        config = opt.ask()
        point = np.array(config["x"])
        if k >= opt.design.size:
            gap = np.abs(np.array(known) - point).max(axis=1).min()
            assert gap <= 0.2 + 0.3 * k / 45 + 0.02
        known.append(point)
        opt.tell(config, float(((point - 0.3) ** 2).sum()))
