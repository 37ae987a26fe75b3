"""Every broken spec is reported with the code of the rule it breaks, at a place inside the text."""

from pathlib import Path
from string import Template

import pytest
from hypothesis import find, given, settings

from hpdsl.compiler import check_text
from hpdsl.source import Source
from hpdsl.testing import broken_specs
from hpdsl.testing.generator import MISTAKES

PAGES = Path(__file__).parents[2] / "docs" / "errors"
EVERY = [(code, k) for code, mistakes in MISTAKES.items() for k in range(len(mistakes))]


def reported(text):
    found = check_text(Source("<broken>", text))
    for d in found:
        assert 0 <= d.span.start <= d.span.end <= len(text)
        for label in d.labels:
            assert 0 <= label.span.start <= label.span.end <= len(text)
    return {d.code for d in found}


@pytest.mark.parametrize(("code", "k"), EVERY, ids=[f"{code}-{k}" for code, k in EVERY])
def test_each_mistake_breaks_its_rule(code, k):
    for n in range(2, 10):
        text = Template(MISTAKES[code][k]).substitute(x="wrong", y="other", z="third", n=n)
        assert code in reported(text + "\n"), text


@settings(max_examples=400)
@given(broken_specs())
def test_mistakes_are_found_among_other_sentences(broken):
    text, code = broken
    assert code in reported(text)


def test_every_rule_can_be_broken():
    assert {p.stem for p in PAGES.glob("HP*.md")} - set(MISTAKES) == {"HP018"}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("HP013", "wrong ~ choice()\n"),
        ("HP031", "wrong ~ uniform(0, 1)\nrequire wrong < 2\n"),
        ("HP044", "minimize wrong\nmaximize wrong\n"),
    ],
)
def test_shrinks_to_the_mistake_alone(code, text):
    assert find(broken_specs(), lambda broken: broken.code == code).text == text
