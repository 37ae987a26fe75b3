"""Expressions: precedence, associativity, literals, spans."""

import pytest
from syntax.reading import codes, one, read, shown, value

from hpdsl.syntax import nodes


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("-a ** 2", "(- (a ** 2))"),
        ("2 ** -1 ** 2", "(2 ** (- (1 ** 2)))"),
        ("a // b % c / d", "(((a // b) % c) / d)"),
        ("-3", "(- 3)"),
        ("+x - -y", "((+ x) - (- y))"),
        ("a => b => c", "(a => (b => c))"),
        ("not a == b and c or d", "(((not (a == b)) and c) or d)"),
        ("a < b <= c != d", "(a < b <= c != d)"),
        ("a in [1, 2] and b not in c", "((a in [1, 2]) and (b not in c))"),
        ("a in 0 .. n - 1 and b", "((a in <0 .. (n - 1)>) and b)"),
        ("a in 0 .. and b", "((a in <0 .. >) and b)"),
        ("a in .. 5", "(a in < .. 5>)"),
        ("a if c else b if d else e", "(a if c else (b if d else e))"),
        ("a or b if c or d else e", "((a or b) if (c or d) else e)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("f(x, 2 .. 3, p = 4)", "f(x, <2 .. 3>, p = 4)"),
        ("a.b.c[0] + `svm:gamma`.x", "(a/b/c[0] + svm:gamma/x)"),
        ("layer[0].act", "layer/act[0]"),
        ("grid[1][2].b", "grid/b[1][2]"),
        ("[]", "[]"),
        ("[a, b,]", "[a, b]"),
        ("true", "True"),
        ("none", "None"),
        ("'one'", "'one'"),
        (r'"a\"b\\c\n"', repr('a"b\\c\n')),
    ],
)
def test_trees(text, tree):
    assert value(text) == tree


def test_long_chains_are_balanced():
    tree = one("x = " + " or ".join(f"a{i}" for i in range(1000))).value

    def height(node):
        return 1 + max(height(node.left), height(node.right)) if isinstance(node, nodes.Binary) else 0

    def leaves(node):
        return [*leaves(node.left), *leaves(node.right)] if isinstance(node, nodes.Binary) else [node.text]

    assert height(tree) == 10
    assert leaves(tree) == [f"a{i}" for i in range(1000)]


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("0.5", 0.5), ("2e3", 2000.0), ("1.5e-4", 1.5e-4), ("007", 7)])
def test_numbers(text, number):
    literal = one("x = " + text).value
    assert literal.value == number
    assert type(literal.value) is type(number)


def test_integers_are_exact():
    assert one("x = 9007199254740993").value.value == 9007199254740993


def test_largest_numbers():
    assert one("x = 1.7e308").value.value == 1.7e308
    assert codes("x = 1.8e308") == ["HP005"]
    assert codes("x = 1" + "0" * 308) == []
    assert codes("x = " + "9" * 5000) == ["HP005"]


def test_ranges_against_decimal_points():
    assert value("f(1..8)") == "f(<1 .. 8>)"
    assert value("f(1.5..8.5)") == "f(<1.5 .. 8.5>)"
    assert value("f(..8)") == "f(< .. 8>)"
    assert value("f(1..)") == "f(<1 .. >)"


def test_spans_cover_the_text():
    text = "y = f(a, 2) + `b c`[1] * (3 - x.y) if not q else [1, 2]"
    seen = []

    def walk(node):
        seen.append(text[node.span.start : node.span.end])
        for child in vars(node).values():
            for c in child if isinstance(child, tuple) else (child,):
                if hasattr(c, "span"):
                    walk(c)

    walk(one(text))
    for part in ("f(a, 2)", "`b c`[1]", "`b c`", "x.y", "not q", "[1, 2]", "(3 - x.y)", text):
        assert part in seen


def test_words_are_names_where_they_can_be():
    file = read("step ~ uniform(0, 1)\nunit = step * by + cost\nby = 1\ncost = 2\nrequire default > index")
    assert [getattr(s, "name", None) for s in file.sentences] == ["step", "unit", "by", "cost", None]
    assert shown(file.sentences[1].value) == "((step * by) + cost)"


@pytest.mark.parametrize("word", ["require", "forbid", "when", "given", "try", "use", "in", "and", "not", "if", "int"])
def test_reserved_words_before_a_sign_are_names(word):
    file = read(f"{word} ~ uniform(0, 1)\ny = `{word}` + 1")
    assert file.sentences[0].name == word
    assert shown(file.sentences[1].value) == f"({word} + 1)"


@pytest.mark.parametrize("word", ["true", "false", "none"])
def test_constants_are_never_names(word):
    assert codes(f"{word} = 3") == ["HP015"]
