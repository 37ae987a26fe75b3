"""The decided meanings of the language, one by one, through the public surface."""

import math

import numpy as np
import pytest

import hpdsl


def derived(sentences, **values):
    """The value of y in a space, at a configuration."""
    space = hpdsl.loads(sentences)
    return space.complete(values).get("y", "absent")


# ---- Kleene logic and undefined arithmetic -------------------------------------------------------------------

KIND = "kind ~ choice(on, off)\nx ~ uniform(0, 1) when kind == on\nb ~ bool() default true\nc ~ bool() default false\n"


@pytest.mark.parametrize(
    ("expression", "off"),
    [
        ("x > 0.2", "absent"),
        ("x > 0.2 or b", True),
        ("b or x > 0.2", True),
        ("x > 0.2 or c", "absent"),
        ("x > 0.2 and c", False),
        ("c and x > 0.2", False),
        ("x > 0.2 and b", "absent"),
        ("x > 0.2 => b", True),
        ("c => x > 0.2", True),
        ("b => x > 0.2", "absent"),
        ("not (x > 0.2)", "absent"),
        ("active(x)", False),
        ("not active(x) or x > 0.2", True),
        ("x + 1", "absent"),
        ("1 if b else x", 1),
        ("1 if x > 0.2 else 2", "absent"),
        ("sum([x, 2, 3])", 5.0),
        ("prod([x, 2, 3])", 6.0),
        ("len([x, 2])", 1),
        ("max([x, 0.5])", 0.5),
        ("min(x, 0.5)", "absent"),
        ("increasing([1, x, 2])", True),
        ("decreasing([1, x, 2])", False),
        ("distinct([1, x, 1])", False),
    ],
)
def test_what_touches_an_inactive_parameter_is_unknown(expression, off):
    assert derived(f"{KIND}y = {expression}\n", kind="off") == off


def test_inputs_and_what_is_always_there_are_active():
    text = f"given n = 3\n{KIND}all = active(n) and active(kind) and active(b)\nsome = active(x)\n"
    space = hpdsl.loads(text)
    assert space.complete({"kind": "off"})["all"] is True
    assert space.complete({"kind": "off"})["some"] is False
    assert space.complete({"kind": "on"})["some"] is True


def test_a_requirement_on_something_inactive_is_not_violated():
    space = hpdsl.loads(f"{KIND}require x > 0.5\n")
    assert space.is_valid({"kind": "off", "b": True, "c": False})
    assert not space.is_valid({"kind": "on", "x": 0.2, "b": True, "c": False})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("x != 0 and 1 / x < 3", False),
        ("x == 0 or 1 / x < 3", True),
        ("x != 0 => 1 / x < 3", True),
        ("0 if x == 0 else 1 / x", 0.0),
    ],
)
def test_undefined_arithmetic_is_decided_by_the_other_side(expression, value):
    assert derived(f"x ~ int uniform(-2, 2)\ny = {expression}\n", x=0) == value


def test_a_sentence_that_ends_undefined_is_violated():
    space = hpdsl.loads("x ~ int uniform(-2, 2)\nrequire 1 / x < 3\n")
    assert not space.is_valid({"x": 0})
    assert space.is_valid({"x": 1})
    assert 0 not in space.sample(200, seed=0).columns["x"]
    space = hpdsl.loads("x ~ uniform(-1, 1)\ny = log(x)\n")
    assert (space.sample(300, seed=0).columns["x"] > 0).all()


# ---- arithmetic ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("7.5 % 2", 1.5),
        ("2 ** 10", 1024),
        ("2 ** -1", 0.5),
        ("-2 ** 2", -4),
        ("2 ** 3 ** 2", 512),
        ("9 ** 0.5", 3.0),
        ("log2(8)", 3.0),
        ("log10(1000)", 3.0),
        ("round(2.5)", 2),
        ("floor(-0.5)", -1),
        ("ceil(0.2)", 1),
        ("abs(-3)", 3),
        ("max(1, 2, 3)", 3),
        ("1 + true", 2),
        ("1 < 2 < 3", True),
        ("1 < 2 < 2", False),
        ("3 in [1, 2, 3]", True),
        ("3 not in 1 .. 2", True),
        ("3 in 2 ..", True),
        ("1 if 2 > 1 else 0", 1),
        ("not true or true", True),
        ("true => false", False),
        ("1e3 / 4", 250.0),
    ],
)
def test_arithmetic_is_pythons(expression, value):
    result = derived(f"k ~ bool()\ny = {expression}\n")
    assert result == value
    assert type(result) is type(value)


# ---- scopes, labels, unions ----------------------------------------------------------------------------------

OPTIM = (
    "optim ~ choice {\n  sgd { lr ~ uniform(1, 2) ; nest { } }\n".replace(" ; nest { }", "")
    + "  adam { lr ~ uniform(3, 4); b ~ uniform(0, 1) }\n  lion\n}\n"
)


def test_a_branch_is_a_scope_and_reads_as_one_name():
    space = hpdsl.loads(f"{OPTIM}y = optim.lr * 10\nz = optim.adam.lr\n")
    assert space.names == ("optim", "optim.sgd.lr", "optim.adam.lr", "optim.adam.b")
    sgd = space.complete({"optim": "sgd", "optim.sgd.lr": 1.5})
    assert sgd == {"optim": "sgd", "optim.lr": 1.5, "y": 15.0}
    adam = space.complete({"optim": "adam"})
    assert adam == {"optim": "adam", "optim.lr": 3.5, "optim.b": 0.5, "y": 35.0, "z": 3.5}
    assert space.complete({"optim": "lion"}) == {"optim": "lion"}


def test_names_resolve_outwards_from_the_innermost_scope():
    space = hpdsl.loads("lr ~ uniform(5, 6)\nm ~ choice { a { lr ~ uniform(1, 2); y = lr } b { z = lr } }\n")
    assert space.complete({"m": "a"})["m.y"] == 1.5
    assert space.complete({"m": "b"})["m.z"] == 5.5


def test_a_guard_narrows_a_union_read():
    text = "m ~ choice { a { v ~ uniform(0, 1) } b { v ~ choice(p, q) } }\n"
    assert hpdsl.loads(text + "when m == a { y = m.v * 2 }\n").complete({"m": "a"})["y"] == 1.0
    with pytest.raises(hpdsl.SpecError, match="a number in one branch and a label in another"):
        hpdsl.loads(text + "y = m.v\n")


def test_labels_and_numbers_in_one_choice():
    space = hpdsl.loads("g ~ choice(auto, 0, uniform(0, 1))\ny = g < 0.5\nz = g == auto\nw = g == 0\n")
    assert space.complete({"g": "auto"}) == {"g": "auto", "z": True, "w": False}
    assert space.complete({"g": 0}) == {"g": 0, "y": True, "z": False, "w": True}
    assert space.complete({"g": 0.7}) == {"g": 0.7, "y": False, "z": False, "w": False}


def test_quoted_strings_and_python_values():
    space = hpdsl.loads('a ~ choice("true", true, none, "none")\n')
    values = {repr(c["a"]) for c in space.grid()}
    assert values == {"'true'", "True", "None", "'none'"}


def test_else_holds_on_a_definite_false_only():
    space = hpdsl.loads(f"{KIND}when x > 0.5 {{ y = 1 }} else {{ y = 2 }}\n")
    assert space.complete({"kind": "on", "x": 0.7})["y"] == 1
    assert space.complete({"kind": "on", "x": 0.3})["y"] == 2
    assert "y" not in space.complete({"kind": "off"})


def test_the_same_name_under_when_and_else_is_one_parameter():
    space = hpdsl.loads("k ~ bool()\nwhen k { x ~ uniform(0, 1) } else { x ~ uniform(2, 3) }\n")
    assert space.names == ("k", "x")
    configs = space.sample(500, seed=0)
    k, x = configs.columns["k"], configs.columns["x"]
    np.testing.assert_array_equal(x < 1.5, k)
    assert configs.active["x"].all()


# ---- integers ------------------------------------------------------------------------------------------------


def test_dependent_integer_bounds_round_inwards():
    space = hpdsl.loads("a ~ uniform(1, 3)\nk ~ int uniform(a, a + 2)\n")
    configs = space.sample(2000, seed=0)
    a, k = configs.columns["a"], configs.columns["k"]
    assert (k >= np.ceil(a)).all()
    assert (k <= np.floor(a + 2)).all()


def test_the_last_legal_point_ends_a_dependent_grid_of_steps():
    space = hpdsl.loads("n ~ int uniform(3, 9)\nk ~ int uniform(0, n) step 2\n")
    configs = space.sample(2000, seed=0)
    n, k = configs.columns["n"], configs.columns["k"]
    assert (k % 2 == 0).all()
    assert (k <= n).all()
    assert set(k[n == 7]) == {0, 2, 4, 6}


def test_an_implied_requirement_guards_bounds_that_may_invert():
    space = hpdsl.loads("a ~ normal(0, 1)\nb ~ uniform(0, 1)\nx ~ uniform(a * b - abs(a * b), 1)\n")
    for config in space.sample(300, seed=0):
        space.validate(config)


def test_an_inactive_argument_makes_the_parameter_inactive():
    space = hpdsl.loads(
        "k ~ choice(a, b)\nn ~ int uniform(1, 5) when k == a\nm ~ uniform(0, n)\np ~ choice(u: n, v: 1)\n"
    )
    assert any(d.code == "HP046" for d in space.warnings)
    assert "m" not in space.complete({"k": "b"})
    assert "p" not in space.complete({"k": "b"})
    for config in space.sample(100, seed=0):
        assert ("m" in config) == (config["k"] == "a") == ("p" in config)


@pytest.mark.parametrize(
    "sentences",
    [
        "t = n\nm ~ int uniform(0, t + 1)\n",
        "t = n\nr = 2 * t\nm ~ uniform(0, r)\n",
        "m ~ bool(n / 5)\n",
        "m ~ subset(u, v, w, size = n - 1)\n",
        "m[u, v] ~ dirichlet(n)\n",
        "m ~ choice(none, uniform(0, n))\n",
    ],
)
def test_every_prior_is_inactive_with_its_arguments(sentences):
    space = hpdsl.loads("k ~ choice(a, b)\nn ~ int uniform(1, 3) when k == a\n" + sentences)
    assert {d.code for d in space.warnings} == {"HP046"}
    configs = space.sample(60, seed=0)
    for config in configs:
        space.validate(config)
        assert ("m" in hpdsl.nested(config)) == (config["k"] == "a")
    assert {c["k"] for c in configs} == {"a", "b"}


def test_a_value_made_of_values_is_active_with_them():
    chain = "".join(f"t{i + 1} = t{i} + t{max(i - 1, 0)}\n" for i in range(15))
    text = "k ~ bool()\nn ~ int uniform(1, 5) when k\nt0 = n\n" + chain + "when k { m ~ uniform(0, t15) }\n"
    assert hpdsl.loads(text).warnings == ()


def test_medians_are_lower_on_ties_and_heaviest_first():
    space = hpdsl.loads(
        "a ~ int uniform(1, 4)\nb ~ bool()\nc ~ choice(x, y: 2, z: 2)\nd ~ ordinal(1, 2, 5, 9)\n"
        "e ~ choice(0, uniform(2, 4): 3)\nf ~ loguniform(0.01, 100)\n"
    )
    assert space.complete({}) == {"a": 2, "b": False, "c": "y", "d": 2, "e": 3.0, "f": pytest.approx(1.0)}


def test_grid_levels_are_equally_spaced_in_the_scale_code():
    values = [c["x"] for c in hpdsl.loads("x ~ loguniform(1e-4, 1)\n").grid(levels=5)]
    assert values == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1])
    values = [c["x"] for c in hpdsl.loads("x ~ normal(0, 1)\n").grid(levels=2)]
    assert values == pytest.approx([-0.6744897501960817, 0.6744897501960817])
    pairs = [(c["n"], c["x"]) for c in hpdsl.loads("n ~ int uniform(1, 2)\nx ~ uniform(0, n)\n").grid(levels=3)]
    assert pairs == [(1, 0.0), (1, 0.5), (1, 1.0), (2, 0.0), (2, 1.0), (2, 2.0)]


def test_grid_of_huge_size_is_addressed_without_listing():
    grid = hpdsl.loads("".join(f"k{i} ~ int uniform(1, 1000)\n" for i in range(30))).grid(levels=1000)
    assert grid.size == 1000**30
    assert grid[grid.size - 1] == {f"k{i}": 1000 for i in range(30)}
    with pytest.raises(OverflowError):
        len(grid)


def test_z_is_the_same_for_the_same_value_whatever_its_parents():
    space = hpdsl.loads("n ~ int uniform(1, 8)\nx ~ uniform(0, n)\n")
    z = space.features([{"n": n, "x": 0.75} for n in range(1, 9)])
    assert len(set(z[:, space.feature_names.index("x")])) == 1
    u = space.encode([{"n": n, "x": 0.75} for n in range(1, 9)])
    assert len(set(u[:, 1])) == 8


def test_the_density_integrates_to_one():
    space = hpdsl.loads("n ~ int uniform(1, 3)\nx ~ uniform(0, n)\n")
    total = 0.0
    for n in (1, 2, 3):
        x = (np.arange(3000) + 0.5) / 1000
        inside = x < n
        density = np.exp(space.log_density([{"n": n, "x": float(v)} for v in x[inside]]))
        total += density.sum() / 1000
    assert math.isclose(total, 1.0, rel_tol=1e-9)


def test_what_is_unknown_excludes_nothing():
    text = "a ~ int uniform(0, 2)\nb ~ int uniform(0, 1) when a != 1\nforbid b < 1\nforbid b == 1\n"
    assert {c["a"] for c in hpdsl.loads(text).sample(20, seed=0)} == {1}
    text = 'n ~ int uniform(0, 3)\nx = "v0" when n == 1\ny ~ choice(v0, v1)\n'
    text += 'require x == "v0" => y == v1\nrequire y == v0\n'
    assert 1 not in {c["n"] for c in hpdsl.loads(text).sample(50, seed=0)}


def test_an_argument_under_the_same_guard_is_not_inactive():
    for text in (
        "kind ~ choice { a { n ~ int uniform(1, 5); m ~ uniform(0, n) } b }\n",
        "k ~ bool()\nn ~ int uniform(1, 5) when k\nm ~ uniform(0, n + 1) when k\n",
        "k ~ bool()\nn ~ int uniform(1, 5) when k\nt = 2 * n\nwhen k { j ~ bool(); m ~ uniform(0, t) when j }\n",
    ):
        assert hpdsl.loads(text).warnings == ()
    assert [d.code for d in hpdsl.loads("k ~ bool()\nn ~ int uniform(1, 5) when k\nm ~ uniform(0, n)\n").warnings] == [
        "HP046"
    ]


@pytest.mark.parametrize(
    "argument",
    [
        "m ~ uniform(0, 1) when on\nb = 1 + m\n",
        "m ~ uniform(0, 1) when on\nb = max(1, m)\nc = b * 2\nd = c\n",
        "m ~ uniform(0, 1) when not true\nb = m\n",
    ],
)
def test_a_value_that_follows_from_an_inactive_one_is_an_inactive_argument(argument):
    name = argument.splitlines()[-1].split()[0]
    space = hpdsl.loads(
        f"on ~ bool()\n{argument}x ~ normal({name}, 1)\ny ~ choice(p: {name}, q: 1)\nz ~ bool({name} / 9)\n"
    )
    for config in space.sample(40, seed=0):
        assert ("x" in config) == ("y" in config) == ("z" in config) == (name in config)
        space.validate(config)
    assert space.grid(levels=2).size > 0


def test_a_subset_whose_size_is_inactive_is_inactive():
    space = hpdsl.loads("on ~ bool()\nk ~ int uniform(0, 3) when on\ns ~ subset(a, b, c, size = k)\n")
    assert [d.code for d in space.warnings] == ["HP046"]
    for config in space.sample(40, seed=0):
        assert ("s" in config) == config["on"]
        space.validate(config)


def test_a_dirichlet_concentration_may_follow_a_parameter():
    space = hpdsl.loads("k ~ uniform(0.1, 3)\nw[a, b, c] ~ dirichlet(1, k, 1)\nm[2] ~ dirichlet(k)\n")
    for config in space.sample(40, seed=0):
        assert math.isclose(config["w.a"] + config["w.b"] + config["w.c"], 1.0)
        assert math.isclose(sum(config["m"]), 1.0)
        space.validate(config)


# ---- inactive arguments ------------------------------------------------------------------------------

HALF = "a ~ choice(x, y)\nwhen a == x { b ~ uniform(0.5, 0.75) }\n"
NEVER = "a ~ choice { x { b ~ uniform(0, 1) }, y { c ~ uniform(0, 1) } }\nh = a.b + a.c\n"


@pytest.mark.parametrize(
    "prior", ["bool(b)", "choice(u: b, v)", "choice { u: b, v }", "uniform(0, b)", "pow2(1, 4 + b)"]
)
def test_every_prior_is_inactive_with_its_argument(prior):
    space = hpdsl.loads(f"{HALF}i ~ {prior}\n")
    assert [w.code for w in space.warnings] == ["HP046"]
    for config in space.sample(50, seed=0):
        assert ("i" in config) == (config["a"] == "x")


@pytest.mark.parametrize("prior", ["bool(h)", "choice(u: 1 + h, v)", "uniform(0, 1 + h)"])
def test_so_does_a_derived_argument_that_is_unknown(prior):
    space = hpdsl.loads(f"{NEVER}i ~ {prior}\n".replace("bool(h)", "bool(h / 2)"))
    assert "HP046" in [w.code for w in space.warnings]
    assert not any("i" in config for config in space.sample(50, seed=0))


@pytest.mark.parametrize("law", ["exp(1000 * x)", "10 ** (1000 * x)", "(1e200 * x) * 1e200", "(x + 1e308) + 1e308"])
def test_what_overflows_is_undefined_and_violated(law):
    space = hpdsl.loads(f"x ~ uniform(0, 1)\ny = {law}\n")
    assert [w.code for w in space.warnings] == ["HP033"]
    configs = space.decode([[0.1], [0.95]])
    np.testing.assert_array_equal(space.satisfies(configs), np.isfinite(configs.columns["y"]))
    assert not space.satisfies(configs)[1]
