"""ConfigSpace's JSON: every entry of its formats, what it becomes, and that the laws are the same."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hpdsl
from hpdsl.errors import UsageError
from hpdsl.interop import from_text
from hpdsl.interop.configspace_json import from_data
from hpdsl.interop.draft import Law, Listed

Entry = dict[str, Any]


def space_of(
    hyperparameters: Iterable[Entry], conditions: Iterable[Entry] = (), forbiddens: Iterable[Entry] = (), **more: Any
) -> str:
    """A file of the present format."""
    data = {
        "name": None,
        "hyperparameters": [*hyperparameters],
        "conditions": [*conditions],
        "forbiddens": [*forbiddens],
    }
    return json.dumps({**data, "python_module_version": "1.2.0", "format_version": 0.4, **more})


def real(name: str, lower: float = 0.0, upper: float = 1.0, **more: Any) -> Entry:
    entry = {"type": "uniform_float", "name": name, "lower": lower, "upper": upper, "log": False, "meta": None}
    return {**entry, "default_value": (lower + upper) / 2, **more}


def integer(name: str, lower: int, upper: int, **more: Any) -> Entry:
    entry = {"type": "uniform_int", "name": name, "lower": lower, "upper": upper, "log": False, "meta": None}
    return {**entry, "default_value": lower, **more}


def categorical(name: str, *choices: object, **more: Any) -> Entry:
    entry = {"type": "categorical", "name": name, "choices": [*choices], "weights": None, "meta": None}
    return {**entry, "default_value": choices[0], **more}


def ordinal(name: str, *sequence: object) -> Entry:
    return {"type": "ordinal", "name": name, "sequence": [*sequence], "default_value": sequence[0], "meta": None}


def constant(name: str, value: object) -> Entry:
    return {"type": "constant", "name": name, "value": value, "meta": None}


def when(kind: str, child: str, parent: str, value: object) -> Entry:
    return {"type": kind, "child": child, "parent": parent, "values" if kind == "IN" else "value": value}


def equals(name: str, value: object) -> Entry:
    return {"type": "EQUALS", "name": name, "value": value}


TYPED = space_of(
    [
        categorical("a", None, True, 1, "1", 2.5, "true", weights=[1, 0, 2, 2, 0, 3]),
        categorical("flag", True, False, default_value=False),
        real("on"),
        real("off"),
        constant("k", "v"),
        constant("n", 5),
    ],
    [when("EQ", "on", "flag", True), when("NEQ", "off", "flag", True), when("EQ", "n", "a", None)],
)

NESTED = space_of(
    [categorical("a", "x", "y", "z"), integer("n", 1, 9), ordinal("o", "s", "m", "l"), real("b"), real("e")],
    [
        {
            "type": "AND",
            "child": "b",
            "conditions": [
                {"type": "OR", "child": "b", "conditions": [when("EQ", "b", "a", "x"), when("GT", "b", "n", 4)]},
                when("NEQ", "b", "o", "s"),
            ],
        },
        when("LT", "e", "b", 0.5),
    ],
)

CLAUSES = space_of(
    [
        categorical("a", "p", "q", "r"),
        integer("b", 1, 9),
        ordinal("o", 1, 2, 3),
        real("x"),
        real("y"),
        integer("m", 1, 9),
    ],
    forbiddens=[
        {"type": "OR", "clauses": [equals("a", "r"), {"type": "CLAUSE_GE", "name": "b", "value": 8}]},
        {"type": "AND", "clauses": [{"type": "IN", "name": "b", "values": [1, 2]}, equals("a", "p")]},
        {"type": "RELATION_LT", "left": "b", "right": "m"},
        {"type": "RELATION", "left": "x", "right": "y", "lambda": "GREATER"},
        {"type": "RELATION_EQ", "left": "o", "right": "m"},
        {"type": "RELATION_EQ", "left": "x", "right": "m"},
        equals("y", 0.25),
    ],
)

OLD = json.dumps(
    {
        "hyperparameters": [
            {"name": "n", "type": "normal_float", "log": False, "mu": 0.0, "sigma": 1.0, "default": 0.0, "q": None},
            {"name": "l", "type": "normal_float", "log": True, "mu": 0.0, "sigma": 1.0, "default": 1.0, "q": None},
            {"name": "q", "type": "uniform_int", "log": False, "lower": 0, "upper": 100, "q": 10, "default": 50},
            {"name": "r", "type": "uniform_int", "log": False, "lower": 0, "upper": 100, "q": 7, "default": 50},
            {
                "name": "c.d",
                "type": "categorical",
                "choices": ["x", "y"],
                "default": "y",
                "probabilities": [0.25, 0.75],
            },
        ],
        "conditions": [when("IN", "q", "c.d", ["x"]), when("EQ", "q", "r", 50)],
        "forbiddens": [],
        "python_module_version": "0.4.18",
        "json_format_version": 0.2,
    }
)

ORDERS = space_of(
    [ordinal("a", 10, 2, 5), ordinal("z", 1, 4, 9), real("b"), real("c"), real("d")],
    [when("GT", "b", "a", 10), when("LT", "c", "z", 9), when("GT", "d", "a", 5)],
)


def test_values_keep_their_types_and_weights() -> None:
    text = from_text(TYPED, "configspace")
    assert text.startswith('a    ~ choice(none: 1, 1: 2, "1": 2, "true": 3)  default none\nflag ~ bool()')
    for config in hpdsl.loads(text).sample(300):
        assert config["flag"] is ("on" in config) and ("off" in config) == (not config["flag"])
        assert ("n" in config) == (config["a"] is None) and config["k"] == "v"


def test_conditions_nest_and_fold() -> None:
    assert from_text(NESTED, "configspace").endswith(
        "when (a == x or n > 4) and o != s {\n"
        "  b ~ uniform(0, 1)  default 0.5\n"
        "  e ~ uniform(0, 1)  default 0.5  when b < 0.5\n"
        "}\n"
    )


def test_every_kind_of_forbidden_clause() -> None:
    text = from_text(CLAUSES, "configspace")
    notes = [line for line in text.splitlines() if line.startswith("#")]
    assert len(notes) == 2 and "`x` == `m`" in notes[0] and "y in [0.25]" in notes[1]
    for c in hpdsl.loads(text).sample(300):
        assert c["a"] != "r" and c["b"] < 8 and not (c["b"] in (1, 2) and c["a"] == "p")
        assert c["b"] >= c["m"] and c["x"] <= c["y"] and c["o"] != c["m"]


def test_the_old_format_has_its_own_log_normal_and_steps() -> None:
    draft = from_data(json.loads(OLD))
    found = {p.name: p for p in draft.parameters}
    assert found["n"].prior == Law("normal", (0.0, 1.0), within=(None, None))
    assert found["l"].prior == Law("lognormal", (1.0, math.e), within=(None, None))
    assert found["q"].prior == Law("uniform", (0, 100), True, step=10)
    assert found["r"].prior == Law("uniform", (0, 100), True)
    assert found["c.d"].prior == Listed(("x", "y"), (0.25, 0.75))
    assert draft.notes == ["`r`: the step q = 7 doesn't divide its range; left out"]
    for config in hpdsl.loads(from_text(OLD)).sample(2000):
        assert ("q" in config) == (config["c.d"] == "x" and config["r"] == 50)


def test_an_ordinal_is_compared_by_position() -> None:
    text = from_text(ORDERS, "configspace")
    assert "a ~ choice(10, 2, 5)" in text and "`a`: its values stand in an order" in text
    for config in hpdsl.loads(text).sample(200):
        assert ("b" in config) == (config["a"] in (2, 5)) and ("c" in config) == (config["z"] < 9)
        assert "d" not in config


def test_a_name_documents_the_space_and_meta_data_is_noted() -> None:
    text = from_text(space_of([real("a", meta={"x": 1})], name="my space", meta={"by": "me"}), "configspace")
    assert text.startswith('## my space\n\n# note: `a`: its meta data is left out: {"x": 1}\n# note: the meta data of')


WRONG = {
    "{": "not valid JSON: Expecting property name",
    "[" * 100_000: "not valid JSON: nested too deeply",
    "[]": 'expected an object with a list "hyperparameters"',
    '{"hyperparameters": [1]}': "hyperparameters[0]: expected an object, found 1",
    space_of([{"type": "what", "name": "a"}]): "hyperparameters[0] (`a`): unknown type `what`",
    space_of([real("a", 5, 1)]): "hyperparameters[0] (`a`): the range is empty",
    space_of([real("a", 0, 1, log=True)]): "(`a`): the lower bound of a logarithmic",
    space_of([real("a", float("nan"), 1)]): '(`a`): expected a number "lower", found NaN',
    space_of([{**real("a"), "lower": "0"}]): '(`a`): expected a number "lower", found "0"',
    space_of([{**integer("a", 0, 3), "upper": 2.5}]): "(`a`): the bounds of an integer must be integers",
    space_of([real("a"), real("a")]): "hyperparameters[1] (`a`): there is another hyperparameter",
    space_of([{**categorical("a", "x"), "choices": []}]): '(`a`): expected a list "choices" with at least one value',
    space_of([categorical("a", ["x"], "y")]): '(`a`): ["x"] is neither text',
    space_of([categorical("a", "x", "y", weights=[1])]): "(`a`): expected 2 weights",
    space_of([categorical("a", "x", "y", weights=[1, -1])]): "(`a`): a weight must be a number from 0 up, not -1",
    space_of([categorical("a", "x", "y", weights=[0, 0])]): "(`a`): all weights are 0",
    space_of([real("alpha")], [when("EQ", "alpha", "alhpa", 1)]): "no hyperparameter `alhpa`; did you mean `alpha`?",
    space_of([real("a")], [when("IS", "a", "a", 1)]): "conditions[0] (`a`): unknown condition `IS`",
    space_of([real("a")], [{"type": "AND", "child": "a"}]): 'conditions[0] (`a`): expected a list "conditions"',
    space_of([real("a")], (), [{"type": "HUH", "name": "a"}]): "forbiddens[0] (`a`): unknown clause `HUH`",
    space_of([{"type": "normal_float", "name": "a", "mu": 0, "sigma": 0, "lower": 0, "upper": 1}]): "sigma must be",
    space_of([{"type": "beta_float", "name": "a", "alpha": 0, "beta": 1, "lower": 0, "upper": 1}]): "alpha and beta",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_with_its_place(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_text(text, "configspace")
    assert WRONG[text] in str(caught.value)


# ---- against ConfigSpace itself ---------------------------------------------------------------------


def hyperparameters(module: Any) -> list[Any]:
    h = module.hyperparameters
    return [
        h.UniformFloatHyperparameter("u", -2, 3),
        h.UniformFloatHyperparameter("ul", 1e-4, 10, log=True),
        h.UniformIntegerHyperparameter("i", 1, 7),
        h.UniformIntegerHyperparameter("il", 1, 200, log=True),
        h.NormalFloatHyperparameter("n", mu=0, sigma=1, lower=-2, upper=3),
        h.NormalFloatHyperparameter("nl", mu=2, sigma=1.5, lower=0.5, upper=100, log=True),
        h.NormalFloatHyperparameter("nm", mu=0.02, sigma=0.3, lower=0.01, upper=1, log=True),
        h.NormalIntegerHyperparameter("ni", mu=10, sigma=4, lower=1, upper=300),
        h.BetaFloatHyperparameter("b", alpha=2, beta=3, lower=0, upper=1),
        h.CategoricalHyperparameter("c", ["x", "y", 3, True], weights=[1, 2, 3, 4]),
        h.OrdinalHyperparameter("o", ["s", "m", "l"]),
    ]


def test_the_laws_are_those_of_configspace(tmp_path: Path) -> None:
    """Two samples of 10,000 differ by no more than two of one law would by chance, once in 10^6 times."""
    module = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    theirs = module.ConfigurationSpace(seed=1)
    theirs.add(hyperparameters(module))
    theirs.to_json(tmp_path / "space.json")
    text = (tmp_path / "space.json").read_text()
    rows = 10_000
    ours = list(hpdsl.loads(from_text(text)).sample(rows, seed=1))
    configurations = [dict(c) for c in theirs.sample_configuration(rows)]
    for name in (h.name for h in theirs.values()):
        pairs = [[c[name] for c in configurations], [c[name] for c in ours]]
        if name in "co":
            pairs = [[repr(v.item() if hasattr(v, "item") else v) for v in side] for side in pairs]
        if name == "il":  # the lowest values have a law of their own in each
            pairs = [[v for v in side if 20 <= v <= 150] for side in pairs]
        points = np.unique(np.concatenate([np.asarray(side) for side in pairs]))
        one, other = (np.searchsorted(np.sort(np.asarray(side)), points, side="right") / len(side) for side in pairs)
        # ConfigSpace takes a normal integer from a grid over the whole range, which moves it by up to half a step.
        allowed = 0.06 if name == "ni" else 2.7 * math.sqrt(2 / min(map(len, pairs)))
        assert np.abs(one - other).max() < allowed, name


def test_a_beta_over_other_bounds_keeps_mean_and_spread(tmp_path: Path) -> None:
    module = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    theirs = module.ConfigurationSpace(seed=1)
    h = module.hyperparameters
    theirs.add(
        [
            h.BetaFloatHyperparameter("b", 3, 4, lower=-1, upper=5),
            h.BetaIntegerHyperparameter("i", 3, 4, lower=0, upper=50),
        ]
    )
    theirs.to_json(tmp_path / "space.json")
    ours = list(hpdsl.loads(from_text((tmp_path / "space.json").read_text())).sample(20_000))
    configurations = [dict(c) for c in theirs.sample_configuration(20_000)]
    for name in ("b", "i"):
        one, other = (np.array([c[name] for c in side], float) for side in (configurations, ours))
        spread = one.std()
        assert abs(one.mean() - other.mean()) < 0.05 * spread and abs(other.std() / spread - 1) < 0.08
