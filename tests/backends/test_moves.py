"""Moves through the unit cube: values exchanged, branches completed, steps kept inside."""

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes.model import Model
from hpdsl.backends.bayes.moves import Moves
from hpdsl.backends.bayes.search import Search

TREE = """
a ~ choice {
  p { x ~ uniform(0, 1); k ~ int uniform(1, 3) }
  q { y ~ uniform(0, 1) }
  r
}
c ~ ordinal(1, 2, 4)
"""


def moves(text, observed=None, seed=0):
    space = hpdsl.loads(text)
    rows = np.empty((0, len(space.code_names))) if observed is None else observed
    return space, Moves(space, np.random.default_rng(seed), rows)


def test_every_other_value_of_every_listed_parameter_is_exchanged():
    space, m = moves("a ~ choice(p: 3, q, r: 0)\nb ~ bool()\nk ~ int uniform(1, 3)\nx ~ uniform(0, 1)\n")
    rows = space.encode([{"a": "p", "b": True, "k": 2, "x": 0.25}, {"a": "q", "b": False, "k": 1, "x": 0.5}])
    flipped, owners = m.exchanges(rows)
    found = {(int(o), *c.values()) for o, c in zip(owners, space.decode(flipped), strict=True)}
    assert found == {
        (0, "q", True, 2, 0.25), (0, "p", False, 2, 0.25), (0, "p", True, 1, 0.25), (0, "p", True, 3, 0.25),
        (1, "p", False, 1, 0.5), (1, "q", True, 1, 0.5), (1, "q", False, 2, 0.5), (1, "q", False, 3, 0.5),
    }  # fmt: skip


def test_flips_come_with_shadows_with_the_best_known_and_with_fresh_values():
    space = hpdsl.loads(TREE)
    worse = space.encode({"a": "q", "a.y": 0.75, "c": 1})[0]
    known = space.encode({"a": "q", "a.y": 0.125, "c": 4})[0]
    here = space.encode({"a": "p", "a.x": 0.5, "a.k": 2, "c": 2})[0]
    shadows = {space.code_names.index("a.q.y"): 0.625}
    row = np.where(np.isnan(here), [shadows.get(j, 0.5) for j in range(len(here))], here)
    observed = np.nan_to_num(np.array([here, known, worse]), nan=0.5)
    m = Moves(space, np.random.default_rng(0), observed)
    flipped, owners = m.exchanges(row[None, :])
    assert not owners.any()
    configs = list(space.decode(flipped))
    into_q = [c["a.y"] for c in configs if c["a"] == "q"]
    assert into_q[:2] == [0.625, 0.125]
    assert len(set(into_q)) == 3
    assert sum(c["a"] == "r" for c in configs) == 1
    assert all(c["c"] == 2 for c in configs if c["a"] != "p")


def test_long_lists_are_thinned():
    _, m = moves("c ~ choice(" + ", ".join(f"v{i}" for i in range(40)) + ")\nk ~ int uniform(1, 40)\n")
    counts = np.array([len(m.exchanges(np.full((1, 2), 0.5))[0]) - 4 for _ in range(200)])
    # Binomial(39, 24 / 40) 200 times: 6 standard errors, false alarm below 2e-9.
    assert counts.mean() == pytest.approx(39 * 0.6, abs=6 * np.sqrt(39 * 0.24 / 200))


def test_steps_and_mutations_stay_in_the_cube_and_off_the_categories():
    observed = np.random.default_rng(1).random((7, 4))
    _, m = moves(TREE.replace("; k ~ int uniform(1, 3)", ""), observed)
    rows, owners = m.steps(observed, np.full(7, 3.0), 50)
    assert ((rows >= 0) & (rows <= 1)).all()
    np.testing.assert_array_equal(rows[:, 0], observed[owners, 0])
    assert (rows != observed[owners]).any(axis=1).all()
    mutated = m.mutations(200)
    assert ((mutated >= 0) & (mutated <= 1)).all()
    assert len(np.unique(mutated, axis=0)) > 150


def test_where_nothing_is_ordered_there_are_no_steps():
    space, m = moves("a ~ choice(p, q)\nb ~ bool()\n")
    assert len(m.steps(np.full((3, 2), 0.25), np.full(3, 0.1), 10)[0]) == 0
    opt = hpdsl.backend("bayes", space, n_start=2)
    for k in range(4):
        opt.tell(opt.ask(), k)
    with pytest.raises(hpdsl.SpaceExhausted):
        opt.ask()


def test_local_search_improves_on_the_candidates():
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ loguniform(1, 100)\na ~ choice(p, q, r)\n")
    opt = hpdsl.backend("bayes", space, seed=0)
    for k in range(12):
        config = space.sample(1, seed=1, start=k)[0]
        opt.tell(config, config["x"] ** 2 + config["y"] / 100 + (config["a"] == "q"))
    model = Model(opt._data, opt._theta(), np.random.default_rng(0), [], opt.options)
    search = Search(space, model, np.random.default_rng(0), opt._data.by_value())
    screened = search._screened(0, 12)
    pool = Search(space, model, np.random.default_rng(0), opt._data.by_value()).run(0, 12)
    dense = model.score(space.decode(np.random.default_rng(2).random((20_000, 3))))
    assert pool.scores.max() > screened.scores.max()
    assert pool.scores.max() > dense.max() - 0.01


def test_walls_recede_from_what_is_told_in_tails_only():
    text = "x ~ normal(0, 1) in -10 .. 10\ny ~ uniform(0, 1)\n"
    _, m = moves(text, np.array([[0.5, 0.5], [1e-8, 1e-9]]))
    assert m.low.tolist() == [1e-9, 1e-9]
    assert (1.0 - m.high).tolist() == pytest.approx([1e-9, 1e-9])
    _, m = moves(text, np.array([[0.5, 0.0], [1e-10, 1.0], [1.0 - 1e-9, 0.5]]))
    assert m.low.tolist() == pytest.approx([1e-15, 1e-9], rel=1e-9)
    assert (1.0 - m.high).tolist() == pytest.approx([3e-14, 1e-9], rel=0.1)
    _, m = moves(text, np.array([[1e-290, 0.5], [1.0 - 1e-15, 0.5]]))
    assert m.low[0] == 0.0
    assert m.high[0] == 1.0


def test_steps_in_a_tail_go_along_it():
    _, m = moves("x ~ normal(0, 1)\ny ~ uniform(0, 1)\n")
    rows = np.array([[1e-12, 1e-12], [1.0 - 1e-12, 0.5], [0.0, 1.0]])
    near, owners = m.steps(rows, np.full(3, 0.04), 400)
    assert ((near >= 0.0) & (near <= 1.0)).all()
    x = near[owners == 0, 0]
    # 400 normal steps, a quarter of them of the other coordinate alone; the seed is fixed.
    assert x.max() < 0.5
    assert (np.abs(np.log(x) / np.log(1e-12) - 1.0) < 0.5).mean() > 0.6
    assert 1e-13 < np.median(x) < 1e-11
    assert 1e-13 < np.median(1.0 - near[owners == 1, 0]) < 1e-11
    # A coordinate that a step leaves out stays what it was, to the last digit.
    assert (near[owners == 1, 0] == rows[1, 0]).any()


def test_mutations_reach_tails_and_stay_in_the_cube():
    _, m = moves("x ~ normal(0, 1)\ny ~ uniform(0, 1)\n", np.array([[0.99, 0.99]]))
    found = m.mutations(4000)
    assert ((found >= 0.0) & (found <= 1.0)).all()
    assert (found[:, 0] > 1.0 - 1e-6).mean() > 0.05
    assert (found[:, 1] > 1.0 - 1e-6).mean() < 0.01
