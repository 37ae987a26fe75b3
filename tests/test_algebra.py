"""`fix` and `restrict`: smaller spaces that are spaces like any other."""

import numpy as np
import pytest
from scipy import stats

import hpdsl

TEXT = """
lr ~ loguniform(1e-4, 1) default 0.01
k ~ int uniform(1, 9)
p ~ pow2(4, 64)
o ~ ordinal(1, 2, 5, 10)
drop ~ choice(0: 2, uniform(0.1, 0.5))
optim ~ choice { sgd { mom ~ uniform(0, 1) } adam { beta ~ uniform(0.8, 1) } }
n ~ int uniform(1, 3)
w[n] ~ int uniform(1, 8)
s ~ subset(a, b, c)
order ~ permutation(u, v)
m ~ int uniform(1, k)
total = sum(w) * lr
require k + m < 15
try { lr = 0.5, k = 3 }
"""


@pytest.fixture(scope="module")
def space():
    return hpdsl.loads(TEXT)


def test_fixed_parameters_stay_in_configurations_and_leave_the_codes(space):
    small = space.fix(lr=0.1, optim="adam", s=["a", "c"], order=["v", "u"])
    assert "lr" not in small.names
    assert "s" not in small.names
    assert "optim.sgd.mom" not in small.names  # it can't be active any more
    for config in small.sample(100, seed=0):
        assert (config["lr"], config["optim"], config["s"], config["order"]) == (0.1, "adam", ["a", "c"], ["v", "u"])
        assert space.is_valid(config)
        assert small.is_valid(config)
    u = small.encode(small.sample(50, seed=1))
    assert u.shape == (50, len(small.code_names))
    assert small.features(small.sample(5, seed=1)).shape == (5, len(small.feature_names))
    assert small.decode(np.nan_to_num(u, nan=0.5))[0]["lr"] == 0.1
    assert not small.is_valid({**small.sample(seed=0), "lr": 0.2})


def test_fixing_changes_no_other_sample(space):
    free, small = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\n"), None
    small = free.fix(a=0.5)
    np.testing.assert_array_equal(free.sample(20, seed=3).columns["b"], small.sample(20, seed=3).columns["b"])


def test_arrays_are_fixed_by_lists_and_by_elements(space):
    config = space.fix(n=2, w=[3, 4]).sample(seed=0)
    assert config["w"] == [3, 4]
    assert {c["w"][0] for c in space.fix({"w[0]": 5}).sample(50, seed=0)} == {5}


def test_bounds_that_depend_on_others_hold_for_fixed_values(space):
    assert all(c["k"] >= 7 for c in space.fix(m=7).sample(50, seed=0))


def test_restricted_priors_are_truncated(space):
    small = space.restrict(lr=(1e-3, 1e-2), k=(2, 4), p=(8, 32), o=(2, 5), optim=["sgd"], drop=[0])
    configs = small.sample(2000, seed=0)
    assert set(configs.columns["k"]) == {2, 3, 4}
    assert {c["p"] for c in configs} == {8, 16, 32}
    assert {c["o"] for c in configs} == {2, 5}
    assert {c["optim"] for c in configs} == {"sgd"}
    assert {c["drop"] for c in configs} == {0}
    assert stats.kstest(configs.columns["lr"], stats.loguniform(1e-3, 1e-2).cdf).pvalue > 1e-8
    assert all(space.is_valid(c) for c in configs[:50])


def test_half_open_restrictions_and_steps():
    space = hpdsl.loads("x ~ normal(0, 1)\ny ~ uniform(0, 1) step 0.25\n")
    assert all(c["x"] >= 1 for c in space.restrict(x=(1, None)).sample(100, seed=0))
    assert {c["y"] for c in space.restrict(y=(0.2, 0.8)).sample(100, seed=0)} == {0.25, 0.5, 0.75}


def test_smaller_spaces_are_chained_explained_and_told_apart(space):
    small = space.restrict(lr=(1e-3, 1e-2)).fix(k=3)
    assert small.id not in (space.id, space.fix(k=3).id)
    assert "1 fixed" in small.explain()
    assert small.tries == ()  # its learning rate is no longer possible
    assert space.fix(k=5).tries[0]["k"] == 5
    with pytest.raises(hpdsl.UsageError, match="fixed already"):
        small.fix(k=4)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"lr": 5}, r"`lr` = 5 is outside its prior, 0\.0001 \.\. 1"),
        ({"lr": "a"}, "must be a number"),
        ({"lr": float("nan")}, "must be a number"),
        ({"k": 2.5}, "outside its prior"),
        ({"lrr": 1}, "did you mean `lr`"),
        ({"optim": "sgdd"}, "not one of its alternatives"),
        ({"s": ["z"]}, "takes different values"),
        ({"s": "a"}, "takes a list"),
        ({"order": ["u"]}, "takes all of its 2 values"),
        ({"total": 1}, "is not a parameter"),
    ],
)
def test_values_that_can_not_be_fixed(space, values, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        space.fix(values)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"lr": 1}, "takes a pair"),
        ({"lr": (2, 3)}, "nothing of `lr`"),
        ({"lr": (0.5, 0.1)}, "swap the ends"),
        ({"lr": (True, 1)}, "takes numbers for `lr`, not True"),
        ({"lr": ("a", 1)}, "takes numbers for `lr`, not 'a'"),
        ({"optim": ["x"]}, "no alternative 'x'"),
        ({"o": (20, 30)}, "nothing of `o`"),
        ({"order": (0, 1)}, "permutation"),
    ],
)
def test_ranges_that_can_not_be_kept(space, limits, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        space.restrict(limits)


def test_a_backend_searches_a_smaller_space(space):
    small = space.fix(lr=0.1, optim="adam")
    for name in ("random", "bayes"):
        opt = hpdsl.backend(name, small, seed=0)
        for _ in range(12):
            config = opt.ask()
            assert config["lr"] == 0.1
            opt.tell(config, config["k"])


def test_a_choice_with_ranges_is_fixed_to_a_number_inside_one():
    space = hpdsl.loads("d ~ choice(0, uniform(0.01, 0.2))\ne ~ choice(none, int uniform(3, 5))\n")
    assert {c["d"] for c in space.fix(d=0.1).sample(20)} == {0.1}
    assert {c["e"] for c in space.fix(e=4).sample(20)} == {4}
    for outside in ({"d": 0.5}, {"e": 9}, {"e": "x"}):
        with pytest.raises(hpdsl.UsageError, match="is not one of its alternatives"):
            space.fix(**outside)


def test_values_of_numpy_serve_as_those_of_python(space):
    small = space.fix(k=np.int64(3), o=np.array([5])[0], order=np.array(["v", "u"]))
    assert small.id == space.fix(k=3, o=5, order=["v", "u"]).id
    assert space.restrict(lr=np.array([0.1, 0.5])).id == space.restrict(lr=(0.1, 0.5)).id
    assert space.restrict(o=np.array([2, 5])).id == space.restrict(o=[2, 5]).id


def test_a_number_inside_a_range_that_moves_makes_it_reach_so_far():
    space = hpdsl.loads(
        "m ~ uniform(0.2, 1)\nd ~ choice(0, uniform(0, m))\nk ~ int uniform(1, 9)\nj ~ int uniform(0, k)\n"
    )
    found = space.fix(d=0.5, j=4).sample(200, seed=0)
    assert {c["d"] for c in found} == {0.5}
    assert found.columns["m"].min() >= 0.5
    assert found.columns["k"].min() == 4
    with pytest.raises(hpdsl.UsageError, match="outside its prior"):
        space.fix(j=3.5)


TWO = {
    "permutations": ("w ~ permutation(p, q, r)", "w ~ permutation(p, q)", ["q", "p"]),
    "subsets": ("w ~ subset(p, q, r)", "w ~ subset(p, q, s)", ["q", "s"]),
    "numbers": ("w ~ uniform(0, 1)", "w ~ uniform(0, 9)", 5.0),
    "arrays": ("w[2] ~ uniform(0, 1)", "w[2] ~ uniform(0, 9)", [5.0, 6.0]),
}


@pytest.mark.parametrize("name", TWO)
def test_what_two_branches_declare_is_fixed_in_the_chosen_one(name):
    first, second, value = TWO[name]
    space = hpdsl.loads(f"m ~ choice {{\n a {{ {first} }}\n b {{ {second} }}\n}}\n")
    for fixed in ({"m": "b", "m.w": value}, {"m": "b", "m.b.w": value}):
        assert all(dict(c) == {"m": "b", "m.w": value} for c in space.fix(fixed).sample(5, seed=0))
    with pytest.raises(hpdsl.UsageError, match=r"in the branch of `m\.a\.w`; fix the branch too"):
        space.fix({"m.w": value})
    with pytest.raises(hpdsl.UsageError, match=r"`m\.w`"):
        space.fix({"m": "a", "m.w": value})
    with pytest.raises(hpdsl.UsageError, match=r"`m\.w`"):
        space.fix({"m": "b", "m.w": ["none of them"]})


@pytest.mark.parametrize(
    ("text", "fixed", "most"),
    [
        ("x[3] ~ bool()\n", {"x": [True, False, True, True]}, 3),
        ("x[a, b] ~ bool()\n", {"x": [True, False, True]}, 2),
        ("d ~ int uniform(1, 4)\nx[d] ~ bool()\n", {"x": [True] * 5}, 4),
        ("d ~ int uniform(1, 4)\nx[d] ~ bool()\n", {"x": [True] * 3, "d": 2}, 2),
    ],
)
def test_a_list_longer_than_its_array_is_refused(text, fixed, most):
    with pytest.raises(hpdsl.UsageError, match=rf"`x` = .* has {most + 1} values; it takes at most {most}"):
        hpdsl.loads(text).fix(fixed)


def test_a_list_shorter_than_its_array_fixes_the_first_elements():
    found = hpdsl.loads("x[3] ~ int uniform(0, 9)\n").fix(x=[1, 2]).sample(100, seed=0)
    assert {tuple(c["x"][:2]) for c in found} == {(1, 2)}
    assert {c["x"][2] for c in found} == set(range(10))


def test_of_many_alternatives_twelve_are_shown():
    many = hpdsl.loads(f"k ~ choice({', '.join(f'v{i}' for i in range(20))})")
    with pytest.raises(hpdsl.UsageError, match=r"they are v0, .*, v11$"):
        many.restrict({"k": ["w"]})


def test_a_try_of_a_list_keeps_what_is_not_fixed():
    space = hpdsl.loads("x[3] ~ int uniform(1, 9)\ntry { x = [2, 3, 4] }\n")
    assert space.fix({"x[0]": 5}).tries == ({"x": [5, 3, 4]},)


def test_alternatives_are_shown_where_a_value_is_none_of_them():
    space = hpdsl.loads("k ~ choice(p, q, uniform(0, 1))\n")
    with pytest.raises(hpdsl.UsageError, match=r"'r' is not one of its alternatives: p, q, a range$"):
        space.fix(k="r")
