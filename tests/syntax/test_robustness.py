"""Whatever the text: `parse` never raises, positions lie inside the text, and findings can be rendered."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hpdsl.diagnostics import render
from hpdsl.source import Source
from hpdsl.syntax.findings import MAX_ERRORS
from hpdsl.syntax.parser import parse

PLAIN = """
x y lr optim adam 0 1 0.5 1e-4 1e400 .5 1. "text" 'text' "open `q.x` ` ~ = == != < <= > >= => .. , ; : . ( ) [ ] { } + -
* / // % ** # ## uniform loguniform choice choice( choice{ int step in default unit when else if require forbid assert
minimize maximize try given fidelity by cost correlate space use import as subject to until and or not true false none
True increasing decreasing && || ! & | ^ := -> ... ≤ “a” λ $ ?
"""
WORDS = [*PLAIN.split(), "\n", "\n", "\r\n", "\t", "\u00a0", "\x00", "\ufeff"]
SENTENCES = (
    "x ~ uniform(0, 1) default 0.5",
    "y = 2 * x unit ms",
    'require x < y : "why"',
    "optim ~ choice { adam: 3 { lr ~ loguniform(1e-5, 1) } sgd }",
    "z ~ choice(a: 2, 0, int uniform(1, 4), uniform(0, 1) in 0 .. 1)",
    "when x > 0 {\n  a ~ bool()\n} else {\n  b ~ bool()\n}",
    "try { x = 1, optim.lr = 0.1 }",
    "minimize loss",
    "given n in 1 .. 3 = 2",
)


def well_behaved(text: str) -> None:
    source = Source("random.hp", text)
    file, findings = parse(source)
    assert len(findings) <= 2 * MAX_ERRORS + 1
    for finding in findings:
        for span in (finding.span, *(label.span for label in finding.labels)):
            assert 0 <= span.start <= span.end <= len(text)
        assert finding.message
    render(findings)
    for sentence in file.sentences:
        assert 0 <= sentence.span.start < sentence.span.end <= len(text)
    if any(d.severity == "error" for d in findings):
        return
    # Without findings nothing is lost.
    assert not file.lost_names


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@example("choice { } choice {")
@example("x ~ choice {\n a { y ~ }\n }")
@example("when x { when y { z ~ } }")
@example("}{")
@example("v ~.5")
@settings(max_examples=300)
def test_any_sequence_of_words(text):
    well_behaved(text)


@given(st.data())
@settings(max_examples=300)
def test_damaged_sentences(data):
    lines = data.draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6))
    text = "\n".join(lines)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 3)))
        text = text[:start] + data.draw(st.sampled_from(["", *WORDS])) + text[end:]
    well_behaved(text)


@given(st.text(max_size=60))
def test_any_text(text):
    well_behaved(text)


@given(st.lists(st.sampled_from(SENTENCES), max_size=8))
def test_sentences_stand_in_any_order(lines):
    file, findings = parse(Source("s.hp", "\n".join(lines)))
    assert not findings
    assert len(file.sentences) == len(lines)
