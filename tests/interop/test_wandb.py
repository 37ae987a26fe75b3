"""Sweep configurations."""

import pytest

import hpdsl
from hpdsl.interop import from_text

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")

SWEEP = """
program: train.py
method: bayes
metric: {name: val_loss, goal: maximize}
parameters:
  lr: {min: 1e-5, max: 1e-1, distribution: log_uniform_values}
  exponents: {distribution: log_uniform, min: -9.210340371976182, max: 0}
  layers: {min: 1, max: 8}
  drop: {min: 0.0, max: 0.5}
  act: {values: [relu, gelu, 3, true]}
  loader: {values: [fast, slow], probabilities: [0.3, 0.7]}
  seed: {value: 4}
  batch: {distribution: q_log_uniform_values, min: 32, max: 256, q: 8}
  scale: {distribution: log_normal, mu: 0, sigma: 1}
  opt:
    parameters:
      beta: {distribution: normal, mu: 0, sigma: 2}
      mix: {distribution: q_uniform, min: 0, max: 1, q: 0.1}
"""


def test_a_sweep_reads_as_a_person_would_write_it():
    lines = [" ".join(line.split()) for line in from_text(SWEEP).splitlines()]
    for line in (
        "lr ~ loguniform(1e-5, 0.1)",
        "exponents ~ loguniform(0.0001, 1)",
        "layers ~ int uniform(1, 8)",
        "drop ~ uniform(0, 0.5)",
        "act ~ choice(relu, gelu, 3, true)",
        "loader ~ choice(fast: 0.3, slow: 0.7)",
        "seed = 4",
        "batch ~ int loguniform(32, 256) step 8",
        "scale ~ lognormal(1, 2.718281828)",
        "`opt.beta` ~ normal(0, 2)",
        "`opt.mix` ~ uniform(0, 1) step 0.1",
        "maximize val_loss",
    ):
        assert line in lines


def test_its_samples_are_what_the_sweep_allows():
    for config in hpdsl.loads(from_text(SWEEP, "wandb")).sample(200, seed=0):
        assert config["seed"] == 4
        assert config["batch"] % 8 == 0
        assert config["act"] in ("relu", "gelu", 3, True)
        assert 0.0 <= config["opt.mix"] <= 1.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters: {x: {min: 0}}", "expected value, values, min and max"),
        ("parameters: {x: 3}", "expected a mapping"),
        ("parameters: {x: {min: a, max: b}}", "expected a finite number"),
        ("parameters: {x: {min: 2.5, max: 1}}", "is above max"),
        ("parameters: {x: {distribution: zipf, min: 1, max: 2}}", "no distribution"),
        ("parameters: {x: {values: [1, 2], probabilities: [1]}}", "as many probabilities"),
        ("parameters: {x: {distribution: log_uniform, min: 1, max: 1000}}", "exponent of e"),
        ("parameters: [", "line"),
        ("method: grid", "a sweep has"),
        ("a: &a {min: 0, max: 1}\nparameters: {x: *a}", "aliases"),
        ("parameters: !!python/object/apply:os.system ['true']", "no YAML"),
    ],
)
def test_what_is_wrong_is_said(text, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        from_text(text, "wandb")
