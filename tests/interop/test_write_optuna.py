"""Optuna's distributions, and configurations suggested define-by-run."""

import json
import sys

import pytest
from spaces import SPACES

import hpdsl
from hpdsl.errors import UsageError
from hpdsl.interop import from_optuna, to_optuna, write_optuna

FLAT = """
a ~ uniform(0, 1)
b ~ loguniform(1e-5, 0.1)
k ~ int uniform(1, 9) step 2
l ~ int loguniform(1, 64)
s ~ uniform(0, 1) step 0.25
c ~ choice(x, none, 3)
p ~ pow2(4, 16)
t ~ bool()
g ~ int uniform(4, 4)
"""


def test_distributions_as_objects_make_the_same_space():
    found = to_optuna(hpdsl.loads("x ~ loguniform(1e-3, 1)\nn ~ int uniform(1, 9)\n"))
    optuna = pytest.importorskip("optuna")
    assert found["x"] == optuna.distributions.FloatDistribution(1e-3, 1.0, log=True)
    assert from_optuna(found) == "x ~ loguniform(0.001, 1)\nn ~ int uniform(1, 9)\n"


def test_the_distributions_of_a_flat_space():
    made = write_optuna.write(hpdsl.loads(FLAT))
    found = {name: (d["name"], d["attributes"]) for name, d in json.loads(made.text).items()}
    assert found == {
        "a": ("FloatDistribution", {"step": None, "low": 0.0, "high": 1.0, "log": False}),
        "b": ("FloatDistribution", {"step": None, "low": 1e-5, "high": 0.1, "log": True}),
        "k": ("IntDistribution", {"log": False, "step": 2, "low": 1, "high": 9}),
        "l": ("IntDistribution", {"log": True, "step": 1, "low": 1, "high": 64}),
        "s": ("FloatDistribution", {"step": 0.25, "low": 0.0, "high": 1.0, "log": False}),
        "c": ("CategoricalDistribution", {"choices": ["x", None, 3]}),
        "p": ("CategoricalDistribution", {"choices": [4, 8, 16]}),
        "t": ("CategoricalDistribution", {"choices": [False, True]}),
        "g": ("CategoricalDistribution", {"choices": [4]}),
    }
    assert made.notes == (
        "`l ~ int loguniform(1, 64)`: Optuna has another log-uniform law of integers, so masses differ a little",
        "`p ~ pow2(4, 16)`: Optuna does not know the order of a list",
    )


def test_both_accept_the_same():
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    space = hpdsl.loads(FLAT)
    theirs = write_optuna.distributions(space)
    for config in space.sample(1000):
        for name, value in config.items():
            assert theirs[name]._contains(theirs[name].to_internal_repr(value)), (name, value)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(1000):
        space.validate(study.ask(theirs).params)


@pytest.mark.parametrize("name", SPACES)
def test_what_is_suggested_is_valid(name):
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = hpdsl.loads(SPACES[name])
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    kept = []

    def objective(trial):
        config = write_optuna.suggest(space, trial)
        space.validate(config)
        kept.append(config)
        return 0.0

    study.optimize(objective, n_trials=200, catch=())
    states = [t.state.name for t in study.trials]
    assert states.count("COMPLETE") == len(kept) > 0
    assert set(states) <= {"COMPLETE", "PRUNED"}
    assert all(t.user_attrs["hpdsl:violated"] for t in study.trials if t.state.name == "PRUNED")
    if not space.compilation.model.requirements:
        assert len(kept) == 200


def test_names_bounds_and_derived_values():
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    space = hpdsl.loads("""
n ~ int uniform(2, 8)
m ~ int uniform(n, 2 * n)
optim ~ choice { sgd { lr ~ loguniform(1e-3, 1) }; adam { lr ~ loguniform(1e-5, 1e-2) } }
wd ~ choice(0, loguniform(1e-4, 0.3))
free ~ normal(1, 2)
half = m / 2
require m != 7 : "seven"
""")
    fixed = {
        "n": 3,
        "m": 5,
        "optim": "adam",
        "optim.adam.lr": 1e-3,
        "wd": "0.0001 .. 0.3",
        "wd.range": 0.01,
        "free:u": 0.5,
    }
    config = write_optuna.suggest(space, optuna.trial.FixedTrial(fixed))
    assert config == {"n": 3, "m": 5, "optim": "adam", "optim.lr": 1e-3, "wd": 0.01, "free": 1.0, "half": 2.5}
    trial = optuna.trial.FixedTrial({**fixed, "m": 7, "n": 4})
    with pytest.raises(optuna.TrialPruned, match="seven"):
        write_optuna.suggest(space, trial)
    assert trial.user_attrs["hpdsl:violated"] == ["seven"]
    trial = optuna.trial.FixedTrial({**fixed, "m": 2})
    with pytest.raises(optuna.TrialPruned, match="`m` has no legal value"), pytest.warns(UserWarning, match="out of"):
        write_optuna.suggest(space, trial)


def test_a_list_with_both_true_and_one():
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    space = hpdsl.loads("g ~ choice(true, 1, word)\n")
    seen = [write_optuna.suggest(space, optuna.trial.FixedTrial({"g": k}))["g"] for k in range(3)]
    assert [repr(x) for x in seen] == ["True", "1", "'word'"]


def test_what_is_refused():
    text = 'k ~ choice(a, b)\nx[2] ~ uniform(0, 1) when k == a\nrequire k == b or x[0] < 0.5 : "why"\n'
    with pytest.raises(UsageError) as caught:
        write_optuna.write(hpdsl.loads(text))
    assert str(caught.value) == (
        "a set of Optuna distributions cannot hold 2 sentences of <string>:\n"
        "  <string>:2: `x[…] ~ uniform(0, 1)`: it is not always active\n"
        '  <string>:3: `require k == b or x[0] < 0.5 : "why"`: distributions know no requirements\n'
        "pass lossy=True to leave these out, with a note for each; "
        "hpdsl.interop.write_optuna.suggest(space, trial) holds them all"
    )
    made = write_optuna.write(hpdsl.loads(text), lossy=True)
    assert list(json.loads(made.text)) == ["k", "x[0]", "x[1]"]
    assert [n.partition(":")[0] for n in made.notes] == ["lost", "lost"]


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    for call in (lambda s: write_optuna.distributions(s), lambda s: write_optuna.suggest(s, None)):
        with pytest.raises(UsageError, match="optuna is not installed; install it with `pip install optuna`"):
            call(hpdsl.loads("x ~ bool()\n"))
