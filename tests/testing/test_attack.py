"""Attacks on claims: planted violations are found and shown small, what holds is said to hold and how surely."""

import random
import re
import sys
from pathlib import Path

import pytest

import hpdsl
from hpdsl.compiler import Compilation
from hpdsl.source import Source
from hpdsl.testing.attack import attacks, claims_of

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from attacks import FAMILIES

# Its modules share names with folders of the tests.
sys.path.pop()


def deferred(text, **given):
    return Compilation(Source("space.hp", text), None, given, defer=True).space


def verdict(text, tries=2000, seed=0):
    (found,) = attacks(deferred(text), tries, seed)
    return found


# ---- violations of measure 1e-10 ---------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(3))
def test_planted_violations_are_found(family, seed):
    space = deferred(FAMILIES[family](random.Random(f"{family} {seed}")))
    (found,) = attacks(space)
    assert found.outcome == "refuted"
    # Random configurations would have shown it with a chance of 2e-7.
    (claim,) = next(iter(claims_of(space).values()))
    assert claim.verdict != "proved"


def test_what_is_shown_does_refute():
    text = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nassert not (abs(x * y - 0.2) < 1e-9 and x > y)\n"
    found = verdict(text)
    values = dict(part.split(" = ") for part in found.detail.removeprefix("refuted: ").split(" and "))
    x, y = float(values["x"]), float(values["y"])
    assert abs(x * y - 0.2) < 1e-9
    assert x > y


# ---- what is shown -----------------------------------------------------------------------------------


def test_a_report_reads_like_a_diagnostic():
    text = (
        "rank  ~ pow2(4, 256)   default 16\nscale ~ uniform(0.25, 8)\ndepth ~ int uniform(1, 4)\n"
        'alpha = rank * scale\nassert alpha < 2048   : "fits the adapter"\n'
    )
    found = verdict(text)
    assert found.detail == "refuted: rank = 256 and scale = 8 and alpha = 2048"
    assert found.report.splitlines() == [
        "error[HP058]: this does not always hold: fits the adapter",
        " --> space.hp:5:1",
        " 1 | rank  ~ pow2(4, 256)   default 16",
        "   |         ------------ rank = 256",
        " 2 | scale ~ uniform(0.25, 8)",
        "   |         ---------------- scale = 8",
        ' 5 | assert alpha < 2048   : "fits the adapter"',
        "   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ false when alpha = 2048",
        "   = help: narrow the ranges it speaks about, or, if it should be made to hold, write "
        '`require alpha < 2048 : "fits the adapter"`',
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # what doesn't matter stays at its default, and what can go back to it does
        ("x ~ uniform(0, 1) default 0.25\ny ~ uniform(0, 1)\nassert x + y < 1.2\n", "x = 0.25 and y = 1"),
        # behind a derived value stand the parameters it follows from, but for those at a written default
        (
            "a ~ int uniform(1, 9) default 2\nb ~ int uniform(1, 9)\nc ~ int uniform(1, 9)\nd = a * b * c\n"
            "assert d != 2 * 5 * 7\n",
            "b = 5 and c = 7 and d = 70",
        ),
        # values in few digits
        ("x ~ uniform(0, 1)\nassert not (0.314150 < x and x < 0.314158)\n", "x = 0.314157"),
        ("x ~ uniform(0, 1)\nassert not (0.31415 < x and x < 0.31416)\n", "x = 0.314159"),
        ("x ~ choice(0, loguniform(1e-6, 1))\nassert not (0.123 < x and x < 0.12301)\n", "x = 0.123001"),
        # on a diagonal the others follow when one goes back to its default
        (
            "a ~ loguniform(1e-6, 1)   default 0.001\nb ~ loguniform(1e-6, 1)\nassert abs(log(a * b) + 9) > 1e-6\n",
            "a = 0.001 and b = 0.1234097",
        ),
        # the branches that lead there
        (
            "opt ~ choice { sgd { m ~ choice { plain\nnesterov { mu ~ uniform(0, 1) } } }\nadam }\n"
            "assert opt.m.mu < 0.999999\n",
            "opt = sgd and opt.m = nesterov and opt.m.mu = 1",
        ),
        # lists as lists, labels as labels
        ("n ~ int uniform(1, 3)\nw[n] ~ uniform(0, 1)\nassert sum(w) < 2.99\n", "n = 3 and w = [1, 1, 1]"),
        ("p ~ permutation(a, b, c)\nassert not (p[0] == c and p[1] == b)\n", "p = [c, b, a]"),
        # no longer than they have to be, whatever the elements were that refuted first
        ("n ~ int uniform(1, 3)\nx[n] ~ uniform(0, 1)\nassert max(x) < 0.9\n", "n = 1 and x = [1]"),
        ("n ~ int uniform(1, 5)\nx[n] ~ uniform(0, 1)\nassert max(x) - min(x) < 0.9\n", "n = 2 and x = [0, 1]"),
        ("n ~ int uniform(0, 5)\nx[n] ~ int uniform(1, 100)\nassert sum(x) < 150\n", "n = 2 and x = [100, 50]"),
        ("n ~ int uniform(1, 8)\nx[n] ~ uniform(0, 1)\nassert sum(x) < 2.5\n", "n = 3 and x = [1, 1, 0.5]"),
        (
            "k ~ choice { a { n ~ int uniform(1, 3); x[n] ~ uniform(0, 1) }, b }\nassert max(k.x) < 0.9\n",
            "k = a and k.n = 1 and k.x = [1]",
        ),
        ("n ~ int uniform(1, 3)  default 3\nx[n] ~ uniform(0, 1)\nassert max(x) < 0.9\n", "x = [0.5, 0.5, 1]"),
        ("n ~ int uniform(1, 500)\nx ~ bool()\nassert n < 123 or not x\n", "n = 250 and x = true"),
        ("n ~ int uniform(1, 500)  default 9\nassert n < 123 or n > 490\n", "n = 123"),
        # members that nothing asks for are left out
        ('s ~ subset(a, b, c, d, e, f, size = 2 .. 6)\nassert not "c" in s\n', "s = [c, f]"),
        ('s ~ subset(a, b, c, d, e, f, size = 3 .. 6)\nassert not ("e" in s and "f" in s)\n', "s = [a, e, f]"),
        ('s ~ subset(a, b, c, d, e)\nassert not ("b" in s and "d" in s)\n', "s = [b, d]"),
        (
            's ~ subset(a, b, c, d, e, f)  default [a, b, c]\nassert not ("a" in s and "e" in s)\n',
            "s = [a, b, c, e]",
        ),
        ("s ~ subset(a, b, c, size = 1 .. 3)\nassert len(s) < 3\n", "s = [a, b, c]"),
        ("k ~ choice(a, b)\nq ~ bool(0.5)\nassert not (k == b and q)\n", "k = b and q = true"),
    ],
)
def test_the_smallest_counterexample(text, shown):
    assert verdict(text).detail == f"refuted: {shown}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # what the base leaves inactive has its default as soon as it is there
        (
            "k ~ choice { a { x ~ uniform(0, 1)  default 0.3; y ~ int uniform(1, 9)  default 4 }, b }  default b\n"
            "assert k.x + k.y < 9\n",
            "k = a and k.x = 0.3 and k.y = 9",
        ),
        (
            "n ~ int uniform(0, 3)  default 0\nf[n] ~ uniform(0, 1)  default 0.3\nassert len(f) < 2 or f[1] < 0.9\n",
            "n = 2 and f = [0.3, 1]",
        ),
        (
            "n ~ int uniform(0, 3)  default 0\nf[n] ~ uniform(0, 1)  default 0.3\nassert not (0 < sum(f) < 0.7)\n",
            "n = 1 and f = [0.3]",
        ),
    ],
)
def test_what_is_not_active_at_first_has_its_default(text, shown):
    assert verdict(text).detail == f"refuted: {shown}"


@pytest.mark.parametrize(
    "text",
    [
        "n ~ int uniform(0, 3)\nf[n] ~ uniform(0, 1)\nassert sum(f) > 0\n",
        "f ~ subset(a, b, c)\nassert len(f) > 0\n",
        'f ~ subset(a, b, c)  default [a]\nassert "a" in f or "b" in f or "c" in f\n',
    ],
)
def test_empty_lists_are_shown(text):
    found = verdict(text)
    assert "f = []" in found.detail
    assert " false when f = []" in found.report


def test_what_makes_all_inactive_is_shown_even_where_it_is_a_default():
    found = verdict("n ~ int uniform(0, 9)  default 2\nx ~ uniform(0, 1) when n != 2\nassert active(x)\n")
    assert found.detail == "refuted: n = 2"
    assert " false when n = 2" in found.report


def test_many_values_are_cut():
    lines = [f"x{k} ~ uniform(0, 1)" for k in range(20)]
    found = verdict("\n".join([*lines, f"assert {' + '.join(f'x{k}' for k in range(20))} < 19.99", ""]))
    assert found.detail.endswith("x10 = 1 and x11 = 1 and 8 more")
    assert found.report.count(" = 1\n") == 12


def test_the_same_seed_gives_the_same_text():
    text = FAMILIES["diagonals"](random.Random(5))
    first, again = verdict(text, seed=3), verdict(text, seed=3)
    assert first.outcome == "refuted"
    assert first == again
    held = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nassert (x - y) ** 2 <= x ** 2 + y ** 2\n"
    assert verdict(held, 50, 7) == verdict(held, 50, 7)


# ---- what is not refuted -----------------------------------------------------------------------------


def test_what_intervals_prove_is_proved():
    assert verdict("x ~ uniform(0, 1)\nassert 2 * x <= 2\n").outcome == "proved"


def test_a_true_claim_is_held_with_the_bound_of_its_tries():
    text = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nassert (x - y) ** 2 <= x ** 2 + y ** 2\n"
    found = verdict(text, 500)
    assert found.outcome == "held"
    # Without a failure in n tries the share of failures is below 3.0 / n, at 95 %.
    assert found.detail.startswith("held in 500 random configurations (it fails in less than 0.6 %, at 95 %) and in ")
    assert found.report == ""


def test_the_bound_counts_only_what_a_claim_speaks_about():
    text = (
        "k ~ choice(a: 9, b)\nx ~ uniform(0.1, 1) when k == b\ny ~ uniform(0.1, 1)\nassert (x - y) ** 2 <= max(x, y)\n"
    )
    found = verdict(text)
    assert found.outcome == "held"
    rows = deferred(text).sample(2000, seed=0)
    reached = int(rows.active["x"].sum())
    assert f"held in {reached:,} of 2,000 random configurations" in found.detail
    assert f"less than {299.57 / reached:.2g} %" in found.detail


def test_a_claim_about_what_is_never_active_together_is_no_claim():
    text = "k ~ choice(a, b)\nx ~ uniform(0, 1) when k == a\ny ~ uniform(0, 1) when k == b\nassert x + y < 0.5\n"
    found = verdict(text, 200)
    assert found.outcome == "skipped"
    assert "speaks about none of 200 random configurations" in found.detail


def test_what_requirements_exclude_refutes_nothing():
    text = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire x * y <= 0.25\nassert x * y < 0.2500001\n"
    assert verdict(text, 200).outcome == "held"


def test_undefined_arithmetic_refutes():
    found = verdict("x ~ uniform(-1, 1)\nassert 1 / (x - 0.25) < 1e300 or x < 2 * x - 0.25 or x > 2 * x - 0.25\n")
    assert found.detail == "refuted: x = 0.25, where it divides by 0"
    assert "undefined when x = 0.25: it divides by 0" in found.report


@pytest.mark.parametrize(
    ("claim", "undefined"),
    [
        ("1 / (x - 0.5) != 7", "x = 0.5: it divides by 0"),
        ("7 // (x - 0.5) != 7", "x = 0.5: it divides by 0"),
        ("log(x) < 7", "x = 0: it takes the logarithm of 0"),
        ("sqrt(x - 0.25) < 7", "x = 0: it takes the square root of -0.25"),
        ("(x - 0.5) ** 0.5 < 7", "x = 0: it raises -0.5 to 0.5"),
        ("x ** -1 != 7", "x = 0: it raises 0 to -1"),
        ("exp(800 * x) > 0", "x = 1: its exponential passes 1.8e+308, the largest number"),
        ("10 ** (400 * x) > 0", "x = 1: its power passes 1.8e+308, the largest number"),
        ("1e308 * (1 + x) > 0", "x = 1: its product passes 1.8e+308, the largest number"),
    ],
)
def test_undefined_is_told_from_false(claim, undefined):
    text = f"x ~ uniform(0, 1)   default 0.75\nassert {claim}\n"
    report = verdict(text).report
    assert f"undefined when {undefined}" in report
    assert "false" not in report
    with pytest.raises(hpdsl.SpecError, match=f"undefined when {re.escape(undefined)}") as caught:
        hpdsl.loads(text)
    assert "false" not in str(caught.value)


def test_a_space_without_feasible_configurations_is_skipped():
    text = (
        "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nz ~ uniform(0, 1)\n"
        "require abs(x * y * z - 0.2) < 1e-14 and abs(x - y * z) < 1e-14\nassert x < 0.9\n"
    )
    found = verdict(text, 20)
    assert found.outcome == "skipped"
    assert "no feasible configuration" in found.detail


# ---- names -------------------------------------------------------------------------------------------


def test_claims_are_named_by_their_line():
    space = deferred("x ~ uniform(0, 1)\nassert x < 0.5; assert x > 0.5\n\nassert x != 7\n")
    assert list(claims_of(space)) == ["assert@2:1", "assert@2:17", "assert@4"]


def test_a_sentence_that_holds_for_each_element_is_one_claim():
    text = "layers[3] {\n  width ~ int uniform(1, 100)\n  assert width * (index + 1) < 300\n}\n"
    space = deferred(text)
    ((name, claims),) = claims_of(space).items()
    assert (name, len(claims)) == ("assert@3", 3)
    (found,) = attacks(space)
    assert found.outcome == "refuted"


def test_claims_of_imported_files_name_their_file(tmp_path):
    (tmp_path / "common.hp").write_text("lr ~ uniform(0, 1)\nassert lr < 0.5\n")
    path = tmp_path / "space.hp"
    path.write_text('import "common.hp" as common\nuse common\nassert lr < 0.7\n')
    space = Compilation(Source(str(path), path.read_text()), tmp_path, defer=True).space
    verdicts = {v.name: v for v in attacks(space)}
    assert list(verdicts) == ["assert@3", "assert@common.hp:2"]
    assert " --> common.hp:2:1" in verdicts["assert@common.hp:2"].report
