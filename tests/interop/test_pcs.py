"""Texts of SMAC's .pcs files, both syntaxes, and what they say in .hp."""

from __future__ import annotations

import pytest

import hpdsl
from hpdsl.errors import UsageError
from hpdsl.interop import from_text
from hpdsl.interop.draft import Among, Compare, Every, Law, Listed, Relation, Some, Text
from hpdsl.interop.pcs import read

# A byte order mark, Windows line ends, numbers in every spelling, flags attached, spaced and swapped.
OLD_ODDITIES = "\r\n".join(
    (
        "\ufeff# solver of a friend",
        "",
        "@1:algo.v2 {fast-path, a:b@c, /usr/bin/x, 1.5} [/usr/bin/x] # a path",
        "@1:tol[1e-6,1E-2][+1.0e-4]l",
        "\tdepth [ 1 , 64 ] [ 8 ] l i",
        "iters [10,1e4][500] il",
        "shift [-1.5, .5] [-.25]",
        "'Conditionals:",
        "depth|@1:algo.v2 in {fast-path,1.5}",
        "depth | iters in { 10 , 20 }",
        "Forbidden:",
        "{ @1:algo.v2 = 1.5 , iters=10 }",
    )
).replace("'Cond", "Cond")

NEW_ODDITIES = """
mode categorical{slow,quick}[slow]
level ordinal {low, mid, high, top} [mid]
size integer [2, 4096] [16]log
rate real [0.0, 1.0] [0.5]
kind c {x, "y z"} [x]
extra i [0, 9] [3]
rate | mode == slow && level > low || size != 16
extra | (mode = quick || level <= mid) && size >= 8
kind | !(level in {low, top})
{mode=slow, level=top}
{size > 1000 && rate < 0.1}
{extra * 2 + size / 4 > 100.5 || rate ^ 2 > 0.81}
{sqrt(size) < extra}
"""

SOLVER = """
restarts {luby, geometric, none} [luby]
luby-base [1, 1000] [32] il
geo-factor [1.1, 2.0] [1.5]
geo-start [1, 1000] [100] il
version {3.1} [3.1]
seed [7, 7] [7]i
luby-base | restarts in {luby}
geo-factor | restarts in {geometric}
geo-start | restarts in {geometric}
{restarts=none, luby-base=5}
{restarts=geometric, geo-start=1}
{restarts=geometric, geo-start=2}
"""

CHAIN = """
a {on, off} [on]
b {on, off} [on]
c {on, off} [off]
d [0, 1] [0.5]
b | a in {on}
c | b in {on}
d | c in {off}
d | a in {on}
"""

WORDS = """
if {when, in, True} [in]
require [0, 1] [0]
step {if, unit} [unit]
none {None, none, 1} [1]
require | if in {when, True}
"""


def test_an_old_file_with_odd_spelling() -> None:
    draft = read(OLD_ODDITIES)
    found = {p.name: p for p in draft.parameters}
    assert list(found) == ["@1:algo.v2", "@1:tol", "depth", "iters", "shift"]
    assert found["@1:algo.v2"].prior == Listed(("fast-path", "a:b@c", "/usr/bin/x", "1.5"))
    assert found["@1:tol"].prior == Law("loguniform", (1e-6, 1e-2))
    assert found["depth"].prior == Law("loguniform", (1, 64), True)
    assert found["iters"].prior == Law("loguniform", (10, 10000), True)
    assert (found["shift"].prior, found["shift"].default) == (Law("uniform", (-1.5, 0.5)), -0.25)
    assert found["depth"].condition == Every((Among("@1:algo.v2", ("fast-path", "1.5")), Among("iters", (10, 20))))
    assert draft.forbidden == [Every((Compare("@1:algo.v2", "==", "1.5"), Compare("iters", "==", 10)))]
    space = hpdsl.loads(from_text(OLD_ODDITIES, "pcs"))
    assert {k for c in space.sample(200) for k in c} == set(found)


def test_a_new_file_with_every_kind_of_condition() -> None:
    draft = read(NEW_ODDITIES)
    found = {p.name: p for p in draft.parameters}
    assert found["level"].prior == Listed(("low", "mid", "high", "top"), ordered=True)
    assert found["kind"].prior == Listed(("x", "y z"))
    assert found["size"].prior == Law("loguniform", (2, 4096), True)
    assert found["rate"].condition == Some(
        (
            Every((Compare("mode", "==", "slow"), Compare("level", ">", "low"))),
            Compare("size", "!=", 16),
        )
    )
    assert found["kind"].condition == Among("level", ("low", "top"), True)
    assert draft.forbidden[2] == Some((Text("extra * 2 + size / 4 > 100.5"), Text("rate ** 2 > 0.81")))
    space = hpdsl.loads(from_text(NEW_ODDITIES, "pcs"))
    for config in space.sample(500, seed=1):
        assert not (config["mode"] == "slow" and config["level"] == "top")
        assert ("kind" in config) == (config["level"] in ("mid", "high"))
        assert ("extra" in config) == (
            (config["mode"] == "quick" or config["level"] in ("low", "mid")) and config["size"] >= 8
        )
        assert "extra" not in config or config["size"] ** 0.5 >= config["extra"]
        assert "rate" not in config or not (config["size"] > 1000 and config["rate"] < 0.1)


def test_blocks_constants_and_merged_clauses_read_as_written_by_hand() -> None:
    assert from_text(SOLVER, "pcs") == (
        'restarts    ~ choice(luby, geometric, "none")  default luby\n'
        "`luby-base` ~ int loguniform(1, 1000)          default 32  when restarts == luby\n"
        "\n"
        "when restarts == geometric {\n"
        "  `geo-factor` ~ uniform(1.1, 2)          default 1.5\n"
        "  `geo-start`  ~ int loguniform(1, 1000)  default 100\n"
        "}\n"
        "\n"
        'version = "3.1"\n'
        "seed    = 7\n"
        "\n"
        'forbid restarts == "none" and `luby-base` == 5\n'
        "forbid restarts == geometric and `geo-start` in [1, 2]\n"
    )


def test_a_chain_of_conditions_nests_without_saying_anything_twice() -> None:
    text = from_text(CHAIN, "pcs")
    assert text.count("a == on") == text.count("b == on") == text.count("c == off") == 1
    for config in hpdsl.loads(text).sample(200):
        assert ("d" in config) == (config.get("c") == "off")
        assert ("c" in config) == (config.get("b") == "on")


def test_reserved_words_stay_names_and_values() -> None:
    space = hpdsl.loads(from_text(WORDS, "pcs"))
    for config in space.sample(200):
        assert config["none"] in ("None", "none", "1") and config["step"] in ("if", "unit")
        assert ("require" in config) == (config["if"] in ("when", "True"))
        assert space.is_valid(config)


def test_parameters_in_clauses_are_compared() -> None:
    text = "a integer [1, 9] [9]\nb real [0, 9] [1]\n{a < b}\n{5 < a && b > 3}\n"
    assert read(text).forbidden == [Relation("a", "<", "b"), Every((Compare("a", ">", 5), Compare("b", ">", 3)))]


def test_names_with_signs_are_whole_in_sums() -> None:
    text = "a-b real [0, 1] [0]\na real [0, 1] [0]\nb real [0, 1] [0]\n{a-b + a - b > 0.5}\n"
    assert read(text).forbidden == [Text("`a-b` + a - b > 0.5")]


WRONG = {
    "a {x, y [x]": "line 1: expected `name {values} [default]`",
    "a {} [x]": "line 1: expected values between the braces",
    "b [1, 2, 3] [1]": "line 1: expected `[low, high]`, found `[1, 2, 3]`",
    "c [5, 1] [1]": "line 1: the range is empty",
    "d [0, 1] [0.5]l": "line 1: the lower bound of a logarithmic",
    "e [0.5, 3] [1]i": "line 1: the bounds of an integer",
    "f categorical [1,2] [1]": "line 1: expected `{values}` after `categorical`",
    "g integer {1} [1]": "line 1: expected `[low, high]` after `integer`",
    "h [0,1] [0]x": "line 1: expected `i`, `l`, `il` or nothing",
    "h real [0,1] [0]il": "line 1: expected `log` or nothing",
    "h [0,one] [0]": "line 1: a bound must be a number, not `one`",
    "h [0,1e999] [0]": "line 1: a bound is too large",
    "a {x} [x]\n\na {y} [y]": "line 3: `a` stands in line 1 already",
    "hello world": "line 1: expected",
    "alpha {x,y} [x]\nb [0,1] [0]\nb | alhpa in {x}": "line 3: no parameter `alhpa`; did you mean `alpha`?",
    "a {x,y} [x]\nb | a in {x}": "line 2: no parameter `b`",
    "a {x,y} [x]\na |": "line 2: expected `child | parent in {values}`",
    "a {x,y} [x]\nb [0,1] [0]\nb | a is x": "line 3: expected one of `in == != < >`",
    "a {x,y} [x]\nb [0,1] [0]\nb | a in {}": "line 3: expected values after `a in`",
    "a {x,y} [x]\nb [0,1] [0]\nb | a == x &&": "line 3: expected a name or value, found `the end`",
    "a {x,y} [x]\nb [0,1] [0]\nb | (a == x": "line 3: expected `)`",
    "a [0,9] [0]i\nb [0,1] [0]\nb | a in {x}": "line 3: the value of `a` must be a number, not `x`",
    "a {x,y} [x]\n{a=x, b=1}": "line 2: no parameter `b`",
    "a {x,y} [x]\n{a}": "line 2: expected",
    "a {x,y} [x]\n{a=x": "line 2: expected `}`",
    "a {x,y} [x]\n{}": "line 2: expected `{name=value, …}`",
    "a real [0,1] [0]\n{sin(a) > 0.5}": "line 2: the function `sin` has no counterpart",
    "# nothing": "no parameters",
    "a {x,y} [x]\nb {x,y} [x]\na | b in {x}\nb | a in {x}": "the conditions go in a circle: `a` -> `b` -> `a`",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_with_its_line(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_text(text, "pcs")
    assert WRONG[text] in str(caught.value)


def test_all_wrong_lines_are_listed() -> None:
    with pytest.raises(UsageError) as caught:
        read("a {x} [x\nb [0, 1] [0]\nc [3, 1] [3]\nd | c in {1}\n")
    assert [line.split(":")[0] for line in str(caught.value).splitlines()[::2]] == ["line 1", "line 3", "line 4"]


def test_many_wrong_lines_are_counted() -> None:
    with pytest.raises(UsageError, match="… and 20 more lines"):
        read("nonsense\n" * 30)


def test_what_can_not_be_met_is_noted() -> None:
    text = "a {x, y, x} [z]\nb [0, 1] [2]\nc {p, q} [p]\nd [0, 1] [0]\nc | a in {w}\nd | b == 0.5\n"
    result = from_text(text, "pcs")
    assert result == (
        "# note: line 1: `a`: a value stands twice; it counts once\n"
        "# note: line 5: `a` never is `w`; the value counts as not met\n"
        "# note: `a`: the default z is none of its values; left out\n"
        "# note: `b`: the default 2 is none of its values; left out\n"
        "# note: `c` is never active; left out\n"
        "# note: `d` is never active; left out\n"
        "\n"
        "a ~ choice(x, y)\n"
        "b ~ uniform(0, 1)\n"
    )
