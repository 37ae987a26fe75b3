"""A help line that is pasted in makes its error go away.

Every finding of the golden files and of the error pages is followed: the code in its help line is put where a reader
would put it, or what it says in words is done, and the finding must be gone without a new error or a lost parameter.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from docs.pairs import PAGES, named
from docs.pasting import cured, reduced

from hpdsl.compiler import check_text
from hpdsl.source import Source

TESTS = Path(__file__).parents[1]

# Help lines that can only describe, by what they say.
DESCRIBING = {
    r"or take out what is too much$": "nothing is known of what was meant",
    r"^sentences are: ": "nothing is known of what was meant",
    r"^put `(default|unit|step)` after the prior of its sentence": "the sentence it belongs to is not there",
    r"^write it as ~ prior in ": "shows the order with the names of the parts",
    r"^put \{ … \} around what it guards": "what it guards is the reader's to say",
    r"file\.hp|path such as|copy the file|put what they share": "needs a file",
    r"^move it to the top of the file, and `use`": "needs a file",
    r"^name (the inner|its) parts|^split |^split it": "the parts have no names yet",
    r"^correct these first": "stands for the errors above it",
    r"^`else \{ … \}` follows": "the `when` it belongs to is not there",
    r"^break the circle": "which of them gives way is the reader's to say",
    r"^change the expression so that|^divide by something": "any other expression will do",
    r"^(start above|end below) \S+, or use a smaller step": "the bound is one of several things to change",
    r"^relax one of them|^change a `default`|^change its values|^choose a value within": "a choice of the reader's",
    r"^set the parameters it follows from": "needs the expression solved",
    r"^set its members, as in |^give all \d+ of them": "any values will do",
    r"^labels have no order|^use a number, or turn|^compare values of one kind": "what is meant is open",
    r"^use it behind `in`": "what is meant is open",
    r"on both sides": "either side may be the one to change",
    r"^`\w+` is a prior: give it a name": "asks for two edits",
    r"^only a sum of independent": "asks for two edits",
    r"^bound the law with constants, or order": "asks for two edits",
    r"^use numbers only": "which of the two is meant is open",
    r"^fine if that is meant; if not, write a prior": "nothing is wrong if that is meant",
    r"^declare it after the `use` sentence": "asks for two edits",
    r"^give it a number, or drop the range": "any number will do",
    r"^name it once|^put them under the same `when`|^correlate numbers": "which parameter is meant is open",
    r"^widen the range, or shorten": "either will do",
    r"^narrow the ranges that it speaks about; where": "which of them is the reader's to say",
    r"^give one item a weight": "which one is the reader's to say",
}
# Findings of golden files whose help is right, and leads to the next thing that is wrong there.
LEADING_ON = {
    ("hp003_unclosed_text.hp", 1): "the quotation mark that is missing is the one before",
    ("hp003_unclosed_text.hp", 2): "the quoted name is declared nowhere",
    ("hp004_numbers.hp", 4): "the product names what is declared nowhere",
    ("hp004_numbers.hp", 5): "the product names what is declared nowhere",
    ("hp007_unopened.hp", 2): "the other bracket is the wrong one",
    ("hp010_comparison.hp", 2): "compares a continuous parameter for equality",
    ("hp010_comparison.hp", 3): "compares a continuous parameter for equality",
    ("hp010_comparison.hp", 4): "compares a continuous parameter for equality",
    ("hp010_comparison.hp", 5): "always holds",
    ("hp010_foreign.hp", 1): "all the names in it are declared nowhere",
    ("hp010_foreign.hp", 6): "all the names in it are declared nowhere",
}


def described(d):
    return any(re.search(pattern, d.help) for pattern in DESCRIBING)


def texts():
    for path in sorted(TESTS.glob("*/golden/*.hp")):
        yield path.name, path.read_bytes().decode(), path.parent
    for name, spec, _ in named("Wrong"):
        yield name, spec, TESTS / "docs"


def followed():
    """(test id, text, file name, folder, finding) of every finding whose help line can be followed."""
    for name, text, folder in texts():
        found = check_text(Source(name, text), folder)
        cut = any(d.code == "HP019" for d in found)  # the list of errors ends early, so a cure shows the next
        for d in found:
            if not described(d) and (name, d.line) not in LEADING_ON and not cut:
                yield pytest.param(text, name, folder, d, id=f"{d.code}-{name}-{d.line}:{d.column}")


FOLLOWED = list(followed())


@pytest.mark.parametrize(("text", "name", "folder", "d"), FOLLOWED)
def test_help_line_pasted_in_cures(text, name, folder, d):
    assert cured(text, name, folder, d) or cured(*_alone(text, name, folder, d)), d.help


def _alone(text, name, folder, d):
    less, same = reduced(text, name, folder, d)
    return less, name, folder, same


def test_help_lines_that_only_describe_are_few_and_listed():
    """No pattern is left over, and codes that are never followed are the ones listed here."""
    every = [d for name, text, folder in texts() for d in check_text(Source(name, text), folder)]
    assert not [p for p in DESCRIBING if not any(re.search(p, d.help) for d in every)]
    shown = {(name, d.line) for name, text, folder in texts() for d in check_text(Source(name, text), folder)}
    assert not LEADING_ON.keys() - shown
    never = {path.stem for path in PAGES} - {p.values[3].code for p in FOLLOWED}
    assert never == {
        "HP017",  # the parts of a deep expression have no names yet
        "HP018",  # a file this large isn't kept
        "HP019",  # stands for the errors above it
        "HP023",  # which of a circle gives way is the reader's to say
        "HP038",  # which default changes is the reader's to say
        "HP047",  # nothing is wrong if that is meant
    }


@pytest.mark.parametrize("help_line", ["write `p`", "declare it with `~`", "write `require x < 1`", "move it"])
def test_what_does_not_help_is_noticed(help_line):
    """The proof can fail: a help line about something else cures nothing."""
    text = "x ~ uniform(0, 1)\ny = q + x\n"
    (d,) = check_text(Source("x.hp", text))
    assert cured(text, "x.hp", None, replace(d, help="write `x`"))
    assert cured(text, "x.hp", None, replace(d, help=help_line)) is None
