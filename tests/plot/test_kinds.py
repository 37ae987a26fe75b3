"""Every picture of every kind of parameter: it is drawn, or says what it can't draw."""

import math

import matplotlib as mpl
import pytest

import hpdsl

mpl.use("Agg")

KINDS = {
    "float": "x ~ uniform(0, 1)",
    "logarithmic": "x ~ loguniform(1e-4, 1)",
    "unbounded": "x ~ normal(0, 1)",
    "int": "x ~ int uniform(1, 9)",
    "wide int": "x ~ int loguniform(1, 1e15)",
    "bool": "x ~ bool(0.5)",
    "choice": "x ~ choice(a, b, c)",
    "numbers": "x ~ choice(4, 1, 2.5)",
    "numbers and labels": "x ~ choice(none, 1, 2.5)",
    "ordinal": "x ~ ordinal(low, middle, high)",
    "constant": "x ~ choice(a)",
    "branches": "x ~ choice { a, b { deep ~ uniform(0, 1) } }",
    "ranges": "x ~ choice(uniform(10, 20), uniform(0, 1), 5)",
    "ranges and labels": "x ~ choice(uniform(0, 1), auto)",
    "array": "x[3] ~ uniform(0, 1)",
    "array of some length": "n ~ int uniform(0, 2)\nx[n] ~ uniform(0, 1)",
    "groups": "x[2] { width ~ int uniform(1, 5)\n kind ~ choice(a, b) }",
    "permutation": "x ~ permutation(a, b, c)",
    "subset": "x ~ subset(a, b, c)",
    "dirichlet": "x[a, b, c] ~ dirichlet(1)",
    "follower": "n ~ int uniform(1, 3)\nx ~ int uniform(0, n)",
    "never active": "c ~ choice(a, b)\nx ~ uniform(0, 1) when c == b\nrequire c == a",
}
# What is refused, by the beginning of the message.
REFUSED = {
    ("posterior", "ranges and labels"): "`x` takes numbers from a range as well as labels",
    ("posterior", "array of some length"): "`x[0]` is inactive in this configuration",
    ("posterior", "never active"): "`x` is inactive in this configuration",
    ("grid_and_random", "never active"): "`x` and `other` are never active together",
}


def size(value):
    """A number that tells values apart."""
    if isinstance(value, (list, dict)):
        items = value.values() if isinstance(value, dict) else value
        return sum((k + 1) * size(v) for k, v in enumerate(items))
    return math.tanh(value) if isinstance(value, (int, float)) else float(value == "a")


def loss(config):
    return sum(map(size, config.values()))


@pytest.fixture(autouse=True)
def closed():
    yield
    mpl.pyplot.close("all")


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def opt(kind):
    opt = hpdsl.backend("bayes", hpdsl.loads(f"{KINDS[kind]}\nother ~ uniform(0, 1)\n"), seed=0)
    for config in opt.space.sample(12, seed=1):
        opt.tell(config, loss(config))
    return opt


def posterior(opt, name):
    return [hpdsl.plot.posterior(opt, name)]


def grid_and_random(opt, name):
    return hpdsl.plot.grid_and_random(opt.space, (name, "other"))


@pytest.mark.parametrize("draw", [posterior, grid_and_random])
def test_along_every_parameter(draw, kind, opt):
    refused = []
    for name in opt.space.code_names:
        if name == "other":
            continue
        try:
            drawn = draw(opt, name)
        except hpdsl.UsageError as error:
            refused.append(str(error))
            continue
        # Warnings that a layout has failed are errors here.
        drawn[0].figure.canvas.draw()
        for ax in drawn:
            points = ax.get_lines()[0].get_xdata()
            assert len(points) > 0
            assert len(ax.get_xticks()) <= 40
        mpl.pyplot.close("all")
    expected = REFUSED.get((draw.__name__, kind))
    assert bool(refused) == (expected is not None)
    if expected:
        assert refused[0].startswith(expected)


def test_importance_and_progress(kind, opt):
    bars = hpdsl.plot.importance(opt)
    assert len(bars.patches) == len(opt.space.code_names)
    bars.figure.canvas.draw()
    study = hpdsl.tune(loss, opt.space, trials=4, backend="random")
    hpdsl.plot.progress(study).figure.canvas.draw()


def test_a_front(kind, opt):
    space = hpdsl.loads(opt.space.source.text + "minimize a\nminimize b\n")
    study = hpdsl.tune(lambda c: {"a": loss(c), "b": c["other"]}, space, trials=4, backend="random")
    hpdsl.plot.front(study).figure.canvas.draw()


def test_what_was_told_is_drawn_where_the_line_does_not_lead():
    opt = hpdsl.backend("bayes", hpdsl.loads("x ~ permutation(a, b, c)\n"), seed=0)
    for k, order in enumerate(("abc", "acb", "bca", "cab")):
        opt.tell({"x": list(order)}, float(k))
    ax = hpdsl.plot.posterior(opt, "x[1]")
    # With a in its first place the second holds b or c.
    labels = [t.get_text() for t in ax.figure.axes[-1].get_xticklabels()]
    assert labels == ["b", "c", "a"]
    assert list(ax.get_lines()[0].get_xdata()) == [0, 1]
    told = next(line for line in ax.get_lines() if line.get_label() == "told")
    assert list(told.get_xdata()) == [0, 1, 1, 2]


def test_a_choice_between_ranges_is_drawn_in_stretches():
    opt = hpdsl.backend("bayes", hpdsl.loads(KINDS["ranges"] + "\n"), seed=0)
    for config in opt.space.sample(12, seed=1):
        opt.tell(config, config["x"])
    lines = [line.get_xdata() for line in hpdsl.plot.posterior(opt, "x", acquisition=False).get_lines()[:3]]
    assert sorted((round(x[0]), round(x[-1])) for x in lines) == [(0, 1), (5, 5), (10, 20)]
