"""One style: golden pairs, and for any spacing of any sentence the same tree, the same comments, and a fixed point."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spaces import SPACES

from hpdsl.errors import SpecError
from hpdsl.source import Source
from hpdsl.syntax import format_layout, format_rows, format_sentences, formatter
from hpdsl.syntax.findings import Findings
from hpdsl.syntax.formatter import FormatError, equal, format_source
from hpdsl.syntax.parser import parse
from hpdsl.syntax.tables import language

FOLDER = Path(__file__).parent / "format"
FILES = sorted(p for p in FOLDER.glob("*.hp") if not p.name.endswith(".out.hp"))
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.hp"))
TEXTS = [*SPACES.values(), *(p.read_text() for p in [*FILES, *EXAMPLES])]

# What a gap between two tokens may become, wherever the text can still be read.
GAPS = ["", " ", "   ", "\t", "\n", "\n\n\n", "\r\n", ";", ";\n", ",", "  # c\n", "\n# own\n", "\n\n## doc\n"]
GAPS += ["  ## doc\n", "; # c\n", "; ## doc\n", ", # c\n", "\n#a\n\n#b\n"]


def fmt(text):
    return format_source(Source("test.hp", text))


def readable(text):
    return not any(d.severity == "error" for d in parse(Source("test.hp", text))[1])


def tokens(text):
    return language().parser.lexer.scan(text, Findings(Source("test.hp", text)))


def comments(text):
    """All comments, found by the tokens between which they stand."""
    found, position = [], 0
    for token in [*tokens(text), None]:
        gap = text[position : token.start if token else len(text)]
        if "#" in gap:
            found.append(gap[gap.index("#") :].rstrip())
        if token is not None:
            if token.type == "DOC":
                found.append(text[token.start : token.end].rstrip())
            position = token.end
    return found


def check_laws(text):
    once = fmt(text)
    assert fmt(once) == once
    assert equal(parse(Source("a", text))[0], parse(Source("b", once))[0])
    assert comments(once) == comments(text)
    assert not any(line != line.rstrip() for line in once.split("\n"))
    assert "\n\n\n" not in once
    assert once == "" or (once.endswith("\n") and once[0] not in " \n" and not once.endswith("\n\n"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_files_as_shown(path):
    expected = path.with_suffix(".out.hp")
    text = fmt(path.read_text())
    if os.environ.get("HPDSL_UPDATE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_laws_hold_as_written(text):
    check_laws(text)


def respaced(text, edits):
    """The text with gaps replaced, where it stays readable."""
    for place, before, gap in edits:
        found = tokens(text)
        if not found:
            break
        token = found[int(place * len(found))]
        at, end = (token.start, token.start) if before else (token.end, token.end)
        if token.type in ("NEWLINE", "BLANK") and before:
            end = token.end
        changed = text[:at] + gap + text[end:]
        if readable(changed):
            text = changed
    return text


EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.booleans(), st.sampled_from(GAPS)), min_size=1, max_size=6
)


@given(st.sampled_from(TEXTS), EDITS)
@settings(max_examples=400, deadline=None)
def test_laws_hold_however_it_is_spaced(text, edits):
    check_laws(respaced(text, edits))


@pytest.mark.parametrize("width", [1, 12, 30, 60])
def test_laws_hold_at_any_width(width, monkeypatch):
    for module in (format_layout, format_rows, format_sentences):
        monkeypatch.setattr(module, "WIDTH", width)
    for text in TEXTS:
        check_laws(text)


@given(
    st.sampled_from([t for t in TEXTS if "#" not in t]), st.lists(st.sampled_from([" ", "\t", "  \t "]), min_size=40)
)
@settings(max_examples=60, deadline=None)
def test_blanks_between_tokens_do_not_matter(text, blanks):
    parts, position = [], 0
    for k, token in enumerate(tokens(text)):
        # A new blank before every token, none before the end of a line.
        ends_line = token.type in ("NEWLINE", "BLANK")
        parts += ["" if ends_line else blanks[k % len(blanks)], text[token.start : token.end]]
        position = token.end
    assert fmt("".join(parts) + text[position:]) == fmt(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\t\n\r\n", ""),
        ("\ufeff\r\nx = 1\r\n\r\n\r\n\ty = 2  # c\t x \r\n", "x = 1\n\ny = 2  # c\t x\n"),
        ("x = 1", "x = 1\n"),
        ("# only this", "# only this\n"),
        (";;x = 1;\n;", "x = 1\n"),
    ],
)
def test_ends_of_lines_and_files(text, expected):
    assert fmt(text) == expected


def test_limits_are_no_obstacle():
    check_laws("x = " + "(1 + " * 98 + "1" + ")" * 98)
    check_laws("".join("g {\n" for _ in range(99)) + "x ~ bool()" + "}" * 99)
    check_laws("".join("c ~ choice { a { " for _ in range(49)) + "x ~ bool()" + " } }" * 49)
    check_laws("when a { x = 1 } " + "else when a { x = 1 } " * 90)


def test_errors_are_raised_with_every_finding():
    with pytest.raises(SpecError) as caught:
        fmt("x ~ unifrom(0 1)\ny = \nz = 1\n")
    assert [d.line for d in caught.value.diagnostics] == [1, 2]


@pytest.mark.parametrize("text", ["x = 2  # c\n", "x = 1\n", "x = 1  # d\n", "x = 1 +  # c\n", "y = 1  # c\n"])
def test_a_text_that_says_something_else_is_never_returned(text, monkeypatch):
    monkeypatch.setattr(formatter, "_formatted", lambda source: (text, ["# c"]))
    with pytest.raises(FormatError, match="would change what the file says"):
        fmt("x = 1  # c\n")


def test_trees_are_compared_in_full():
    def tree(text):
        return parse(Source("t", text))[0]

    assert equal(tree("x ~ bool()"), tree("\n x~bool ( )"))
    for other in ("x ~ bool(1)", "x ~ bool() default 1", "## d\nx ~ bool()", "x = bool()", "x ~ bool(); y = 1", ""):
        assert not equal(tree("x ~ bool()"), tree(other))
    assert not equal(tree("x = 1"), tree("x = 1.0"))
    assert not equal(tree("x = 1"), tree("x = true"))
