"""Drafts as .hp files: names, values, blocks, and forbidden clauses said shortly but with the same meaning."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import product

import pytest

import hpdsl
from hpdsl.errors import UsageError
from hpdsl.interop.domains import names_in, same
from hpdsl.interop.draft import (
    Active,
    Among,
    Compare,
    Draft,
    Every,
    Formula,
    Law,
    Listed,
    Negation,
    Parameter,
    Relation,
    Some,
    Text,
    Value,
)
from hpdsl.interop.print_hp import to_hp

UNIT = Law("uniform", (0, 1))


def listed(name: str, *items: Value, condition: Formula | None = None) -> Parameter:
    return Parameter(name, Listed(items), condition=condition)


# ---- names and values -------------------------------------------------------------------------------

NAMES = ("x", "svm:gamma", "@1:F:opt", "a.b", "a b", "if", "when", "true", "int", "index", "größe", "1st", "x#y", '"q"')


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_the_original_names(name: str) -> None:
    draft = Draft(
        [
            Parameter(name, UNIT, 0.5, True),
            Parameter("child", UNIT, condition=Compare(name, ">", 0.5)),
            Parameter(f"{name}.k", Listed(("only",)), condition=Compare("child", "<", 0.5)),
        ],
        forbidden=[Compare(name, ">", 0.9)],
    )
    space = hpdsl.loads(to_hp(draft))
    assert {k for c in space.sample(100) for k in c} == {name, "child", f"{name}.k"}


@pytest.mark.parametrize("name", ["", "a`b", "a\nb", "a\tb", "a\x00b"])
def test_a_name_that_no_file_can_hold_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't be a name"):
        to_hp(Draft([Parameter(name, UNIT)]))


VALUES: tuple[Value, ...] = (
    "a", "1", 1, "1.5", 1.5, "true", True, "none", None, "None", "True", "a b", "x", "in", "uniform", "say \"hi\"\\n",
    "new\nline", "", "#", "`", -3, 1e-12, "-3", "größe", 12345678901234,
)  # fmt: skip


def test_values_keep_their_type_and_text() -> None:
    space = hpdsl.loads(to_hp(Draft([listed("x", *VALUES), Parameter("a", UNIT)])))
    found = {same(c["x"]) for c in space.sample(2000)}
    assert found == {same(v) for v in VALUES}


@pytest.mark.parametrize("value", VALUES)
def test_each_value_can_be_default_condition_and_constant(value: Value) -> None:
    draft = Draft(
        [
            Parameter("v", Listed((value, "else")), value, True),
            Parameter("child", UNIT, condition=Compare("v", "==", value)),
            listed("k", value),
        ]
    )
    space = hpdsl.loads(to_hp(draft))
    default = space.default
    assert default is not None and same(default["v"]) == same(default["k"]) == same(value)
    for config in space.sample(50):
        assert ("child" in config) == (same(config["v"]) == same(value))


def test_a_control_character_in_a_value_is_refused() -> None:
    with pytest.raises(UsageError, match="control character"):
        to_hp(Draft([listed("x", "a\x01", "b")]))


def test_an_infinite_bound_is_refused() -> None:
    with pytest.raises(UsageError, match="no number"):
        to_hp(Draft([Parameter("x", Law("uniform", (0, float("inf"))))]))


def test_laws_documentation_and_the_experiment() -> None:
    draft = Draft(
        [
            Parameter("n", Law("normal", (0, 2.5), True, (-5, None)), 0, True, unit="ms", doc="how many"),
            Parameter("m", Listed((0, Law("loguniform", (1e-5, 1.0))), (2.0, 1.0))),
            Parameter("s", Law("uniform", (0, 1), step=0.25)),
            listed("b", False, True),
        ],
        constants={"k": "v"},
        derived={"y": "2 * n"},
        required=[(Relation("s", "<=", "n"), "small"), (Text("y < 9 or b"), "")],
        objectives=[("loss", False), ("speed", True)],
        doc="A space.",
        notes=["nothing lost"],
    )
    assert to_hp(draft) == (
        "## A space.\n\n# note: nothing lost\n\n"
        'k = "v"\n'
        "## how many\n"
        "n ~ int normal(0, 2.5) in -5 ..  default 0  unit ms\n"
        "m ~ choice(0: 2, loguniform(1e-5, 1): 1)\n"
        "s ~ uniform(0, 1) step 0.25\n"
        "b ~ bool()\n\n"
        "y = 2 * n\n\n"
        'require s <= n : "small"\n'
        "require y < 9 or b\n\n"
        "minimize loss\nmaximize speed\n"
    )


# ---- blocks -----------------------------------------------------------------------------------------


def test_conditions_become_blocks_with_else() -> None:
    on = Compare("a", "==", "x")
    draft = Draft(
        [
            listed("a", "x", "y"),
            Parameter("p", UNIT, condition=on),
            Parameter("q", UNIT, condition=Compare("a", "==", "y")),
            Parameter("r", UNIT, condition=Every((Compare("p", ">", 0.5), on))),
            Parameter("s", UNIT, condition=Compare("p", "<=", 0.5)),
            Parameter("t", UNIT, condition=Some((Compare("q", "<", 0.5), on))),
        ]
    )
    assert to_hp(draft) == (
        "a ~ choice(x, y)\n\n"
        "when a == x {\n"
        "  p ~ uniform(0, 1)\n"
        "  when p > 0.5 {\n"
        "    r ~ uniform(0, 1)\n"
        "  } else {\n"
        "    s ~ uniform(0, 1)\n"
        "  }\n"
        "} else {\n"
        "  q ~ uniform(0, 1)\n"
        "}\n\n"
        "t ~ uniform(0, 1)  when q < 0.5 or a == x\n"
    )


# ---- forbidden clauses ------------------------------------------------------------------------------


def pairs(*clauses: tuple[str, str]) -> list[Formula]:
    return [Every((Compare("a", "==", x), Compare("b", "==", y))) for x, y in clauses]


def clauses_of(forbidden: list[Formula], sizes: tuple[int, int] = (4, 4)) -> list[str]:
    first = listed("a", *(f"p{i}" for i in range(sizes[0])))
    second = listed("b", *(f"q{i}" for i in range(sizes[1])))
    return to_hp(Draft([first, second], forbidden=forbidden)).split("\n\n", 1)[1].splitlines()


def test_pairs_merge_over_one_side() -> None:
    assert clauses_of(pairs(("p0", "q0"), ("p0", "q1"))) == ["forbid a == p0 and b in [q0, q1]"]
    assert clauses_of(pairs(("p0", "q0"), ("p1", "q0"))) == ["forbid a in [p0, p1] and b == q0"]


def test_a_pair_that_leaves_little_becomes_an_implication() -> None:
    forbidden = pairs(("p0", "q0"), ("p0", "q1"), ("p0", "q2"))
    assert clauses_of(forbidden) == ["require a == p0 => b == q3"]
    assert clauses_of([*forbidden, *forbidden]) == ["require a == p0 => b == q3"]


def test_what_forbids_a_value_altogether_says_so() -> None:
    assert clauses_of(pairs(*((f"p{i}", "q1") for i in range(4)))) == ["forbid b == q1"]


# ---- the same meaning, by enumeration ---------------------------------------------------------------

Config = Mapping[str, Value]


def truth(formula: Formula, config: Config, order: Mapping[str, tuple[Value, ...]]) -> bool | None:
    """Three-valued logic, written down plainly; None is unknown."""
    if isinstance(formula, (Every, Some)):
        parts = [truth(p, config, order) for p in formula.parts]
        ruling = isinstance(formula, Some)
        return ruling if ruling in parts else None if None in parts else not ruling
    if isinstance(formula, Negation):
        inner = truth(formula.part, config, order)
        return None if inner is None else not inner
    if isinstance(formula, Active):
        return formula.name in config
    assert isinstance(formula, (Compare, Among))
    if formula.name not in config:
        return None
    value = config[formula.name]
    if isinstance(formula, Among):
        return (value in formula.values) != formula.negated
    if formula.op in ("==", "!="):
        return (value == formula.value) == (formula.op == "==")
    items = order[formula.name]
    if formula.value not in items:
        return False
    one, other = items.index(value), items.index(formula.value)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[formula.op]


def configs(draft: Draft) -> Iterator[dict[str, Value]]:
    """Every assignment whose active parameters are those with a true condition."""
    names = [p.name for p in draft.parameters]
    order = {p.name: values(p) for p in draft.parameters}
    seen: set[tuple[tuple[str, Value], ...]] = set()
    for chosen in product(*order.values()):
        config = dict(zip(names, chosen, strict=True))
        for p in draft.parameters:  # parents stand before their children
            if p.condition is not None and truth(p.condition, config, order) is not True:
                del config[p.name]
        key = tuple(config.items())
        if key not in seen:
            seen.add(key)
            yield config


def values(parameter: Parameter) -> tuple[Value, ...]:
    prior = parameter.prior
    if isinstance(prior, Law):
        return tuple(range(int(prior.arguments[0]), int(prior.arguments[1]) + 1))
    return tuple(i for i in prior.items if not isinstance(i, Law))


def random_draft(rng: random.Random) -> Draft:
    """Up to five finite parameters with random conditions and clauses."""
    parameters: list[Parameter] = []
    for i in range(rng.randint(2, 5)):
        condition = random_formula(rng, parameters, 2) if parameters and rng.random() < 0.6 else None
        size = rng.randint(1, 4)
        prior: Law | Listed = Listed(tuple(f"v{k}" for k in range(size)), ordered=rng.random() < 0.3)
        if rng.random() < 0.3:
            prior = Law("uniform", (0, size), True)
        parameters.append(Parameter(f"x{i}", prior, condition=condition))
    few = [parameters[0], parameters[-1]]
    clauses = [
        random_formula(rng, few if rng.random() < 0.6 else parameters, rng.randint(1, 2))
        for _ in range(rng.randint(1, 6))
    ]
    # The compiler refuses a parameter that has no value left, even where it can be inactive.
    clauses = [c for c in clauses if not any(map(alone, c.parts if isinstance(c, Some) else (c,)))]
    required = [(random_formula(rng, parameters, 2), "") for _ in range(rng.randint(0, 1))]
    return Draft(parameters, forbidden=clauses, required=required)


def alone(formula: Formula) -> bool:
    """Whether a clause is about a single parameter."""
    inner = formula.part if isinstance(formula, Negation) else formula
    return len(names_in(inner)) == 1


def random_formula(rng: random.Random, parameters: list[Parameter], depth: int) -> Formula:
    if depth and rng.random() < 0.6:
        parts = tuple(random_formula(rng, parameters, depth - 1) for _ in range(2))
        return Every(parts) if rng.random() < 0.7 else Some(parts)
    if depth and rng.random() < 0.15:
        return Negation(random_formula(rng, parameters, depth - 1))
    parameter = rng.choice(parameters)
    items = values(parameter)
    if rng.random() < 0.4:
        chosen = tuple(rng.sample(items, rng.randint(1, len(items))))
        return Among(parameter.name, chosen, rng.random() < 0.3)
    ordered = isinstance(parameter.prior, Law) or parameter.prior.ordered
    op = rng.choice(["==", "==", "!=", "<", ">", "<=", ">="] if ordered else ["==", "==", "!="])
    return Compare(parameter.name, op, rng.choice(items))


@pytest.mark.parametrize("seed", range(150))
def test_tidying_keeps_exactly_the_same_configurations(seed: int) -> None:
    draft = random_draft(random.Random(seed))
    order = {p.name: values(p) for p in draft.parameters}
    text = to_hp(draft)
    allowed = {
        tuple(config.items()): all(truth(f, config, order) is not True for f in draft.forbidden)
        and all(truth(f, config, order) is not False for f, _ in draft.required)
        for config in configs(draft)
    }
    try:
        space = hpdsl.loads(text)
    except hpdsl.SpecError:
        assert not any(allowed.values()), text
        return
    for config, right in allowed.items():
        assert space.is_valid(dict(config)) == right, (config, text)


def test_many_of_the_random_drafts_leave_something_and_forbid_something() -> None:
    mixed = 0
    for seed in range(150):
        draft = random_draft(random.Random(seed))
        order = {p.name: values(p) for p in draft.parameters}
        broken = [any(truth(f, c, order) is True for f in draft.forbidden) for c in configs(draft)]
        mixed += any(broken) and not all(broken)
    assert mixed > 40
