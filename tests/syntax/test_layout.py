"""Newlines, brackets, documentation, and the characters between tokens."""

import pytest
from syntax.reading import codes, one, read, shown

from hpdsl.source import Source
from hpdsl.syntax.parser import parse


def names(text):
    return [s.name for s in read(text).sentences]


@pytest.mark.parametrize(
    "text",
    [
        "x ~ uniform(0, 1)\n  default 0.5",
        "x ~ uniform(0, 1)\n\n  # why\n  default 0.5\n",
        "x ~ uniform(0,\n  1)",
        "x ~ normal(0, 1)\n  in 0 .. 1\n  step 0.5\n  unit s",
        "x = a\n  + b\n  - c",
        "x = a\n  if b\n  else c",
        "x = a in 1\n  .. 3",
        "x = a\n  not in [b]",
        "x ~ choice(a,\n  b\n  , c)",
        "x ~ choice {\n\n  a\n\n  b\n\n}",
        "x = [\n  1,\n  2\n]",
        "; x = 1 ;; \n;",
    ],
)
def test_one_sentence(text):
    assert names(text) == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\ny = 2",
        "x = 1; y = 2",
        "x = 1\r\ny = 2\r\n",
        "\ufeffx = 1\ny = 2",
        "x = 1\n\tdefault ~ bool()\n".replace("default", "y"),
        "x ~ normal(0, 1) in 0 ..\ny = 2",
    ],
)
def test_two_sentences(text):
    assert names(text) == ["x", "y"]


def test_continuing_words_can_be_declared():
    assert names("x = 1\nstep ~ bool()\nin = 3\nunit = 2") == ["x", "step", "in", "unit"]


def test_semicolon_always_ends_a_sentence():
    assert codes("x ~ uniform(0, 1); default 3") == ["HP012"]


def test_message_and_implication_on_the_next_line():
    assert one('require a\n  => b\n  : "why"').message == "why"


def test_when_at_the_start_of_a_line_opens_a_block():
    assert codes("x ~ bool()\nwhen y { z = 1 }") == []
    assert codes("x ~ bool()\n  when y") == ["HP008"]


def test_comma_at_the_end_of_a_line_continues():
    assert len(read("correlate a,\n  b = 0.5\nx = 1").sentences) == 2


# ---- documentation ----------------------------------------------------------------------------------


def test_documentation():
    file = read(
        "## Head,\n## two lines.\n\n"
        "## of x\n# no doc\n## still x\nx ~ bool()\n"
        "## of nobody\n\n"
        "y = 1  ## of y\n"
        "### a banner\n"
        "## before\nz ~ choice(a,\n  b)  ## after\n"
        "u ~ choice { ## of u\n  ## inside\n  a { k ~ bool()  ## of k\n }\n}\n"
    )
    assert file.doc == "Head,\ntwo lines."
    assert [s.doc for s in file.sentences] == ["of x\nstill x", "of y", "before\nafter", "of u"]
    assert file.sentences[3].prior.branches[0].body[0].doc == "of k"


def test_file_that_is_only_documentation():
    assert read("## a\n## b").doc == "a\nb"


def test_documentation_directly_above_belongs_to_the_sentence():
    file = read("## of x\nx = 1")
    assert (file.doc, file.sentences[0].doc) == ("", "of x")


# ---- characters -------------------------------------------------------------------------------------


def test_hash_in_a_string_is_no_comment():
    assert shown(one('x = "a # b" # c').value) == "'a # b'"


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x0b", "\r", "\x7f", "\u202e", "\u2028", "\ud800"])
@pytest.mark.parametrize("text", ["x = {}1", "x = 1 # {}", 'x = "{}"', "x = 1{}\n"])
def test_controls_are_reported_wherever_they_stand(text, character):
    if character == "\r" and text.endswith("\n"):
        return  # an ordinary end of a line
    text = text.format(character)
    file, (finding,) = parse(Source("c.hp", text))
    assert finding.code == "HP002"
    assert text[finding.span.start : finding.span.end] == character
    assert len(file.sentences) == 1


def test_misspelt_tokens_are_read_as_what_was_meant():
    file, found = parse(Source("m.hp", "require a && !b || c ≤ .5 \u00a0and größe == “x”"))
    assert len(found) == 8
    expected = '(((a and (not b)) or ((c <= 0.5) and (größe == "x"))))'.replace('"', "'")[1:-1]
    assert shown(file.sentences[0].condition) == expected
