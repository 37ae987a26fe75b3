"""After an error: what is kept, what is lost, and that one slip makes one finding."""

import pytest
from syntax.reading import codes

from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.parser import MAX_LENGTH, parse


def parsed(text):
    return parse(Source("r.hp", text))


def test_the_other_sentences_are_kept():
    file, found = parsed("x ~ uniform(0, 1)\ny ~ 3 + z\nw = x")
    assert [s.name for s in file.sentences] == ["x", "w"]
    assert file.lost_names == {"y", "z"}
    assert len(found) == 1


def test_errors_inside_a_block_leave_the_block():
    file, found = parsed("when a {\n  x ~ 3\n  y = 1\n}\nz = 2")
    assert len(found) == 1
    when, z = file.sentences
    assert [s.name for s in when.body] == ["y"]
    assert z.name == "z"


def test_a_faulty_header_loses_the_block_but_not_its_errors():
    file, found = parsed("when a = 1 {\n  x ~ 3\n  y = 1\n} else {\n  q ~ 4\n}\nz = 2")
    assert [d.code for d in found] == ["HP010", "HP011", "HP011"]
    assert [s.name for s in file.sentences] == ["z"]
    assert {"x", "y", "q"} <= file.lost_names


def test_a_faulty_branch_keeps_its_label():
    file, found = parsed("u ~ choice {\n  a: { x = 1 }\n  b: 2 3\n  c\n}")
    assert len(found) == 2
    (union,) = file.sentences
    assert [(b.label, len(b.body)) for b in union.prior.branches] == [("a", 1), ("b", 0), ("c", 0)]


def test_a_block_emptied_by_losses_makes_no_second_error():
    file, found = parsed("when w {\n  try { 3 }\n}\nu ~ choice { 3 }\nz = 1")
    assert [d.code for d in found] == ["HP001", "HP001"]
    assert file.sentences[-1].name == "z"


def test_lost_sentences_inside_blocks_are_left_out():
    file, _ = parsed("u ~ choice {\n  a {\n    when x = 1 { y = 1 }\n    z = 1\n  }\n}")
    (branch,) = file.sentences[0].prior.branches
    assert [s.name for s in branch.body] == ["z"]


def test_unclosed_block_at_the_end_of_the_file():
    file, found = parsed("x = 1\nwhen x {\n  y = 1\n  when x {\n    z ~ 3\n  }\n")
    assert [d.code for d in found] == ["HP006", "HP011"]
    assert [s.name for s in file.sentences] == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        "x ~ uniform(0, 1\ny = 2\nz = 3",
        "x ~ uniform(0, 1 default 0.5\ny = 2\nz = 3",
        "x ~ uniform(0,\ny = 2\nz = 3".replace("y =", "y ~ bool()\nq ="),
        'x ~ choice("a, b)\ny = 2\nz = 3',
        "x = [1, 2)\ny = 2\nz = 3",
        "x = 1)\ny = 2\nz = 3",
        "x = 1\n}\ny = 2\nz = 3",
    ],
)
def test_one_wrong_bracket_is_one_finding(text):
    file, found = parsed(text)
    assert len(found) == 1
    assert file.sentences[-1].name == "z"
    assert len(file.sentences) >= 2


def test_no_more_than_twenty_errors():
    _, found = parsed("x ~ 3\n" * 50)
    assert [d.code for d in found] == ["HP011"] * 20 + ["HP019"]


# ---- limits -----------------------------------------------------------------------------------------


def test_depth():
    assert codes("x = " + "(" * 100 + "1" + ")" * 100) == []
    assert codes("x = " + "(" * 101 + "1" + ")" * 101) == ["HP017"]
    assert codes("when x { " * 100 + "y = 1" + " }" * 100) == []
    assert codes("when x { " * 101 + "y = 1" + " }" * 101) == ["HP017"]
    assert codes("when x { } " + "else when x { } " * 101) == ["HP017"]


@pytest.mark.parametrize("chain", ["1 + ", "-", "not ", "2 ** ", "a if b else ", "f(0) + ", "a => "])
def test_depth_of_expressions(chain):
    assert codes(f"x = {chain * 95}1") == []
    file, found = parsed(f"x = {chain * 4000}1\ny = 2")
    assert [d.code for d in found] == ["HP017"]
    assert [s.name for s in file.sentences] == ["y"]


def test_many_operands_are_not_deep():
    assert codes("require " + " and ".join(["x < 1"] * 2000)) == []
    assert codes("x = sum([" + ", ".join(["1"] * 5000) + "])") == []


def test_size():
    assert codes("#" * MAX_LENGTH) == []
    file, found = parsed("#" * (MAX_LENGTH + 1))
    assert [d.code for d in found] == ["HP018"]
    assert file == nodes.File((), "", file.span)


def test_number_of_sentences():
    assert codes("x=1\n" * 20_001) == ["HP018"]
