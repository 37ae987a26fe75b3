"""Contradictions are told with the sentences that make them, moved marginals with the parameters they move."""

import pytest

import hpdsl
from hpdsl.compiler import Compilation
from hpdsl.constraints.lowering import lower
from hpdsl.constraints.report import describe
from hpdsl.semantics.report import CONTRADICTION, MARGINAL_MOVED
from hpdsl.source import Source


def told(text):
    """The findings about a text, with the lines they point to, first the primary one."""
    result = []
    for d in Compilation(Source("x.hp", text)).diagnostics:
        lines = [d.line, *(d.source.position(label.span.start)[0] for label in d.labels)]
        result.append((d.code, d.severity, d.message, d.note, lines))
    return result


BITS = "".join(f"x{i} ~ bool(0.5)\n" for i in range(5))
UNIFORMS = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\n"
DIGITS = "n ~ int uniform(0, 9)\nm ~ int uniform(0, 9)\n"
# Texts, and the lines that contradict each other: the primary one first.
CONTRADICTIONS = {
    "all labels": ("v ~ choice(a, b)\nforbid v in [a, b]\n", [2]),
    "too few values": ("".join(f"{x} ~ int uniform(1, 2)\n" for x in "abc") + "require distinct([a, b, c])\n", [4]),
    "odd circle": (
        BITS + "require x0 or x3\nrequire x0 != x1\nrequire x1 != x2\nrequire x2 != x0\nforbid x3 and x4\n",
        [9, 7, 8],
    ),
    "parity": (
        DIGITS + "require n % 2 == 0\nrequire m == n + 1\nrequire m % 2 == 0\nrequire n > 1\n",
        [5, 3, 4],
    ),
    "with a real number": (
        UNIFORMS + "k ~ choice(u, v)\nrequire k == u => a > 0.7\nrequire k == v => a > 0.8\nrequire a < 0.6\n",
        [6, 4, 5],
    ),
    "order": (
        UNIFORMS + "c ~ normal(0, 1)\nd ~ uniform(0, 1)\nrequire a < b\nrequire d < a\nrequire b <= c\nrequire c < a\n",
        [8, 5, 7],
    ),
    "itself": ("x ~ uniform(0, 1)\nforbid x <= x\n", [2]),
    "itself, counted": ("x ~ int uniform(0, 3)\nforbid x <= x\n", [2]),
    "product": (UNIFORMS + "require a * b > 0.9\nrequire a < 0.5\n", [4, 3]),
}


@pytest.mark.parametrize("name", sorted(CONTRADICTIONS))
def test_contradictions_name_their_sentences(name):
    text, lines = CONTRADICTIONS[name]
    ((code, severity, _, _, found),) = told(text)
    assert (code, severity) == (CONTRADICTION, "error")
    assert found == lines


def test_circles_are_spelled_out():
    ((_, _, message, note, _),) = told(CONTRADICTIONS["order"][0])
    assert message == "these sentences go round in a circle"
    assert note == "a < b < c < a"


@pytest.mark.parametrize(
    "text",
    [
        "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire a <= b\nrequire a <= a\n",
        "k ~ bool(0.5)\nx ~ uniform(0, 1) when k\ny ~ uniform(0, 1) when k\nrequire x < y\nrequire y < x\n",
        "x ~ normal(0, 1)\nk ~ bool(0.5)\nrequire x > 45 or k\nforbid k\n",
    ],
)
def test_what_can_hold_is_not_a_contradiction(text):
    assert not any(code == CONTRADICTION for code, *_ in told(text))


def test_long_contradictions_are_cut_short():
    text = "".join(f"x{i} ~ bool(0.5)\n" for i in range(60))
    text += "".join(f"require x{i} != x{(i + 1) % 59}\n" for i in range(59))
    ((_, _, _, note, lines),) = told(text)
    assert len(lines) == 13
    assert note == "this leaves nothing (46 more sentences take part)"


def test_far_moved_marginals_are_a_hint():
    text = "n ~ int uniform(1, 6)\n" + "".join(f"k{i} ~ uniform(0, 1) when {i} < n\n" for i in range(6))
    found = told(text + "require decreasing([" + ", ".join(f"k{i}" for i in range(6)) + "])\n")
    ((code, severity, message, note, lines),) = found
    assert (code, severity) == (MARGINAL_MOVED, "warning")
    assert message == "requirements move the distribution of `n` far from its prior"
    # One over n! against one over six.
    weights = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720]
    distance = 0.5 * sum(abs(w / sum(weights) - 1 / 6) for w in weights)
    assert note == f"total variation {distance:.2f} for `n`"
    assert lines == [1, 8]


@pytest.mark.parametrize(
    "text",
    [
        "n ~ int uniform(1, 6)\nm ~ int uniform(1, 6)\nforbid n == m\n",
        "x ~ uniform(0, 1)\nrequire x < 0.01\n",  # continuous: that is what truncation is for
    ],
)
def test_little_moves_are_no_hint(text):
    assert told(text) == []


def test_hints_come_from_simulation_where_counting_does_not_reach():
    text = "k ~ choice(u, v)\na ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire k == u or a * b > 0.7\n"
    ((code, _, _, _, _),) = told(text)
    assert code == MARGINAL_MOVED


def test_descriptions_tell_the_strategy():
    text = UNIFORMS + "require a < b\nc ~ int uniform(1, 4)\nd ~ uniform(0, 1)\nrequire d < 1 / c\nrequire c < 4\n"
    model = Compilation(Source("x.hp", text)).model
    lines = describe(model, lower(model))
    assert lines[0] == "3 requirements in 2 components"
    assert lines[1:3] == ["  a, b", "    drawn by order statistics; 50 % of the prior accepted, no draw refused"]
    assert "    drawn by truncation, counting; 45.8 % of the prior accepted, no draw refused" in lines
    # c has 1/4 each before; 6/11, 3/11, 2/11, 0 after.
    assert "    marginals moved by (total variation): c 0.32" in lines


def test_a_single_point_of_a_continuous_law_is_no_configuration():
    for text in (
        "x ~ uniform(0, 1)\nrequire x <= 0\n",
        "x ~ triangular(0, 0.5, 2)\nn ~ int uniform(0, 3)\ny ~ uniform(0, 1)\nrequire x <= n < y\n",
    ):
        with pytest.raises(hpdsl.SpecError, match="HP030"):
            hpdsl.loads(text)
