"""Optuna's distributions, as JSON and as objects."""

import json

import pytest

import hpdsl
from hpdsl.interop import from_optuna, from_text


def entry(kind, **attributes):
    return {"name": kind, "attributes": attributes}


def test_json_reads_as_a_person_would_write_it():
    text = json.dumps(
        {
            "lr": entry("FloatDistribution", low=1e-5, high=1.0, log=True, step=None),
            "mix": json.dumps(entry("FloatDistribution", low=0.0, high=1.0, log=False, step=0.3)),
            "units": entry("IntDistribution", low=1, high=128, log=True, step=1),
            "fives": entry("IntDistribution", low=0, high=12, log=False, step=5),
            "kind": entry("CategoricalDistribution", choices=["x", None, True, 3]),
            "old": entry("DiscreteUniformDistribution", low=0.0, high=1.0, q=0.25),
            "svm:gamma": entry("UniformDistribution", low=0.0, high=1.0),
        }
    )
    lines = [" ".join(line.split()) for line in from_text(text).splitlines()]
    for line in (
        "lr ~ loguniform(1e-5, 1)",
        "mix ~ uniform(0, 0.9) step 0.3",
        "units ~ int loguniform(1, 128)",
        "fives ~ int uniform(0, 10) step 5",
        "kind ~ choice(x, none, true, 3)",
        "old ~ uniform(0, 1) step 0.25",
        "`svm:gamma` ~ uniform(0, 1)",
    ):
        assert line in lines


def test_objects_allow_the_same_values():
    optuna = pytest.importorskip("optuna", reason="Optuna is not installed")
    d = optuna.distributions
    distributions = {
        "lr": d.FloatDistribution(1e-5, 1.0, log=True),
        "mix": d.FloatDistribution(0.0, 0.9, step=0.3),
        "units": d.IntDistribution(1, 128, log=True),
        "fives": d.IntDistribution(0, 10, step=5),
        "kind": d.CategoricalDistribution(("x", None, "z", 3)),
    }
    space = hpdsl.loads(from_optuna(distributions))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for _ in range(200):
        space.validate(study.ask(distributions).params)
    for config in space.sample(200, seed=0):
        for name, value in config.items():
            assert distributions[name]._contains(distributions[name].to_internal_repr(value))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": 3}, "expected"),
        ({"x": entry("NoDistribution")}, "no distribution that can be read"),
        ({"x": entry("FloatDistribution", low=1, high=0)}, "is above high"),
        ({"x": entry("FloatDistribution", low="a", high=0)}, "expected a finite number"),
        ({"x": entry("CategoricalDistribution", choices=[])}, "expected its choices"),
        ({"x": entry("CategoricalDistribution", choices=[[1]])}, "no value of a .hp file"),
        ({"x": "{"}, "no distribution in JSON"),
        ([1], "expected a JSON object"),
    ],
)
def test_what_is_wrong_is_said(data, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        from_text(json.dumps(data), "optuna")
