"""Pictures show what they say: their curves and points are read back from the axes."""

import math
import sys

import matplotlib as mpl
import numpy as np
import pytest

import hpdsl

mpl.use("Agg")

SPEC = """
rate ~ loguniform(1e-4, 1)
x ~ uniform(-1, 1)
c ~ choice { a, b { deep ~ int uniform(1, 9) } }
w[2] ~ uniform(0, 1)
"""


def loss(c):
    return (math.log10(c["rate"]) + 2) ** 2 / 4 + (c["x"] - 0.3) ** 2 + 0.1 * (c["c"] == "a") + 0.01 * c["w"][0]


@pytest.fixture(autouse=True)
def closed():
    yield
    mpl.pyplot.close("all")


@pytest.fixture(scope="module")
def opt():
    opt = hpdsl.backend("bayes", hpdsl.loads(SPEC), seed=0)
    for _ in range(20):
        config = opt.ask()
        opt.tell(config, loss(config))
    return opt


@pytest.mark.parametrize("name", ["rate", "x", "w[1]"])
def test_the_posterior_along_a_number(opt, name):
    ax = hpdsl.plot.posterior(opt, name)
    assert ax.get_xscale() == ("log" if name == "rate" else "linear")
    mean = ax.get_lines()[0]
    best = opt.best[0]
    k = int(len(mean.get_xdata()) / 3)
    here = {**best, "w": list(best["w"])}
    if name == "w[1]":
        here["w"][1] = mean.get_xdata()[k]
    else:
        here[name] = mean.get_xdata()[k]
    assert mean.get_ydata()[k] == pytest.approx(opt.surrogate.predict([here])[0][0])
    told = next(line for line in ax.get_lines() if line.get_label() == "told")
    assert sorted(told.get_ydata()) == pytest.approx(sorted(o.value for o in opt.told))
    under = ax.figure.axes[-1].get_lines()[0]
    assert under.get_ydata()[k] == pytest.approx(opt.acquisition([here])[0])


def test_the_posterior_over_alternatives_and_integers(opt):
    ax = hpdsl.plot.posterior(opt, "c", acquisition=False)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b"]
    assert len(ax.figure.axes) == 1
    inside = next(o.config for o in opt.told if o.config["c"] == "b")
    name = next(n for n in opt.space.code_names if n.endswith("deep"))
    line = hpdsl.plot.posterior(opt, name, inside).get_lines()[0]
    assert list(line.get_xdata()) == list(range(1, 10))


def test_what_can_not_be_drawn_is_named(opt):
    with pytest.raises(hpdsl.UnknownNameError, match="no parameter `nothing`; it has rate, x"):
        hpdsl.plot.posterior(opt, "nothing")
    outside = next(o.config for o in opt.told if o.config["c"] == "a")
    with pytest.raises(hpdsl.UsageError, match="inactive in this configuration"):
        hpdsl.plot.posterior(opt, next(n for n in opt.space.code_names if n.endswith("deep")), outside)
    with pytest.raises(hpdsl.UsageError, match="two trials with a value"):
        hpdsl.plot.posterior(hpdsl.backend("bayes", opt.space), "x")
    with pytest.raises(hpdsl.UsageError, match="the space has one"):
        hpdsl.plot.grid_and_random(hpdsl.loads("x ~ uniform(0, 1)\n"))
    with pytest.raises(hpdsl.UsageError, match="levels"):
        hpdsl.plot.grid_and_random(opt.space, levels=1)


def test_a_grid_sees_fewer_values_than_random_trials(opt):
    left, right = hpdsl.plot.grid_and_random(opt.space, ("rate", "x"))
    seen = [len(set(ax.get_lines()[0].get_xdata())) for ax in (left, right)]
    assert seen == [3, 9]
    assert left.get_title() == "grid: 9 trials\n3 values of rate, 3 of x"
    assert left.get_xscale() == "log"
    names, *_ = hpdsl.plot.grid_and_random(opt.space, ("c", "x"))
    assert [t.get_text() for t in names.get_xticklabels()] == ["a", "b"]


def test_a_picture_of_a_grid_does_not_list_it():
    # 3^40 trials; of these the picture shows what two parameters see.
    space = hpdsl.loads("".join(f"x{k} ~ uniform(0, 1)\n" for k in range(40)) + "require x3 < x7\n")
    left, right = hpdsl.plot.grid_and_random(space, ("x3", "x7"))
    assert sorted(zip(*left.get_lines()[0].get_data(), strict=True)) == [(0.0, 0.5), (0.0, 1.0), (0.5, 1.0)]
    assert len(right.get_lines()[0].get_xdata()) == 3


@pytest.mark.parametrize("names", ["x", ("x",), ("x", "rate", "w[0]"), ("x", "x"), ()])
def test_a_grid_is_drawn_of_two_parameters(opt, names):
    with pytest.raises(hpdsl.UsageError, match="names must be those of two parameters"):
        hpdsl.plot.grid_and_random(opt.space, names)


def test_a_grid_of_too_many_trials_is_refused(opt):
    with pytest.raises(hpdsl.UsageError, match="40,000 trials are too many for a picture; use fewer levels"):
        hpdsl.plot.grid_and_random(hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\n"), levels=200)
    with pytest.raises(hpdsl.UnknownNameError, match="no parameter `y`; it has rate, x"):
        hpdsl.plot.grid_and_random(opt.space, ("x", "y"))


def test_names_that_do_not_fit_side_by_side_stand_upright():
    space = hpdsl.loads("x ~ uniform(0, 1)\nc ~ choice(" + ", ".join(f"{'long' * 9}_{k}" for k in range(50)) + ")\n")
    for ax in hpdsl.plot.grid_and_random(space, ("c", "x"), levels=2):
        labels = ax.get_xticklabels()
        assert {t.get_rotation() for t in labels} == {90.0}
        assert len(labels) == 25
        assert max(len(t.get_text()) for t in labels) == 20
    left, _ = hpdsl.plot.grid_and_random(space, ("x", "c"), levels=2)
    assert {t.get_rotation() for t in left.get_yticklabels()} == {0.0}


def test_progress_and_importance(opt):
    def sometimes(config):
        return None if config["x"] > 0.8 else loss(config)

    study = hpdsl.tune(sometimes, SPEC, trials=20, backend="random")
    ax = hpdsl.plot.progress(study)
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert lines["best so far"].get_ydata()[-1] == study.best_value
    assert len(lines["trials"].get_ydata()) + len(lines["failed, or a bound broken"].get_ydata()) == 20
    bars = hpdsl.plot.importance(opt).patches
    assert [b.get_width() for b in bars] == pytest.approx(sorted(opt.surrogate.importance().values()))


def test_the_front():
    text = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nminimize a\nminimize b\n"
    study = hpdsl.tune(lambda c: {"a": c["x"], "b": 1 - c["x"] + c["y"]}, text, trials=12)
    lines = {line.get_label(): line for line in hpdsl.plot.front(study).get_lines()}
    assert len(lines["front"].get_xdata()) == len(study.front)
    assert len(lines["trials"].get_xdata()) == 12
    with pytest.raises(hpdsl.UsageError, match="this study has 1"):
        hpdsl.plot.front(hpdsl.tune(lambda c: c["x"], "x ~ uniform(0, 1)\n", trials=2))


def test_of_several_objectives_one_is_drawn():
    text = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nminimize a\nmaximize b\n"
    opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=0)
    for config in opt.space.sample(12, seed=1):
        opt.tell(config, {"a": config["x"], "b": 5.0 * config["y"]})
    for name, value in (("a", lambda c: c["x"]), ("b", lambda c: 5.0 * c["y"])):
        ax = hpdsl.plot.posterior(opt, "x", objective=name)
        assert ax.get_ylabel() == name
        told = next(line for line in ax.get_lines() if line.get_label() == "told")
        assert sorted(told.get_ydata()) == pytest.approx(sorted(value(o.config) for o in opt.told))
        bars = hpdsl.plot.importance(opt, objective=name)
        assert bars.get_title() == name
        assert bars.get_yticklabels()[-1].get_text() == {"a": "x", "b": "y"}[name]
    assert hpdsl.plot.posterior(opt, "x").get_ylabel() == "a"
    assert hpdsl.plot.importance(opt).get_title() == "a"
    for draw in (hpdsl.plot.importance, lambda opt, objective: hpdsl.plot.posterior(opt, "x", objective=objective)):
        with pytest.raises(hpdsl.UnknownNameError, match="no objective `c`; there are a, b"):
            draw(opt, objective="c")


def test_a_study_and_a_backend_are_told_apart(opt):
    study = hpdsl.tune(lambda c: c["x"], "x ~ uniform(0, 1)\n", trials=2)
    for draw in (hpdsl.plot.importance, lambda given: hpdsl.plot.posterior(given, "x")):
        with pytest.raises(hpdsl.UsageError, match="drawn of a backend"):
            draw(study)
    for draw in (hpdsl.plot.progress, hpdsl.plot.front):
        with pytest.raises(hpdsl.UsageError, match="drawn of a study"):
            draw(opt)


def test_without_matplotlib_the_extra_is_named(monkeypatch, opt):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(hpdsl.UsageError, match=r"pip install 'hpdsl\[plot\]'"):
        hpdsl.plot.posterior(opt, "x")


def test_given_axes_are_drawn_on(opt):
    _, ax = mpl.pyplot.subplots()
    assert hpdsl.plot.importance(opt, ax=ax) is ax
    assert np.isfinite(hpdsl.plot.posterior(opt, "x", ax=mpl.pyplot.subplots()[1]).get_lines()[0].get_ydata()).all()


def test_the_posterior_has_a_gap_where_a_requirement_is_broken():
    opt = hpdsl.backend("bayes", hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire x + y <= 1\n"), seed=0)
    for x in (0.1, 0.3, 0.6):
        opt.tell({"x": x, "y": 0.25}, x)
    ax = hpdsl.plot.posterior(opt, "x")
    for line in (ax.get_lines()[0], ax.figure.axes[-1].get_lines()[0]):
        assert (np.isnan(line.get_ydata()) == (line.get_xdata() > 0.75)).all()


@pytest.mark.parametrize("placed", [False, True])
def test_nothing_of_a_posterior_lies_outside_its_figure(opt, placed):
    figure = mpl.pyplot.figure()
    ax = figure.add_axes((0.15, 0.15, 0.8, 0.8)) if placed else figure.add_subplot()
    hpdsl.plot.posterior(opt, "x", ax=ax)
    figure.canvas.draw()
    whole = figure.bbox
    for part in figure.axes:
        box = part.get_tightbbox()
        assert box.x0 >= whole.x0
        assert box.y0 >= whole.y0
        assert box.x1 <= whole.x1
        assert box.y1 <= whole.y1
    assert figure.axes[-1].get_xlabel() == "x"
    assert not figure.axes[0].get_tightbbox().overlaps(figure.axes[-1].get_tightbbox())
