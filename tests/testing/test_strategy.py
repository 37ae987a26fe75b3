"""`configs`: built and not filtered, reaches what is special, shrinks to what is simple, serves all of Hypothesis."""

import math
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from spaces import SPACES

import hpdsl
from hpdsl.testing import configs, specs
from hpdsl.testing.strategy import BITS, code_at

ROOT = Path(__file__).parents[2]
FILES = {p.stem: p for p in (*ROOT.glob("examples/*/*.hp"), *ROOT.glob("benchmarks/spaces/*.hp"))}
# Feasible with a probability of 1e-2 to 1e-12 where drawn and filtered.
TIGHT = {
    "kernel": FILES["kernel"].read_text(),
    "order": "".join(f"x{k} ~ uniform(0, 1)\n" for k in range(8))
    + "".join(f"require x{k} <= x{k + 1}\n" for k in range(7)),
    "ordered array": "n ~ int uniform(6, 9)\nx[n] ~ increasing int uniform(1, 10)\ny[9] ~ decreasing uniform(0, 1)\n",
    "simplex": "".join(f"x{k} ~ uniform(0, 1)\n" for k in range(6))
    + f"require {' + '.join(f'x{k}' for k in range(6))} == 1\n",
    "small simplex": "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ uniform(0, 1)\nrequire a + b + c <= 1e-3\n",
    "chain": "a ~ int uniform(0, 99)\nb ~ int uniform(a, 99)\nc ~ int uniform(b, 99)\nd ~ uniform(c, 100)\n",
    "band": "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire abs(a - b) < 1e-3\n",
    "ring": "a ~ uniform(-1, 1)\nb ~ uniform(-1, 1)\nrequire 0.98 < a ** 2 + b ** 2 < 1\n",
    "guarded": "on ~ bool()\nwhen on { a ~ uniform(0, 1); b ~ uniform(0, 1); require a * b > 0.99 }\n",
}


def counted(strategy, n, **more):
    """n examples of a strategy, the same in every run."""
    found = []

    @seed(20)
    @settings(max_examples=n, phases=[Phase.generate], **more)
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


# ---- built, not filtered -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", TIGHT)
def test_tight_spaces_pass_every_health_check(name):
    space = hpdsl.loads(TIGHT[name])

    @settings(suppress_health_check=[])
    @given(configs(space))
    def valid(config):
        space.validate(config)

    valid()


@pytest.mark.parametrize("name", SPACES)
def test_every_example_belongs_to_the_space(name):
    space = hpdsl.loads(SPACES[name])
    for config in counted(configs(space), 60):
        space.validate(config)


@pytest.mark.parametrize("name", FILES)
def test_every_example_belongs_to_the_file(name):
    space = hpdsl.load(FILES[name])
    for config in counted(configs(space), 60):
        space.validate(config)


@settings(max_examples=60)
@given(st.data())
def test_every_example_belongs_to_a_random_space(data):
    space = data.draw(specs()).space
    if space.names:
        space.validate(data.draw(configs(space)))


def test_many_parameters_stay_below_the_size_of_an_example():
    space = hpdsl.loads("".join(f"x{k} ~ int uniform(0, 9)\n" for k in range(400)) + "require x0 < x399\n")
    found = counted(configs(space), 100, suppress_health_check=[])
    assert len(found) == 100
    assert all(config["x0"] < config["x399"] for config in found)


# ---- reaches what is special -------------------------------------------------------------------------

REACHED = """
n ~ int uniform(0, 4)
x[n] ~ uniform(-1, 1)
s ~ subset(q, k, v)
p ~ permutation(u, v, w)
rate ~ loguniform(1e-5, 1e-1)
count ~ int uniform(1, 1000)
size ~ pow2(4, 256)
step ~ uniform(0, 1) step 0.25
optim ~ choice {
  sgd { momentum ~ uniform(0, 0.99) when rate > 1e-3 }
  adam { inner ~ choice { a { deep ~ bool() }, b } }
  lion
}
drop ~ choice(0, uniform(0.01, 0.2), none)
mode = "big" if count >= 617 else "small"
require count != 500 or size == 4
"""


@pytest.fixture(scope="module")
def reached():
    return counted(configs(REACHED), 1500)


def test_reaches_both_ends_of_every_range(reached):
    values = {key: {c[key] for c in reached if key in c} for key in ("rate", "count", "size", "step")}
    assert {1e-5, 1e-1} <= values["rate"]
    assert {1, 2, 1000} <= values["count"]
    assert values["size"] == {4, 8, 16, 32, 64, 128, 256}
    assert values["step"] == {0.0, 0.25, 0.5, 0.75, 1.0}
    assert {0.0, 0.99} <= {c["optim.momentum"] for c in reached if "optim.momentum" in c}


def test_reaches_both_sides_of_every_boundary(reached):
    """The neighbouring values of a real condition, the neighbouring integers of a whole one."""
    assert {616, 617, 499, 500, 501} <= {c["count"] for c in reached}
    rates = {c["rate"] for c in reached}
    assert any(0 <= 1e-3 - rate < 1e-15 for rate in rates)
    assert any(0 < rate - 1e-3 < 1e-15 for rate in rates)


def test_reaches_every_branch(reached):
    assert {(c["optim"], c.get("optim.inner"), c.get("optim.inner.deep")) for c in reached} == {
        ("sgd", None, None),
        ("adam", "a", True),
        ("adam", "a", False),
        ("adam", "b", None),
        ("lion", None, None),
    }
    assert {type(c["drop"]) for c in reached} == {int, float, type(None)}
    drops = [c["drop"] for c in reached if c["drop"]]
    assert min(drops) == pytest.approx(0.01, rel=1e-14)
    assert max(drops) == pytest.approx(0.2, rel=1e-14)


def test_reaches_empty_and_full_collections(reached):
    assert {len(c["x"]) for c in reached} == {0, 1, 2, 3, 4}
    assert [1.0] * 4 in [c["x"] for c in reached]
    assert [-1.0] * 4 in [c["x"] for c in reached]
    assert {tuple(c["s"]) for c in reached} >= {(), ("q",), ("q", "k", "v")}
    assert len({tuple(c["p"]) for c in reached}) == 6


def test_reaches_where_two_parameters_meet():
    found = counted(configs("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ bool() when a < b\n"), 400)
    gaps = [abs(c["a"] - c["b"]) for c in found if 0.0 < c["b"] < 1.0 and "c" in c]
    assert min(gaps) < 1e-12


def test_reaches_values_between_what_is_special():
    values = {c["x"] for c in counted(configs("x ~ uniform(0, 1)\n"), 300)}
    assert len(values) > 60
    assert len(np.unique(np.floor(np.array([*values]) * 8))) >= 8


SIX = "".join(f"x{k} ~ uniform(0, 1)  default 0.25\n" for k in range(6))


@pytest.mark.parametrize("text", [SIX, SIX + "require (x0 - 0.5) ** 2 + (x1 - 0.5) ** 2 < 0.3\n"])
def test_reaches_the_middle_of_everything_at_once(text):
    """As whole random rows do, which have no parameter at a landmark."""
    found = counted(configs(text), 1500)
    between = [c for c in found if not {*c.values()} & {0.0, 0.25, 0.5, 1.0}]
    # Without whole random rows there are some 60 to 90; what Hypothesis draws depends on which modules are loaded.
    assert len({tuple(c.values()) for c in between}) > 130


def test_what_a_random_row_finds_shrinks_too():
    wanted = find(
        configs(SIX),
        lambda c: all(0.55 < c[f"x{k}"] < 0.95 for k in range(4)),
        settings=settings(max_examples=2000, database=None, derandomize=True),
    )
    assert (wanted["x4"], wanted["x5"]) == (0.25, 0.25)
    # Fractions of small powers of two, where what was drawn has 23 digits.
    assert all((64 * wanted[f"x{k}"]).is_integer() for k in range(4))


def test_shrinking_takes_few_examples():
    """The answer is known after some fifty; of each part of a tuple Hypothesis would try a hundred more."""
    tried = []

    def wanted(config):
        tried.append(config)
        return config["rate"] > 0.9

    found = find(configs(SHRUNK), wanted, settings=settings(database=None, derandomize=True))
    assert found["rate"] == 1.0
    assert len(tried) < 300


def test_numbers_stand_for_landmarks_and_simple_fractions():
    special = np.array([0.3, 0.0, 1.0])
    assert [code_at(k, special) for k in (0, 2, 4, 6)] == [0.3, 0.0, 1.0, 0.3]
    assert [code_at(k, special) for k in (1, 3, 5, 7)] == [0.5, 0.25, 0.75, 0.125]
    assert code_at(2 ** (BITS + 1) - 3, special) == 1.0 - 2.0**-BITS


# ---- shrinks to what is simple -----------------------------------------------------------------------

SHRUNK = """
depth ~ int uniform(1, 6) default 2
width[depth] ~ uniform(0, 8)
rate ~ uniform(0, 1) default 0.25
optim ~ choice { adam { beta ~ uniform(0, 1); eps ~ uniform(0, 1) }, sgd { momentum ~ uniform(0, 1) }, plain }
flag ~ bool()
extra ~ uniform(0, 1) when flag
"""


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        # Written defaults, and of what has none the fewest active parameters.
        (SHRUNK, lambda c: True, {"depth": 2, "width": [4.0, 4.0], "rate": 0.25, "optim": "plain", "flag": False}),
        # What is asked for changes, the rest stays.
        (
            SHRUNK,
            lambda c: c["optim"] == "adam",
            {
                "depth": 2,
                "width": [4.0, 4.0],
                "rate": 0.25,
                "optim": "adam",
                "optim.beta": 0.5,
                "optim.eps": 0.5,
                "flag": False,
            },
        ),
        (
            SHRUNK,
            lambda c: c["rate"] > 0.9,
            {"depth": 2, "width": [4.0, 4.0], "rate": 1.0, "optim": "plain", "flag": False},
        ),
        (
            SHRUNK,
            lambda c: len(c["width"]) >= 4,
            {"depth": 4, "width": [4.0] * 4, "rate": 0.25, "optim": "plain", "flag": False},
        ),
        ("n ~ int uniform(0, 3)\nx[n] ~ bool()\n", lambda c: True, {"n": 0, "x": []}),
        ("s ~ subset(a, b, c)\n", lambda c: "b" in c["s"], {"s": ["b"]}),
        ("a ~ uniform(0, 1) default 0.2\nb ~ uniform(0, 1)\nrequire a < b\n", lambda c: True, {"a": 0.2, "b": 0.5}),
        ("kind ~ choice(x, y: 5, z)\n", lambda c: True, {"kind": "y"}),
    ],
)
def test_shrinks_to_defaults_and_to_fewest_active(text, wanted, expected):
    assert find(configs(text), wanted) == expected


@pytest.mark.parametrize("start", range(20))
def test_what_an_end_of_everything_finds_shrinks_too(start):
    """Whatever found it: a failure is shown with the defaults of all that it doesn't need."""
    text = "n ~ int uniform(1,9) default 4\nm ~ int loguniform(1, 900 // n) default 8\nx ~ uniform(0, 1) default 0.25\n"
    found = find(configs(text), lambda c: c["m"] < 2, settings=settings(database=None), random=Random(start))
    assert found == {"n": 4, "m": 1, "x": 0.25}


def test_shrinks_values_to_simple_fractions():
    found = find(configs("x ~ uniform(0, 1)\n"), lambda c: 0.55 < c["x"] < 0.9)
    assert found["x"] in (0.625, 0.75, 0.875)


# ---- wherever Hypothesis does ------------------------------------------------------------------------


@given(configs("lr ~ loguniform(1e-5, 1e-1)\n"), configs("n ~ int uniform(1, 8)\n"))
def test_texts_serve_as_spaces(one, two):
    assert 1e-5 <= one["lr"] <= 1e-1
    assert isinstance(two["n"], int)


def test_wrong_texts_are_refused_where_they_stand():
    with pytest.raises(hpdsl.SpecError, match="HP024"):
        configs("x ~ unifrom(0, 1)\n")


def test_spaces_that_nothing_satisfies_say_so():
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire (x - 0.3) ** 2 + (y - 0.3) ** 2 < 1e-14\n")
    with pytest.raises(hpdsl.SamplingError, match="no feasible configuration within"):
        counted(configs(space), 5)


def test_rows_that_find_nothing_feasible_do_not_cost_the_others():
    """One configuration in 47,000 is feasible: some rows of the sample find none in their 100,000 attempts."""
    space = hpdsl.loads(
        "a ~ int uniform(1, 200); b ~ int uniform(1, 200); c ~ int uniform(1, 300)\nrequire a * a + b * b == c * c\n"
    )
    with pytest.raises(hpdsl.SamplingError):
        space.sample(256, seed=0)
    found = counted(configs(space), 50)
    assert all(map(space.is_valid, found))
    assert len({c["c"] for c in found}) >= 3


def test_a_failure_shows_the_configuration_as_a_dict():
    @settings(database=None, derandomize=True)
    @given(config=configs("lr ~ uniform(0, 1)  default 0.25\nopt ~ choice { sgd { m ~ uniform(0, 1) }, adam }\n"))
    def below(config):
        assert config["lr"] < 0.8

    with pytest.raises(AssertionError) as failure:
        below()
    assert "config={'lr': 1.0, 'opt': 'adam'}," in "".join(failure.value.__notes__)


def test_combines_with_other_strategies():
    pairs = st.lists(configs("x ~ int uniform(0, 9)\n").map(lambda c: c["x"]).filter(lambda x: x % 2 == 0), min_size=2)
    assert find(pairs, lambda p: True) == [4, 4]
    with pytest.raises(NoSuchExample):
        find(pairs, lambda p: 3 in p, settings=settings(max_examples=200))


class Queue(RuleBasedStateMachine):
    """Configurations enter, and one that is out of range leaves at once."""

    space = hpdsl.loads("lr ~ uniform(0, 1)\nn ~ int uniform(1, 4)\nrequire lr < 0.5 or n > 2\n")

    @initialize()
    def start(self):
        self.kept = []

    @rule(config=configs(space))
    def put(self, config):
        self.kept.append(config)

    @rule(data=st.data())
    def replace(self, data):
        if self.kept:
            self.kept[0] = data.draw(configs(self.space))

    @invariant()
    def valid(self):
        assert all(self.space.is_valid(c) for c in self.kept)


def test_serves_state_machines():
    run_state_machine_as_test(Queue, settings=settings(max_examples=20, stateful_step_count=10))


def test_state_machines_find_and_shrink_what_is_wrong():
    class Fragile(RuleBasedStateMachine):
        @rule(config=configs("x ~ uniform(0, 1)\n"))
        def put(self, config):
            assert config["x"] < 0.75

    with pytest.raises(AssertionError) as failure:
        run_state_machine_as_test(Fragile, settings=settings(max_examples=100))
    assert "state.put(config={'x': 1.0})" in "".join(failure.value.__notes__)


# ---- by type -----------------------------------------------------------------------------------------


def test_types_have_strategies():
    @given(st.from_type(hpdsl.Space), st.from_type(hpdsl.Configs))
    @settings(max_examples=20)
    def filled(space, batch):
        assert isinstance(space, hpdsl.Space)
        assert isinstance(batch, hpdsl.Configs)
        for config in batch:
            assert isinstance(config, dict)

    filled()


def test_annotations_are_enough():
    @settings(max_examples=10)
    @given(...)
    def width(space: hpdsl.Space, scale: float):
        assert len(space.code_names) >= 0
        assert math.isnan(scale) or scale == scale

    width()


def test_hypothesis_costs_no_more_where_hpdsl_is_installed():
    code = (
        "import hypothesis, sys\n"
        "hypothesis.errors, hypothesis.strategies.from_type\n"
        "assert 'hpdsl.testing.registered' in sys.modules\n"
        "heavy = {m for m in sys.modules if m.startswith('hpdsl.')} - {'hpdsl.testing', 'hpdsl.testing.registered'}\n"
        "assert not heavy, heavy\n"
        "assert 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "order",
    [
        "import hypothesis\nfrom hpdsl import Configs, Space\n",
        "from hpdsl import Configs, Space\nimport hypothesis\n",
        "import hypothesis\nfrom importlib.util import find_spec\nfind_spec('hpdsl.space')\n"
        "from hpdsl import Configs, Space\n",
        "from hpdsl import Configs\nimport hypothesis\nfrom hpdsl.space import Space\n",
    ],
)
def test_types_are_known_whatever_is_imported_first(order):
    code = order + (
        "from hypothesis import Phase, find, settings, strategies as st\n"
        "first = settings(phases=[Phase.generate], database=None)\n"
        "assert isinstance(find(st.from_type(Space), lambda s: True, settings=first), Space)\n"
        "assert isinstance(find(st.from_type(Configs), lambda c: True, settings=first), Configs)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
