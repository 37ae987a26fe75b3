"""What diff says is what changed: each kind of change by example, and identities that agree with it."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spaces import SPACES

import hpdsl
from hpdsl.compiler import Compilation
from hpdsl.diff import Change, diff, differences
from hpdsl.errors import SpecError, UsageError
from hpdsl.semantics.identity import space_id
from hpdsl.semantics.model import Model
from hpdsl.source import Source


def model(text, name="new.hp", **given):
    return Compilation(Source(name, text), None, given).model


def told(old, new, **given):
    """(kind, path, old, new) of each difference."""
    found = differences(model(old, "old.hp", **given), model(new, **given))
    return [(c.kind, c.path, c.old, c.new) for c in found]


BASE = """
given n = 3
depth ~ int uniform(1, 3)
width[depth] ~ int loguniform(16, 1024)
targets ~ subset(q, k, v, size = 1 .. 2)
order ~ permutation(a, b, c)
cells[n] { op ~ choice(x, y: 2); z ~ uniform(0, 1) when op == y }
optim ~ choice {
  sgd: 2 { lr ~ loguniform(1e-3, 1) default 0.1 }
  adam { lr ~ loguniform(1e-5, 1e-2); b ~ uniform(0, 0.5) }
}
u ~ uniform(0, 1)
w ~ uniform(0, u)
mixed ~ choice(0: 2, uniform(0.1, 0.2))
flag ~ bool(0.3) when u > 0.5
s ~ normal(0, 1)
t ~ normal(0, 2)
correlate s, t = 0.5
big = u > 0.5
require w <= 0.9 and (optim == adam or u > 0.1) : "why"
minimize loss
fidelity epochs = 1 .. 27 by 3 cost epochs
subject to latency <= 40
try { u = 0.5 }
"""


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("uniform(0, 1)\nw", "uniform(0, 2)\nw", [("widened", "u", "uniform(0, 1)", "uniform(0, 2)")]),
        ("uniform(0, 1)\nw", "uniform(0.1, 1)\nw", [("narrowed", "u", "uniform(0, 1)", "uniform(0.1, 1)")]),
        ("uniform(0, 1)\nw", "uniform(0.1, 2)\nw", [("shifted", "u", "uniform(0, 1)", "uniform(0.1, 2)")]),
        ("uniform(0, 1)\nw", "beta(1, 2)\nw", [("prior", "u", "uniform(0, 1)", "beta(1, 2)")]),
        ("normal(0, 1)\nt", "normal(0, 3)\nt", [("prior", "s", "normal(0, 1)", "normal(0, 3)")]),
        ("uniform(0, u)", "uniform(0, 2 * u)", [("widened", "w", "uniform(0, u)", "uniform(0, 2 * u)")]),
        (
            "loguniform(16, 1024)",
            "loguniform(16, 64)",
            [("narrowed", "width[0 .. 2]", "int loguniform(16, 1024)", "int loguniform(16, 64)")],
        ),
        ("subset(q, k, v,", "subset(q, k, v, o,", [("labels added", "targets", "", "o")]),
        ("subset(q, k, v,", "subset(q, k,", [("labels removed", "targets", "v", "")]),
        (
            "subset(q, k, v, size = 1 .. 2)",
            "subset(q, k, v, size = 2)",
            [("prior", "targets", "subset(q, k, v, size = 1 .. 2)", "subset(q, k, v, size = 2)")],
        ),
        ("targets ~", "goals ~", [("moved", "goals", "targets", "goals")]),
        (
            "permutation(a, b, c)",
            "permutation(a, c, b)",
            [("labels reordered", "order", "permutation(a, b, c)", "permutation(a, c, b)")],
        ),
        ("permutation(a, b, c)", "permutation(a, b, c, d)", [("labels added", "order", "", "d")]),
        ("choice(x, y: 2)", "choice(x, y: 3)", [("weights", "cells[0 .. 2].op", "choice(x, y: 2)", "choice(x, y: 3)")]),
        ("choice(x, y: 2)", "choice(x, y: 2, z_: 7)", [("labels added", "cells[0 .. 2].op", "", "z_")]),
        (
            "cells[n]",
            "blocks[n]",
            [
                ("moved", "blocks[0 .. 2].op", "cells[*].op", "blocks[*].op"),
                ("moved", "blocks[0 .. 2].z", "cells[*].z", "blocks[*].z"),
            ],
        ),
        (
            "given n = 3",
            "given n = 4",
            [
                ("added", "cells[3].op", "", "choice(x, y: 2)"),
                ("added", "cells[3].z", "", "uniform(0, 1)"),
            ],
        ),
        (
            "choice {\n  sgd: 2",
            "choice {\n  sgd: 3",
            [("weights", "optim", "choice(sgd: 2, adam)", "choice(sgd: 3, adam)")],
        ),
        ("choice {\n  sgd", "choice {\n  rms; sgd", [("labels added", "optim", "", "rms")]),
        (
            "  adam { lr ~ loguniform(1e-5, 1e-2); b ~ uniform(0, 0.5) }",
            "  adam { lr ~ loguniform(1e-5, 1e-2) }",
            [("removed", "optim.adam.b", "uniform(0, 0.5)  when optim == adam", "")],
        ),
        (
            "b ~ uniform(0, 0.5) }\n}\n",
            "}\n}\nb ~ uniform(0, 0.5)\n",
            [("moved", "b", "optim.adam.b when optim == adam", "b always")],
        ),
        ("default 0.1", "default 0.2", [("default", "optim.sgd.lr", "0.1", "0.2")]),
        ("default 0.1", "", [("default", "optim.sgd.lr", "0.1", "")]),
        ("uniform(0.1, 0.2)", "uniform(0.1, 0.3)", [("widened", "mixed", "0.1 .. 0.2", "0.1 .. 0.3")]),
        (
            "uniform(0.1, 0.2)",
            "loguniform(0.1, 0.2)",
            [("prior", "mixed", "choice(0: 2, 0.1 .. 0.2)", "choice(0: 2, 0.1 .. 0.2)")],
        ),
        ("bool(0.3) when", "bool(0.4) when", [("weights", "flag", "bool(0.3)", "bool(0.4)")]),
        ("when u > 0.5", "when u > 0.6", [("guard", "flag", "when u > 0.5", "when u > 0.6")]),
        ("bool(0.3) when u > 0.5", "bool(0.3)", [("guard", "flag", "when u > 0.5", "always")]),
        ("flag ~ bool(0.3) when u > 0.5\n", "", [("removed", "flag", "bool(0.3)  when u > 0.5", "")]),
        (
            "big =",
            "new ~ choice(`a b`, 1, true, none) default `a b` when big\nbig =",
            [("added", "new", "", 'choice("a b", 1, true, none)  default "a b"  when big')],
        ),
        ("s, t = 0.5", "s, t = -0.25", [("correlation", "t", "correlate s, t = 0.5", "correlate s, t = -0.25")]),
        ("correlate s, t = 0.5\n", "", [("correlation", "t", "correlate s, t = 0.5", "")]),
        ("big = u > 0.5", "big = u > 0.7", [("derived", "big", "big = u > 0.5", "big = u > 0.7")]),
        ("big = u > 0.5", "huge = u > 0.5", [("moved", "huge", "big", "huge")]),
        (
            "w <= 0.9 and",
            "w <= 0.8 and",
            [
                (
                    "requirement changed",
                    "",
                    'require w <= 0.9 and (optim == adam or u > 0.1) : "why"',
                    'require w <= 0.8 and (optim == adam or u > 0.1) : "why"',
                )
            ],
        ),
        (
            "minimize loss",
            "require (s < 1 or t < 1)\nminimize loss",
            [("requirement added", "", "", "require (s < 1 or t < 1)")],
        ),
        ("minimize loss", "maximize loss", [("objective", "loss", "minimize loss", "maximize loss")]),
        (
            "minimize loss",
            "minimize cost",
            [("objective", "cost", "", "minimize cost"), ("objective", "loss", "minimize loss", "")],
        ),
        (
            "1 .. 27 by 3",
            "1 .. 81 by 3",
            [
                (
                    "fidelity",
                    "epochs",
                    "fidelity epochs = 1 .. 27 by 3 cost epochs",
                    "fidelity epochs = 1 .. 81 by 3 cost epochs",
                )
            ],
        ),
        ("<= 40", "< 40", [("outcome", "latency", "subject to latency <= 40", "subject to latency < 40")]),
        ("subject to latency <= 40\n", "", [("outcome", "latency", "subject to latency <= 40", "")]),
        ("{ u = 0.5 }", "{ u = 0.4 }", [("try", "", "try { u = 0.5 }", "try { u = 0.4 }")]),
        ("try { u = 0.5 }\n", "", [("try", "", "try { u = 0.5 }", "")]),
    ],
)
def test_one_change(was, now, expected):
    assert BASE.count(was) == 1
    assert told(BASE, BASE.replace(was, now)) == expected


def test_a_longer_array_is_its_new_elements():
    changes = told(BASE, BASE.replace("depth ~ int uniform(1, 3)", "depth ~ int uniform(1, 5)"))
    assert changes == [
        ("widened", "depth", "int uniform(1, 3)", "int uniform(1, 5)"),
        ("added", "width[3 .. 4]", "", "int loguniform(16, 1024)"),
    ]


def test_an_ordered_array_that_grows_keeps_its_prior():
    text = "n ~ int uniform(1, 3)\nx[n] ~ decreasing int uniform(1, 99)\n"
    kinds = [kind for kind, *_ in told(text, text.replace("(1, 3)", "(1, 4)"))]
    assert kinds == ["widened", "added"]
    assert [kind for kind, *_ in told(text, text.replace("decreasing", "increasing"))] == ["prior"]


def test_a_renamed_parameter_takes_what_reads_it_along():
    renamed = re.sub(r"\bu\b", "v", BASE)
    assert told(BASE, renamed) == [("moved", "v", "u", "v")]
    renamed = BASE.replace("\ns ~", "\na ~").replace("correlate s", "correlate a")
    assert told(BASE, renamed) == [("moved", "a", "s", "a")]


def test_a_rename_is_not_guessed_among_equals():
    assert told("a ~ bool()\nb ~ bool()\n", "c ~ bool()\nd ~ bool()\n") == [
        ("added", "c", "", "bool()"),
        ("added", "d", "", "bool()"),
        ("removed", "a", "bool()", ""),
        ("removed", "b", "bool()", ""),
    ]


def test_a_value_that_becomes_a_parameter():
    assert told("x ~ uniform(0, 1)\ny = 2 * x\n", "x ~ uniform(0, 1)\ny ~ uniform(0, 2)\n") == [
        ("prior", "y", "y = 2 * x", "uniform(0, 2)")
    ]


def test_kinds_of_values():
    assert told("x ~ uniform(1, 4)\n", "x ~ int uniform(1, 4)\n") == [
        ("prior", "x", "uniform(1, 4)", "int uniform(1, 4)")
    ]
    assert told("x ~ choice(a, b)\n", "x ~ ordinal(a, b)\n") == [("prior", "x", "choice(a, b)", "ordinal(a, b)")]
    assert told("x ~ choice(1, 2)\n", "x ~ int uniform(1, 2)\n") == [
        ("prior", "x", "choice(1, 2)", "int uniform(1, 2)")
    ]


def test_the_same_words_with_another_input():
    text = "given n = 3\nx ~ uniform(0, n)\ny ~ normal(n, 1)\nrequire x < n - 1\n"
    assert told(text, text.replace("= 3", "= 4")) == [
        ("widened", "x", "uniform(0, n), which is 0 .. 3", "uniform(0, n), which is 0 .. 4"),
        ("prior", "y", "normal(n, 1), which is -inf .. inf", "normal(n, 1), which is -inf .. inf"),
        ("requirement changed", "", "require x < n - 1, which is x < 2", "require x < n - 1, which is x < 3"),
    ]


def test_weights():
    assert told("x ~ choice(a, b)\n", "x ~ choice(a: 2, b: 2)\n") == [
        ("weights", "x", "choice(a, b)", "choice(a: 2, b: 2)")
    ]
    # A new alternative leaves the proportions of the others as they are, or not.
    assert told("x ~ choice(a, b: 2)\n", "x ~ choice(a: 2, b: 4, c)\n") == [("labels added", "x", "", "c")]
    assert [kind for kind, *_ in told("x ~ choice(a, b: 2)\n", "x ~ choice(a: 2, b: 2, c)\n")] == [
        "labels added",
        "weights",
    ]
    assert told("x ~ choice(0, uniform(1, 2))\n", "x ~ choice(0, uniform(1, 3): 2)\n") == [
        ("widened", "x", "1 .. 2", "1 .. 3"),
        ("weights", "x", "choice(0, 1 .. 2)", "choice(0, 1 .. 3: 2)"),
    ]
    assert told("p ~ uniform(0.1, 0.9)\nx ~ choice(a: p, b)\n", "p ~ uniform(0.1, 0.9)\nx ~ choice(a: 1 - p, b)\n") == [
        ("weights", "x", "choice(a: p, b)", "choice(a: 1 - p, b)")
    ]


def test_guards_in_words():
    base = "k ~ choice(a, b)\nx ~ uniform(0, 4)\ny ~ int uniform(1, 3)\nf ~ bool()\n"
    for guard in (
        "k == a and x > 2",
        "not (k == b) or f",
        "x * (y + 1) - 2 ** -y <= x / y % 2",
        "active(k) and abs(x) // 2 < 1",
        "(x if f else y) < 2",
        "min(x, y) < 2 and (f or x > 3)",
    ):
        ((kind, _, was, now),) = told(base + "z ~ bool()\n", base + f"z ~ bool() when {guard}\n")
        assert (kind, was) == ("guard", "always")
        # The words are an expression again, with the same meaning.
        again = base + f"z ~ bool() {now}\n"
        assert space_id(model(base + f"z ~ bool() when {guard}\n")) == space_id(model(again)), now


def test_words_leave_comments_out():
    old = "x ~ choice(0, # off\n  uniform(1, 2)) # why\nz = 'a # b' if x > 1 else \"c\"\n"
    assert told(old, "y ~ bool()\n")[1:] == [
        ("removed", "x", "choice(0, 1 .. 2)", ""),
        ("removed", "z", "z = 'a # b' if x > 1 else \"c\"", ""),
    ]
    assert told("q ~ bool()\n", "q ~ bool()\nx ~ uniform( # low\n  0, 1)\n")[0][3] == "uniform( 0, 1)"


def test_places_are_lines_of_each_file():
    old, new = "\n\nx ~ uniform(0, 1)\n", "x ~ uniform(0, 2)\n"
    (change,) = differences(model(old, "old.hp"), model(new))
    assert (str(change.old_place), str(change.new_place)) == ("old.hp:3", "new.hp:1")
    assert str(change) == "x: widened\n  - uniform(0, 1)  (old.hp:3)\n  + uniform(0, 2)  (new.hp:1)"
    assert json.loads(json.dumps(change.as_dict()))["new_place"] == {"file": "new.hp", "line": 1}
    assert not change.experiment


def test_places_in_imported_files(tmp_path):
    (tmp_path / "part.hp").write_text("\nspace part { x ~ uniform(0, 1) }\n")
    (tmp_path / "a.hp").write_text('import "part.hp" as p\ng { use p.part }\n')
    (tmp_path / "b.hp").write_text("g { x ~ uniform(0, 2) }\n")
    (change,) = diff(hpdsl.load(tmp_path / "a.hp"), hpdsl.load(tmp_path / "b.hp"))
    assert (change.kind, change.path) == ("widened", "g.x")
    assert str(change.old_place).endswith("part.hp:2")


def test_spaces_are_compared_not_paths():
    space = hpdsl.loads("x ~ bool()\n")
    assert diff(space, space) == []
    with pytest.raises(UsageError, match="not str; use load"):
        diff(space, "x ~ bool()")
    assert isinstance(diff(space, hpdsl.loads("y ~ uniform(0, 1)\n"))[0], Change)


# ---- identities -------------------------------------------------------------------------------------

OPPOSITE = {
    "widened": "narrowed",
    "narrowed": "widened",
    "added": "removed",
    "removed": "added",
    "labels added": "labels removed",
    "labels removed": "labels added",
    "requirement added": "requirement removed",
    "requirement removed": "requirement added",
}
TEXTS = [BASE, *SPACES.values()]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_space_does_not_differ_from_itself(text):
    assert told(text, text) == []
    commented = "## doc\n" + text.replace("\n", "  # c\n")
    assert told(text, commented) == []


@given(st.sampled_from(list(SPACES.values())), st.randoms(use_true_random=False))
def test_order_makes_no_difference(text, random):
    depth, sentences = 0, [""]
    for line in text.strip().splitlines():
        sentences[-1] += line + "\n"
        depth += line.count("{") - line.count("}")
        if depth == 0:
            sentences.append("")
    random.shuffle(sentences)
    assert told(text, "".join(sentences)) == []


def changed_number(text, place, factor):
    found = list(re.finditer(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])", text))
    at = found[int(place * len(found))] if found else None
    return text if at is None else f"{text[: at.start()]}{float(at[0]) * factor:g}{text[at.end() :]}"


@given(st.sampled_from(TEXTS), st.floats(0, 1, exclude_max=True), st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_whatever_changes_the_identity_is_named(text, place, factor):
    changed = changed_number(text, place, factor)
    try:
        old, new = model(text), model(changed)
    except SpecError:
        return
    there, back = differences(old, new), differences(new, old)
    kinds = [c.kind for c in there if not c.experiment]
    assert "other" not in kinds
    if space_id(old) != space_id(new):
        assert kinds
    else:
        assert set(kinds) <= {"correlation"}
    assert sorted(OPPOSITE.get(c.kind, c.kind) for c in there) == sorted(c.kind for c in back)


def test_a_difference_without_a_name_is_not_passed_over(monkeypatch):
    monkeypatch.setattr("hpdsl.diff.compare.space_id", lambda m: f"{id(m):x}" if isinstance(m, Model) else "")
    assert [kind for kind, *_ in told("x ~ bool()\n", "x ~ bool()\n")] == ["other"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "s ~ subset(a, b, c)", ("added", "s", "", "subset(a, b, c)")),
        ("s ~ subset(a, b, c)", "", ("removed", "s", "subset(a, b, c)", "")),
        ("s ~ subset(a, b)", "s ~ subset(b, a)", ("labels reordered", "s", "subset(a, b)", "subset(b, a)")),
        ("s ~ subset(a, b)", "s ~ subset(a, b) default [b]", ("default", "s", "", "[b]")),
        ("p ~ permutation(a, b)", "p ~ permutation(a, b) default [b, a]", ("default", "p", "", "[b, a]")),
        ("s ~ subset(a, b)", "s ~ subset(a, b) when flag", ("guard", "s", "always", "when flag")),
    ],
)
def test_subsets_and_permutations_as_a_whole(old, new, expected):
    assert told(f"flag ~ bool()\n{old}\n", f"flag ~ bool()\n{new}\n") == [expected]
