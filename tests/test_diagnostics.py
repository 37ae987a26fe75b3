"""How findings are shown."""

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hpdsl.diagnostics import Diagnostic, Label, counted, render, suggest, summary
from hpdsl.source import Source, Span


def find(source, part, after=0):
    start = source.text.index(part, after)
    return Span(start, start + len(part))


def finding(text, part, note="", severity="error", help="", labels=()):
    source = Source("a.hp", text)
    marks = tuple(Label(find(source, p), t) for p, t in labels)
    return Diagnostic("HP099", severity, "what is wrong", source, find(source, part), note, marks, help)


def lines(d):
    return render([d]).splitlines()


def test_the_whole_form():
    text = "\n" * 13 + "first ~ int uniform(0, n_layers)\n\n\nlast  ~ int uniform(first, n_layers - 1)\n"
    source = Source("lora.hp", text)
    d = Diagnostic(
        "HP021",
        "error",
        "the upper bound can fall below the lower bound",
        source,
        find(source, "int uniform(first, n_layers - 1)"),
        "when first = 32 the range 32 .. 31 is empty",
        (Label(find(source, "n_layers"), "`first` reaches 32 here"),),
        "stop `first` one earlier: int uniform(0, n_layers - 1)",
    )
    assert render([d]) == (
        "error[HP021]: the upper bound can fall below the lower bound\n"
        "  --> lora.hp:17:9\n"
        " 14 | first ~ int uniform(0, n_layers)\n"
        "    |                        -------- `first` reaches 32 here\n"
        " 17 | last  ~ int uniform(first, n_layers - 1)\n"
        "    |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ when first = 32 the range 32 .. 31 is empty\n"
        "    = help: stop `first` one earlier: int uniform(0, n_layers - 1)"
    )


def test_several_findings_have_a_blank_line_between():
    d = finding("x", "x", severity="warning")
    assert render([d, d]) == render([d]) + "\n\n" + render([d])
    assert render([]) == ""


def test_marks_on_one_line_stand_below_each_other():
    d = finding("y = a + b", "b", "second", labels=[("a", "first"), ("y", "")])
    assert lines(d)[2:] == [
        " 1 | y = a + b",
        "   | -",
        "   |     - first",
        "   |         ^ second",
    ]


def test_numbers_of_different_width_are_aligned():
    d = finding("a\n" + "\n" * 98 + "b\n", "b", labels=[("a", "here")])
    assert lines(d)[1:] == [
        "   --> a.hp:100:1",
        "   1 | a",
        "     | - here",
        " 100 | b",
        "     | ^",
    ]


def test_of_several_lines_the_first_is_marked():
    d = finding("when x {   \n  y = 1\n}", "x {   \n  y", "all of it")
    assert lines(d)[2:] == [" 1 | when x {", "   |      ^^^ all of it"]


def test_an_empty_span_has_one_caret():
    source = Source("a.hp", "x =\n")
    d = Diagnostic("HP099", "error", "m", source, Span(3, 3), "here")
    assert lines(d)[2:] == [" 1 | x =", "   |    ^ here"]


@pytest.mark.parametrize("text", ["", "x", "x\n", "\n"])
def test_the_end_of_a_text(text):
    d = Diagnostic("HP099", "error", "m", Source("a.hp", text), Span(len(text), len(text)))
    assert lines(d)[-1].endswith("^")


def test_tabs_become_blanks():
    assert lines(finding("\tx\t= 1", "= 1"))[2:] == [" 1 |     x   = 1", "   |         ^^^"]


def test_wide_and_combining_characters():
    assert lines(finding('x = "漢字" + y', "y"))[3] == "   |              ^"
    assert lines(finding('x = "e\u0301" + y', "y"))[3] == "   |           ^"
    assert lines(finding('x = "漢字"', "漢"))[3] == "   |      ^^"


def test_a_carriage_return_and_a_byte_order_mark_do_not_show():
    assert lines(finding("\ufeffx = 1\r\n", "x = 1\r"))[2:] == [" 1 | x = 1", "   | ^^^^^"]


def test_controls_never_reach_the_terminal():
    source = Source("a\x1b.hp", 'x = "\x1b[31m\u202e"')
    d = Diagnostic("HP099", "error", "m\x1b\n", source, Span(0, 1), "n\x07", (), "h\x00\nsecond\x1b")
    shown = render([d])
    assert not {c for c in shown if unicodedata.category(c) == "Cc"} - {"\n"}
    assert "\u202e" not in shown
    assert shown.endswith("= help: h\ufffd\n           second\ufffd")


def test_long_lines_are_cut_around_the_mark():
    text = "x = [" + ", ".join(f"item{i:04}" for i in range(200)) + "]"
    _, _, shown, mark = lines(finding(text, "item0100", "this one"))
    assert shown.startswith(" 1 | …")
    assert shown.endswith("…")
    assert len(shown) == 5 + 100
    assert shown[mark.index("^") :].startswith("item0100")
    assert mark.count("^") == 8


def test_a_long_line_is_shown_again_for_a_distant_mark():
    text = "x = [" + ", ".join(f"item{i:04}" for i in range(200)) + "]"
    shown = lines(finding(text, "item0190", "one", labels=[("item0002", "two"), ("item0004", "three")]))[2:]
    assert [line.split(" ")[-1] for line in shown[1:3]] == ["two", "three"]
    assert shown[3].startswith(" 1 | …")
    assert shown[4].endswith("^ one")


def test_a_mark_longer_than_the_line_shown_is_cut():
    _, _, shown, mark = lines(finding("x = " + "y" * 500, "y" * 500))
    assert len(shown) == 5 + 100
    assert len(mark) == len(shown) - 1  # not under the ellipsis


def test_color():
    d = finding("x = a + b", "b", "note", help="do this", labels=[("a", "label")])
    colored = render([d], color=True)
    assert colored.startswith("\x1b[1;31merror[HP099]\x1b[0m")
    plain = colored
    for code in ("\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"):
        plain = plain.replace(code, "")
    assert plain == render([d])


@given(st.text(max_size=150), st.integers(0, 150), st.integers(0, 30), st.text(max_size=5))
@example("a" * 99 + "漢漢漢", 101, 1, "")
@example("漢" * 80, 60, 3, "x")
def test_rendering_never_fails(text, start, length, note):
    start = min(start, len(text))
    span = Span(start, min(start + length, len(text)))
    d = Diagnostic("HP099", "error", note, Source("a.hp", text), span, note, (Label(span, note),), note)
    assert "^" in render([d])


def test_what_is_counted_is_named():
    assert [counted(n, "row") for n in (0, 1, 2, 2000)] == ["0 rows", "1 row", "2 rows", "2,000 rows"]
    assert [counted(n, "directed try") for n in (1, 3)] == ["1 directed try", "3 directed tries"]


def test_summary():
    e, w = finding("x", "x"), finding("x", "x", severity="warning")
    assert summary([]) == "no errors"
    assert summary([e]) == "1 error"
    assert summary([w, w]) == "2 warnings"
    assert summary([e, w, e]) == "2 errors, 1 warning"


def test_suggest():
    assert suggest("lrate", ["rate", "lr", "rates"]) == "rate"
    assert suggest("LR", ["l", "lr"]) == "lr"
    assert suggest("momentum", ["lr", "depth"]) is None
    assert suggest("x", []) is None


def test_as_dict():
    d = finding("x = 1\ny = a", "a", "note", labels=[("x", "label")], help="help")
    data = d.as_dict()
    assert json.loads(json.dumps(data)) == {
        "code": "HP099",
        "severity": "error",
        "message": "what is wrong",
        "file": "a.hp",
        "line": 2,
        "column": 5,
        "end_line": 2,
        "end_column": 6,
        "note": "note",
        "labels": [{"line": 1, "column": 1, "end_line": 1, "end_column": 2, "text": "label"}],
        "help": "help",
    }
