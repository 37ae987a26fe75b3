"""Hyperopt's graphs, as objects of the same shape and, where it is installed, by the package itself."""

import math
from types import SimpleNamespace

import pytest

import hpdsl
from hpdsl.interop import from_hyperopt


def node(name, *args, **named):
    return SimpleNamespace(
        name=name, pos_args=[lit(a) for a in args], named_args=[[k, lit(v)] for k, v in named.items()]
    )


def lit(value):
    if hasattr(value, "pos_args"):
        return value
    return SimpleNamespace(name="literal", pos_args=[], named_args=[], obj=value)


def param(label, law):
    return node("hyperopt_param", label, law)


def real(label, kind, *args):
    return node("float", param(label, node(kind, *args)))


def choice(label, *options):
    return node("switch", param(label, node("randint", len(options))), *options)


SPACE = {
    "lr": real("lr", "loguniform", math.log(1e-5), 0.0),
    "units": node("int", real("units", "quniform", 16, 256, 16)),
    "seed": param("seed", node("randint", 5)),
    "spread": real("spread", "normal", 0, 1),
    "model": choice(
        "model",
        node("dict", type=lit("svm"), c=real("c", "uniform", 0, 1), kernel=choice("kernel", "linear", "rbf")),
        node("dict", type=lit("tree"), depth=node("int", param("depth", node("uniformint", 1, 9)))),
        None,
    ),
    "fixed": 3,
}


def test_nested_choices_become_conditions():
    lines = [" ".join(line.split()) for line in from_hyperopt(SPACE).splitlines()]
    for line in (
        "lr ~ loguniform(1e-5, 1)",
        "units ~ int uniform(16, 256) step 16",
        "seed ~ int uniform(0, 4)",
        "spread ~ normal(0, 1)",
        "model ~ choice(svm, tree, none)",
        "depth ~ int uniform(1, 9) when model == tree",
    ):
        assert line in lines
    for config in hpdsl.loads(from_hyperopt(SPACE)).sample(200, seed=0):
        assert ("c" in config) == ("kernel" in config) == (config["model"] == "svm")
        assert ("depth" in config) == (config["model"] == "tree")


def test_weighted_and_mixed_options():
    weighted = node(
        "switch", param("w", node("categorical", node("pos_args", 0.2, 0.8))), "a", real("b", "uniform", 0, 1)
    )
    lines = [" ".join(line.split()) for line in from_hyperopt({"w": weighted}).splitlines()]
    assert 'w ~ choice(a: 0.2, "b": 0.8)' in lines
    assert any(line.startswith("b ~ uniform(0, 1) when w ==") for line in lines)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"x": 3}, "no hyperparameters"),
        ({"x": node("add", real("a", "uniform", 0, 1), 1)}, "computed by Hyperopt"),
        ({"x": real("a", "uniform", 0, float("nan"))}, "finite numbers"),
        ({"x": real("a", "weibull", 0, 1)}, "no distribution"),
        ({"x": real("a", "loguniform", 1, 10_000)}, "exponent of e"),
    ],
)
def test_what_is_wrong_is_said(space, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        from_hyperopt(space)


def test_the_package_itself():
    hyperopt = pytest.importorskip("hyperopt", reason="Hyperopt is not installed")
    hp = hyperopt.hp
    space = {"x": hp.loguniform("x", -5, 0), "m": hp.choice("m", [{"k": "a", "n": hp.quniform("n", 0, 10, 2)}, "b"])}
    configs = hpdsl.loads(from_hyperopt(space)).sample(100, seed=0)
    assert {c["m"] for c in configs} == {"a", "b"}
    assert all(("n" in c) == (c["m"] == "a") for c in configs)
