"""`auto`: the default, which hands over from one model to the other by rules that it states."""

import itertools
import math

import pytest
from click.testing import CliRunner

import hpdsl
from hpdsl.backends.auto import rules
from hpdsl.backends.bayes import fitting, model
from hpdsl.backends.bayes.repeats import Repeats
from hpdsl.backends.bayes.surrogate import Posterior
from hpdsl.cli import main


def test_it_is_the_default():
    study = hpdsl.tune(lambda c: c["x"] ** 2, hpdsl.loads("x ~ uniform(-1, 1)\n"), trials=8)
    assert study.backend == "auto"


def test_ranks_alone_after_the_handover():
    opt = hpdsl.backend("auto", hpdsl.loads("x ~ uniform(-1, 1)\ny ~ uniform(0, 1)\n"), seed=0, handover=20)
    sources = []
    for _ in range(26):
        config = opt.ask()
        sources.append(opt.explain(config)["source"])
        opt.tell(config, config["x"] ** 2 + config["y"])
    assert sources == ["design"] * opt.design.size + ["model"] * (20 - opt.design.size) + ["ranks"] * 6


@pytest.fixture
def forbidden(monkeypatch):
    """A list; once there is something in it, nothing of the model may be used any more."""
    over = []

    def guarded(function):
        def call(*args, **kwargs):
            assert not over, f"{function.__qualname__} after the handover"
            return function(*args, **kwargs)

        return call

    for home, name in [(Repeats, "update"), (Repeats, "beside"), (Repeats, "due"), (fitting, "refit"),
                       (Posterior, "__init__"), (model.Model, "__init__")]:  # fmt: skip
        monkeypatch.setattr(home, name, guarded(getattr(home, name)))
    return over


def rough(config):
    return (config["x"] - 0.3) ** 2 + 0.3 * math.cos(97.0 * config["x"]) * math.cos(89.0 * config["y"])


@pytest.mark.parametrize("goals", ["", "minimize a\nminimize b\n", "minimize a\nsubject to b <= 0.5\n"])
def test_neither_repeats_nor_processes_after_the_handover(forbidden, goals):
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\n" + goals)

    def outcome(config):
        return {"a": rough(config), "b": config["y"]} if goals else rough(config)

    # Beyond the number of trials from which repeats are considered.
    live = hpdsl.backend("auto", space, seed=0, handover=34)
    for k in range(44):
        if k == 34:
            forbidden.append(True)
        config = live.ask()
        assert (live.explain(config)["source"] == "ranks") or k < 34
        live.tell(config, outcome(config))
    assert not live.pending
    # Nor for one that starts beyond it.
    resumed = hpdsl.backend("auto", space, seed=0, handover=34)
    for o in live.told:
        resumed.tell(o.config, outcome(o.config))
    assert resumed.ask(3) == live.ask(3)
    assert not resumed._fits
    # The same work before it would be noticed.
    forbidden.clear()
    later = hpdsl.backend("auto", space, seed=0, handover=1000)
    for o in live.told:
        later.tell(o.config, outcome(o.config))
    forbidden.append(True)
    with pytest.raises(AssertionError, match="after the handover"):
        later.ask()


def test_before_the_handover_it_is_bayes():
    space = hpdsl.loads("x ~ uniform(-1, 1)\nc ~ choice(a, b)\n")
    one, two = hpdsl.backend("auto", space, seed=3), hpdsl.backend("bayes", space, seed=3)
    for _ in range(12):
        a, b = one.ask(), two.ask()
        assert a == b
        one.tell(a, abs(a["x"]))
        two.tell(b, abs(b["x"]))


def test_every_other_trial_by_ranks_under_heavy_noise():
    opt = hpdsl.backend("auto", hpdsl.loads("x ~ uniform(-1, 1)\ny ~ uniform(0, 1)\n"), seed=0)
    sources = []
    for k in range(40):
        config = opt.ask()
        sources.append(opt.explain(config)["source"])
        opt.tell(config, config["x"] ** 2 + math.sin(1e4 * k))
    # One is spent on seeing that noise is noise.
    late = [source for k, source in enumerate(sources) if k >= 20 and source != "repeat"]
    assert len(late) == 19
    assert all(a != b for a, b in itertools.pairwise(late[:10]))
    assert late.count("ranks") == 10


@pytest.mark.parametrize("handover", [0, -1, 2.5, None, True])
def test_a_handover_that_makes_no_sense(handover):
    with pytest.raises(hpdsl.UsageError, match="handover"):
        hpdsl.backend("auto", hpdsl.loads("x ~ uniform(0, 1)\n"), handover=handover)


def test_explain_prints_the_rules(tmp_path):
    path = tmp_path / "a.hp"
    path.write_text("x ~ uniform(0, 1)\n")
    result = CliRunner().invoke(main, ["explain", str(path)])
    assert result.exit_code == 0
    assert result.output.rstrip().endswith(rules(hpdsl.load(path)))
