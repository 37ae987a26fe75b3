"""Names that read alike, lists of another length, elements that are ruled out, numbers across branches."""

import numpy as np
import pytest

import hpdsl


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("`a.b` ~ uniform(0, 1)\na { b ~ uniform(0, 1) }\n", "a.b"),
        ("`a.b` ~ uniform(0, 1)\na ~ choice { x { b ~ choice(u, v) } }\n", "a.b"),
        ("`w[0]` ~ uniform(5, 6)\nw[2] ~ uniform(0, 1)\n", r"w\[0\]"),
    ],
)
def test_a_quoted_name_may_not_read_like_a_path(text, name):
    with pytest.raises(hpdsl.SpecError, match=f"HP022.*`{name}` names two things"):
        hpdsl.loads(text)


def test_branches_may_share_a_name_and_quoted_names_may_hold_dots():
    space = hpdsl.loads("c ~ choice { a { lr ~ uniform(0, 1) }, b { lr ~ uniform(1, 2) } }\n`c.x` ~ bool()\n")
    assert len(space.code_names) == 4


def test_branches_may_share_the_name_of_different_lists():
    space = hpdsl.loads("c ~ choice { a { s ~ subset(0 .. 2) }, b { s ~ permutation(x, y) } }\n")
    assert space.fix(c="b").sample(seed=0)["c.s"] in (["x", "y"], ["y", "x"])
    assert {type(config["c.s"]) for config in space.sample(20)} == {list}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a[2] ~ uniform(0, 1) default [0.1, 0.2, 0.3]\n", "`a` has 2 elements, and its default 3"),
        ("a[3] ~ uniform(0, 1) default [0.1, 0.2]\n", "`a` has 3 elements, and its default 2"),
        ("n ~ int uniform(1, 2)\na[n] ~ uniform(0, 1) default [0.1, 0.2, 0.3]\n", "`a` has at most 2 elements"),
    ],
)
def test_a_default_list_has_as_many_values_as_there_are_elements(text, words):
    with pytest.raises(hpdsl.SpecError, match=words):
        hpdsl.loads(text)


def test_some_elements_may_be_ruled_out():
    assert not hpdsl.loads("n ~ int uniform(1, 3)\ny[n] ~ uniform(0, 1) when index > 0\n").warnings
    found = hpdsl.loads("n ~ int uniform(1, 3)\ny[n] ~ uniform(0, 1) when n > 5\n").warnings
    assert found
    assert all("#" not in w.message for w in found)


def test_zero_or_a_range_is_a_number_across_branches():
    text = "o ~ choice { a { d ~ choice(0, loguniform(1e-4, 0.3)) }, b { d ~ loguniform(1e-6, 0.1) } }\n"
    space = hpdsl.loads(text + "require o.d < 0.05\n")
    assert all(c["o.d"] < 0.05 for c in space.sample(200))


@pytest.mark.parametrize(
    "text",
    [
        "n ~ choice(3, 5)\nk ~ int uniform(0, n) step 2\n",
        "n ~ int uniform(1, 4)\nk ~ uniform(0, n) step 0.75\n",
        "n ~ int uniform(2, 9)\nk ~ int normal(3, 2) in 0 .. n step 3\n",
        "n ~ int uniform(1, 4)\nk ~ loguniform(1, 1 + n) step 0.75\n",
    ],
)
def test_steps_below_a_bound_that_moves_have_their_masses(text):
    """n = 40,000; each of at most 20 cells within 7 standard errors: a false alarm below 1e-10."""
    space = hpdsl.loads(text)
    configs = space.sample(40_000, seed=0)
    cells, counts = np.unique([tuple(c.values()) for c in configs], axis=0, return_counts=True)
    first = [next(c for c in configs if tuple(c.values()) == tuple(cell)) for cell in cells]
    mass = np.exp(space.log_density(first))
    assert mass.sum() == pytest.approx(1.0, abs=1e-9)
    assert (np.abs(counts / 40_000 - mass) < 7.0 * np.sqrt(mass / 40_000)).all()
    np.testing.assert_array_equal(space.decode(space.encode(configs)).matrix, configs.matrix)


def test_long_permutations_are_explained_and_laid_out_in_a_grid():
    """Shared terms are evaluated once: without that this takes hours."""
    labels = ", ".join(f"a{k}" for k in range(20))
    space = hpdsl.loads(f"p ~ permutation({labels}) default [{labels}]\nforbid p[0] == a1 and p[1] == a2\n")
    assert "permutation" in space.explain()
    assert space.is_valid(space.sample(1)[0])
    grid = hpdsl.loads("p ~ permutation(a, b, c, d, e)\n").grid(5)
    assert len({repr(c) for c in grid}) == 120


def test_huge_weights_are_relative():
    values = [c["a"] for c in hpdsl.loads("a ~ choice(x: 1e308, y: 1e308)\n").sample(200)]
    assert 50 < values.count("x") < 150


@pytest.mark.parametrize(
    "text",
    [
        "m[a, b] ~ dirichlet(1, 1)\ntry { m = [0.5, 0.6] }\n",
        "m[a, b, c] ~ dirichlet(1) default [0.2, 0.3, 0.9]\n",
        "m[a, b] ~ dirichlet(1) default [0.7, 0.7]\n",
    ],
)
def test_written_weights_sum_to_one(text):
    with pytest.raises(hpdsl.SpecError, match="the weights of `m` sum to"):
        hpdsl.loads(text)
    assert hpdsl.loads("m[a, b, c] ~ dirichlet(1) default [0.333333, 0.333333, 0.333333]\n").default


BRANCHES = "kind ~ choice { p { x ~ permutation(a, b) }; q { x ~ bool() } }\n"


def test_a_try_point_sets_the_list_of_the_branch_it_takes():
    space = hpdsl.loads(BRANCHES + "try { kind = p, kind.x = [b, a] }\ntry { kind = q, kind.x = true }\n")
    assert space.tries == ({"kind": "p", "kind.x": ["b", "a"]}, {"kind": "q", "kind.x": True})


def test_a_list_that_several_branches_have_needs_one_of_them():
    with pytest.raises(hpdsl.SpecError, match=r"stands in several branches") as caught:
        hpdsl.loads(BRANCHES + "try { kind.x = true }\n")
    assert caught.value.diagnostics[0].help == "name the branch: `kind.p.x`"


@pytest.mark.parametrize("count", [3, 4, 5, 8, 500])
@pytest.mark.parametrize("word", ["require", "forbid"])
def test_lists_of_any_length_hold_what_they_list(count, word):
    listed = ", ".join(str(3 * k) for k in range(count))
    space = hpdsl.loads(f"x ~ int uniform(0, {3 * count})\n{word} x in [{listed}]\n")
    inside = {k for k in range(3 * count + 1) if (k % 3 == 0 and k < 3 * count) == (word == "require")}
    assert {c["x"] for c in space.grid(levels=3 * count + 1)} == inside


def test_elements_of_long_arrays_follow_one_another():
    space = hpdsl.loads("x[900] ~ uniform(0, 1)\ny[900] = x[899 - index] * 2\n")
    config = space.sample(seed=3)
    assert config["y"] == [2 * v for v in reversed(config["x"])]
