"""What arrays, vectors and groups mean, and how configurations hold them."""

from itertools import pairwise

import numpy as np
import pytest

import hpdsl


def test_an_array_has_as_many_elements_as_its_length_says():
    space = hpdsl.loads("n ~ int uniform(0, 3)\nx[n] ~ uniform(0, 1)\n")
    for config in space.sample(200, seed=0):
        assert len(config["x"]) == config["n"]
    assert space.names == ("n", "x")
    assert space.code_names == ("n", "x[0]", "x[1]", "x[2]")


def test_vectors_and_groups_are_flat_keys():
    space = hpdsl.loads("tile[x, y] ~ int uniform(1, 4)\nnet { lr ~ uniform(0, 1); deep { z = lr * 2 } }\n")
    assert list(space.sample(seed=0)) == ["tile.x", "tile.y", "net.lr", "net.deep.z"]


def test_arrays_of_groups_are_lists_of_dicts():
    space = hpdsl.loads("n ~ int uniform(1, 2)\nlayer[n] { k ~ choice(a, b); w ~ uniform(0, 1) when k == a }\n")
    for config in space.sample(100, seed=0):
        assert len(config["layer"]) == config["n"]
        for layer in config["layer"]:
            assert set(layer) == ({"k", "w"} if layer["k"] == "a" else {"k"})


def test_missing_elements_are_none():
    config = hpdsl.loads("x[3] ~ uniform(0, 1) when index != 1\ng[2] { y = index } when index == 1\n").sample(seed=0)
    assert config["x"][1] is None
    assert config["x"][2] is not None
    assert config["g"] == [None, {"y": 1}]


def test_an_inactive_array_is_absent_and_an_empty_one_is_not():
    space = hpdsl.loads("on ~ bool()\nn ~ int uniform(0, 1)\nx[n] ~ uniform(0, 1) when on\n")
    seen = set()
    for config in space.sample(200, seed=0):
        assert ("x" in config) == config["on"]
        seen.add(len(config["x"]) if "x" in config else None)
    assert seen == {None, 0, 1}


@pytest.mark.parametrize(
    ("expression", "empty"),
    [
        ("sum(x)", 0),
        ("prod(x)", 1),
        ("increasing(x)", True),
        ("decreasing(x)", True),
        ("len(x)", 0),
        ("distinct(x)", True),
    ],
)
def test_functions_of_an_empty_array(expression, empty):
    space = hpdsl.loads(f"n ~ int uniform(0, 1)\nx[n] ~ int uniform(1, 9)\ny = {expression}\n")
    assert space.complete({"n": 0})["y"] == empty


def test_extremes_of_an_empty_array_are_unknown():
    space = hpdsl.loads("n ~ int uniform(0, 1)\nx[n] ~ int uniform(1, 9)\ny = max(x)\nrequire min(x) < 5\n")
    config = space.complete({"n": 0})
    assert "y" not in config
    assert space.is_valid(config)


def test_functions_of_an_inactive_array_are_unknown():
    text = "on ~ bool()\nx[2] ~ int uniform(1, 9) when on\na = sum(x)\nb = len(x)\nc = increasing(x)\nd = active(x)\n"
    config = hpdsl.loads(text).complete({"on": False})
    assert config == {"on": False, "d": False}


def test_functions_see_the_active_elements():
    space = hpdsl.loads("n ~ int uniform(1, 3)\nx[n] ~ int uniform(1, 9)\ns = sum(x)\nm = max(x)\nd = decreasing(x)\n")
    for config in space.sample(300, seed=1):
        x = config["x"]
        assert config["s"] == sum(x)
        assert config["m"] == max(x)
        assert config["d"] == all(a > b for a, b in pairwise(x))


def test_indices():
    text = "n ~ int uniform(1, 3)\nx[n] ~ int uniform(1, 9)\ny[2] ~ int uniform(1, 9)\n"
    text += "k ~ int uniform(0, 2)\na = x[0]\nb = x[k]\nc = y[-1]\nd = x[len(x) - 1]\n"
    for config in hpdsl.loads(text).sample(300, seed=2):
        x = config["x"]
        assert config["a"] == x[0]
        assert config.get("b") == (x[config["k"]] if config["k"] < len(x) else None)
        assert config["c"] == config["y"][-1]
        assert config["d"] == x[-1]


def test_a_member_of_every_group_is_an_array():
    space = hpdsl.loads("n ~ int uniform(1, 3)\ng[n] { w ~ int uniform(1, 9) }\ntotal = sum(g.w)\nfirst = g[0].w\n")
    for config in space.sample(100, seed=0):
        assert config["total"] == sum(e["w"] for e in config["g"])
        assert config["first"] == config["g"][0]["w"]


def test_membership_in_arrays_and_subsets():
    text = "x[3] ~ int uniform(1, 4)\ns ~ subset(a, b)\np ~ permutation(u, v)\nk ~ int uniform(1, 4)\n"
    text += 'h = 2 in x\ni = a in s\nj = "b" not in s\nl = k in x\nm = u in p\nq = p[0] == u\n'
    for config in hpdsl.loads(text).sample(200, seed=0):
        assert config["h"] == (2 in config["x"])
        assert config["i"] == ("a" in config["s"])
        assert config["j"] == ("b" not in config["s"])
        assert config["l"] == (config["k"] in config["x"])
        assert config["m"]
        assert config["q"] == (config["p"][0] == "u")


def test_an_array_under_when_and_else_is_one():
    text = "on ~ bool()\nwhen on { x[2] ~ uniform(0, 1) } else { x[3] ~ uniform(5, 6) }\ntotal = sum(x)\n"
    for config in hpdsl.loads(text).sample(100, seed=0):
        assert len(config["x"]) == (2 if config["on"] else 3)
        assert (min(config["x"]) > 4) == (not config["on"])
        assert config["total"] == pytest.approx(sum(config["x"]))


def test_defaults_of_collections():
    text = (
        "n ~ int uniform(1, 3) default 2\nx[n] ~ uniform(0, 1) default [0.1, 0.2, 0.3]\n"
        "y[2] ~ uniform(0, 1) default 0.5\n"
    )
    text += (
        "s ~ subset(a, b, c) default [a, c]\np ~ permutation(a, b, c) default [c, a, b]\n"
        "m[u, v] ~ dirichlet(1) default [0.3, 0.7]\n"
    )
    assert hpdsl.loads(text).default == {
        "n": 2,
        "x": [0.1, 0.2],
        "y": [0.5, 0.5],
        "s": ["a", "c"],
        "p": ["c", "a", "b"],
        "m.u": 0.3,
        "m.v": 0.7,
    }


def test_try_points_of_collections():
    text = (
        "n ~ int uniform(1, 3)\nx[n] ~ uniform(0, 1)\ns ~ subset(a, b, c)\n"
        "p ~ permutation(a, b)\nm[u, v] ~ dirichlet(1)\n"
    )
    space = hpdsl.loads(text + "try { n = 2, x = [0.25, 0.75], s = [b], p = [b, a], m = [0.4, 0.6] }\n")
    (point,) = space.tries
    assert point == {"n": 2, "x": [0.25, 0.75], "s": ["b"], "p": ["b", "a"], "m.u": 0.4, "m.v": 0.6}
    with pytest.raises(hpdsl.SpecError, match="inactive"):
        hpdsl.loads(text + "try { n = 1, x = [0.25, 0.75] }\n")
    with pytest.raises(hpdsl.SpecError, match="takes a list"):
        hpdsl.loads(text + "try { x = 1 }\n")


BROKEN = [
    ({"x": [0.5]}, "`x` must have 2 elements here, not 1"),
    ({"x": 0.5}, "`x` = 0.5 must be a list"),
    ({"x": [0.5, 7.0]}, "`x[1]` = 7 is outside 0 .. 1"),
    ({"x": [0.5, "a"]}, "`x[1]` = 'a' must be a number"),
    ({"x": None}, "`x` = None must be a list"),
    ({"g": [{"k": 1}]}, "`g` must have 2 elements here, not 1"),
    ({"g": [{"k": 1}, {}]}, "`g[1].k` is missing"),
    ({"g": [{"k": 1}, 3]}, "`g[1].k` is missing"),
    ({"s": ["a", "z"]}, "`s` has 'z', which is none of its values: a, b"),
    ({"s": ["a", "a"]}, "`s` has 'a' twice"),
    ({"s": "a"}, "`s` = 'a' must be a list"),
    ({"p": ["u"]}, "`p` must list all of its 2 values, not 1"),
    ({"q": 1}, "`q` is not a parameter of this space"),
]


@pytest.mark.parametrize(("change", "problem"), BROKEN, ids=lambda v: str(v)[:40])
def test_what_is_wrong_with_a_configuration_is_said(change, problem):
    text = (
        "n ~ int uniform(1, 2)\nx[n] ~ uniform(0, 1)\ng[n] { k ~ int uniform(1, 3) }\n"
        "s ~ subset(a, b)\np ~ permutation(u, v)\n"
    )
    space = hpdsl.loads(text)
    whole = {"n": 2, "x": [0.5, 0.5], "g": [{"k": 1}, {"k": 2}], "s": ["b"], "p": ["v", "u"]}
    space.validate(whole)
    space.validate({**whole, "x": np.array([0.5, 0.5]), "s": ("b",)})
    with pytest.raises(hpdsl.InvalidConfiguration) as caught:
        space.validate({**whole, **change})
    assert problem in caught.value.violations
    for name in ("x", "g", "s", "p"):
        with pytest.raises(hpdsl.InvalidConfiguration) as caught:
            space.validate({k: v for k, v in whole.items() if k != name})
        assert caught.value.violations == (f"`{name}` is missing",)


def test_columns_of_elements():
    configs = hpdsl.loads("n ~ int uniform(1, 2)\nx[n] ~ int uniform(1, 3)\n").sample(50, seed=0)
    assert configs.columns["x[1]"].dtype == np.int64
    np.testing.assert_array_equal(configs.active["x[1]"], configs.columns["n"] == 2)


def test_long_arrays_compile_quickly_enough_to_be_used():
    space = hpdsl.loads("x[1000] ~ uniform(0, 1)\ns = sum(x)\nm = max(x)\n")
    config = space.sample(seed=0)
    assert config["s"] == pytest.approx(sum(config["x"]))
    assert config["m"] == max(config["x"])


def test_a_range_of_values_has_two_ends():
    with pytest.raises(hpdsl.SpecError, match="from one integer to another"):
        hpdsl.loads("s ~ subset(0 ..)\n")


@pytest.mark.parametrize(
    ("first", "second", "sizes"),
    [
        ("f ~ subset(u, v, w, size = 1)", "f ~ subset(u, v, w, size = 2)", ({1}, {2})),
        ("f ~ subset(u, v, w, size = 0 .. 1)", "f ~ subset(u, v, w, size = n)", ({0, 1}, {2, 3})),
        ("f[2] ~ increasing int uniform(0, 3)", "f[3] ~ decreasing int uniform(2, 5)", ({2}, {3})),
    ],
)
def test_lists_under_when_and_else_follow_their_own_sentence(first, second, sizes):
    space = hpdsl.loads(f"a ~ bool()\nn ~ int uniform(2, 3)\nwhen a {{ {first} }} else {{ {second} }}\n")
    configs = space.sample(200, seed=0)
    for config in configs:
        space.validate(config)
    assert {len(c["f"]) for c in configs if c["a"]} == sizes[0]
    assert {len(c["f"]) for c in configs if not c["a"]} == sizes[1]
    assert np.isclose(np.exp(space.log_density(list(space.grid(levels=10)))).sum(), 1.0)


def test_dirichlet_weights_may_depend_on_a_parameter():
    space = hpdsl.loads("x ~ int uniform(1, 60)\nm[3] ~ dirichlet(x)\nrequire x == 1 or x == 60\n")
    configs = space.sample(400, seed=0)
    spread = {x: np.std([c["m"][0] for c in configs if c["x"] == x]) for x in (1, 60)}
    # Of Dirichlet(a, a, a): sqrt(2 / 9 / (3 a + 1)), which is 0.236 and 0.035. About 200 values each: the limits
    # lie more than five standard errors off, a chance below 1e-6.
    assert abs(spread[1] - 0.236) < 0.06
    assert abs(spread[60] - 0.035) < 0.01


def test_a_try_point_names_elements_by_number():
    text = "x[3] ~ uniform(0, 1) default 0.5\ng[2] { y ~ int uniform(0, 4); h[2] { k ~ choice(a, b) } }\n"
    point = "try { x[-2] = 0.9, g[0].y = 4, g[1].h[0].k = b, v[m] = true }\n"
    space = hpdsl.loads(text + "v[l, m] ~ bool()\n" + point)
    (point,) = space.tries
    assert point["x"] == [0.5, 0.9, 0.5]
    assert [g["y"] for g in point["g"]] == [4, 2]
    assert [[h["k"] for h in g["h"]] for g in point["g"]] == [["a", "a"], ["b", "a"]]
    assert (point["v.l"], point["v.m"]) == (False, True)


def test_elements_of_arrays_are_correlated_by_number():
    text = "x[2] ~ uniform(0, 1)\ng[2] { y ~ uniform(0, 1) }\ncorrelate x[0], x[1] = 0.9\n"
    configs = hpdsl.loads(text + "correlate g[0].y, g[1].y = -0.9\n").sample(2000, seed=0)
    x = np.array([c["x"] for c in configs])
    y = np.array([[g["y"] for g in c["g"]] for c in configs])
    # Of 2,000 pairs the standard error is about 0.005: fifteen of them.
    assert abs(np.corrcoef(x.T)[0, 1] - 0.9) < 0.08
    assert abs(np.corrcoef(y.T)[0, 1] + 0.9) < 0.08


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            's ~ subset(a, b, c, size = 1 .. 3)\nassert not ("a" in s and "c" in s)\n',
            r"false when s = \[a, (b, )?c\]",
        ),
        ("x[3] ~ uniform(0, 1)\nassert sum(x) < 2.9\n", r"false when x = \[1, 1, 1\]"),
        (
            "n ~ int uniform(1, 2)\nf[n] ~ bool()\nassert n < 2 or not f[1]\n",
            r"false when .*f = \[(true|false), true\]",
        ),
    ],
)
def test_lists_are_shown_as_lists(text, shown):
    with pytest.raises(hpdsl.SpecError, match=shown):
        hpdsl.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x ~ increasing uniform(0, 1)\n", "`increasing` orders the elements of an array"),
        ("x[3] ~ increasing bool()\n", "follow one numeric law, not `bool`"),
        ("x[3] ~ increasing int uniform(1, 2 + index)\n", "follow one numeric law, not `index`"),
        ("x[200] ~ increasing int uniform(0, 100000)\n", "needs too large a table"),
    ],
)
def test_orders_that_cannot_be_drawn_are_refused(text, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(text)


def test_lengths_and_indices_may_follow():
    space = hpdsl.loads("n ~ int uniform(1, 3)\nm = 2 * n - 1\nx[m] ~ uniform(0, 1)\nlast = x[m - 1]\n")
    for config in space.sample(50, seed=0):
        assert len(config["x"]) == config["m"] == 2 * config["n"] - 1
        assert config["last"] == config["x"][-1]
    for follows in ("m = n / 2", "m = 1.5 * n", "m = sqrt(n)"):
        with pytest.raises(hpdsl.SpecError, match="must be an integer"):
            hpdsl.loads(f"n ~ int uniform(1, 3)\n{follows}\nx[m] ~ uniform(0, 1)\n")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("y = x[n - 9]", "the index -8 .. -6 is outside the array"),
        ("y = x[n + 2]", "the index 3 .. 5 is outside the array"),
        ("y = x[3]", "the index 3 is outside the array"),
        ("y = x[-1]", "needs a fixed length"),
        ("y = sum(a.g.kk)", "unknown name `kk` in `a.g`"),
        ("y = sum(a.g.h.kk)", "unknown name `kk`"),
        ("y = a.g", "is an array of groups"),
        ("y = a", "is a group"),
    ],
)
def test_what_is_not_there_is_said(sentence, said):
    text = "n ~ int uniform(1, 3)\nx[n] ~ uniform(0, 1)\na { g[2] { k ~ bool(); h { j ~ bool() } } }\n"
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(f"{text}{sentence}\n")
    assert hpdsl.loads(f"{text}y = x[n - 1]\nz = sum(a.g.h.j)\n")


def test_labels_of_a_group_are_shown_from_the_first_to_the_last():
    with pytest.raises(hpdsl.SpecError, match="3 entries between its brackets") as caught:
        hpdsl.loads("g[aa, bb, cc] { x ~ bool() }\n")
    assert "^" * 10 + " labels make" in str(caught.value)


def test_too_large_a_table_says_how_many_values_would_do():
    text = "x[400] ~ increasing int uniform(1, {})\n"
    with pytest.raises(hpdsl.SpecError, match="at most 2,493 values"):
        hpdsl.loads(text.format(2494))
    assert hpdsl.loads(text.format(2493)).warnings == ()


def test_a_computed_index_reads_choices_too():
    space = hpdsl.loads("n ~ int uniform(0, 2)\nk[3] ~ choice(p, q)\nr[3] ~ choice(p, q)\nsame = k[n] == r[n]\n")
    for config in space.sample(64):
        assert config["same"] == (config["k"][config["n"]] == config["r"][config["n"]])


def test_a_computed_index_below_the_first_element_reads_nothing():
    space = hpdsl.loads("x[3] ~ uniform(0, 1)\nn ~ int uniform(0, 3)\ny = x[n - 1]\n")
    for config in space.sample(64):
        n = config["n"]
        assert config.get("y") == (config["x"][n - 1] if n else None)


def test_a_number_may_be_the_index_of_a_labelled_vector():
    space = hpdsl.loads("w[a, b] ~ dirichlet(1, 1)\nn ~ int uniform(0, 1)\ny = w[n]\n")
    for config in space.sample(16):
        assert config["y"] == (config["w.b"] if config["n"] else config["w.a"])


def test_an_empty_list_has_a_product_and_holds_nothing():
    (config,) = hpdsl.loads("n ~ int uniform(1, 9)\ny = prod([])\nc = n in []\n").sample(1)
    assert (config["y"], config["c"]) == (1, False)
