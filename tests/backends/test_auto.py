"""`auto`: the default, which hands over from one model to the other by rules that it states."""

import itertools
import math

import pytest
from click.testing import CliRunner

import hpdsl
from hpdsl.backends.auto import rules
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
