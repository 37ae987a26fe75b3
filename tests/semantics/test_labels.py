"""Choices compared with choices, labels looked up in subsets, names that several branches have."""

import pytest

import hpdsl


def rows(text, n=300):
    return list(hpdsl.loads(text).sample(n, seed=0))


def test_choices_with_the_same_alternatives_are_compared():
    found = rows("a ~ choice(x, y, z)\nb ~ choice(x, y, z)\nsame = a == b\n")
    assert {c["same"] for c in found} == {True, False}
    assert all(c["same"] == (c["a"] == c["b"]) for c in found)


def test_choices_that_share_some_alternatives_are_compared_by_label():
    found = rows("a ~ choice(x, y, z)\nb ~ choice(w, z, y)\nsame = a == b\n")
    assert {(c["a"], c["b"]) for c in found if c["same"]} == {("y", "y"), ("z", "z")}
    assert all(c["same"] == (c["a"] == c["b"]) for c in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a ~ choice(x, y)\nb ~ choice(u, v)\nsame = a == b\n", "have no alternative in common"),
        (
            "a ~ choice(x, uniform(0, 1))\nb ~ choice(y, x, uniform(0, 1))\nrequire a == b\n",
            "two choices with ranges and different alternatives can't be compared",
        ),
    ],
)
def test_choices_that_cannot_be_compared_are_refused(text, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(text)


def test_a_label_is_looked_up_in_a_subset():
    found = rows("s ~ subset(q, k, v)\na ~ choice(q, v, other)\nthere = a in s\n")
    assert {c["there"] for c in found} == {True, False}
    assert all(c["there"] == (c["a"] in c["s"]) for c in found)


def test_a_number_is_looked_up_in_a_subset():
    found = rows("s ~ subset(1, 2, 4)\nk ~ int uniform(1, 5)\nthere = k in s\n")
    assert {c["there"] for c in found} == {True, False}
    assert all(c["there"] == (c["k"] in c["s"]) for c in found)


def test_each_value_of_a_subset_is_looked_up_by_itself():
    space = hpdsl.loads("s ~ subset(3, 1, 2)\none = 1 in s\ntwo = 2 in s\nthree = 3 in s\n")
    for s in ([1], [3, 2], [2, 1]):
        found = space.complete({"s": s})
        assert [found["one"], found["two"], found["three"]] == [k in s for k in (1, 2, 3)]


def test_a_label_may_stand_on_either_side():
    found = rows("a ~ choice(x, y)\nfirst = x == a\nother = x != a\n")
    assert {c["first"] for c in found} == {True, False}
    assert all(c["first"] == (c["a"] == "x") == (not c["other"]) for c in found)


@pytest.mark.parametrize("test", ["x == a", "a == x", "x != a", "x in [a]", "a in [x]", "a in [2, x]"])
def test_a_label_that_is_a_declared_name_too_must_be_quoted(test):
    space = "x ~ int uniform(0, 3)\na ~ choice(x, 1, 2)\n"
    with pytest.raises(hpdsl.SpecError, match="`x` is a label and a declared name"):
        hpdsl.loads(f"{space}y = {test}\n")
    assert hpdsl.loads(f"{space}y = {test.replace('x', chr(34) + 'x' + chr(34))}\n").complete({"a": "x"})["y"] == (
        "!=" not in test
    )
    # Where it can't be the label, nothing is ambiguous.
    assert hpdsl.loads("x ~ int uniform(0, 3)\na ~ choice(5, 1, 2)\ny = x == a\n").complete({"x": 2, "a": 2})["y"]


@pytest.mark.parametrize("text", ["y = p.q == a\n", "y = u == v\n", "y = p.q < 3\n", "y = a == p.q\n"])
def test_a_name_that_is_no_label_of_the_other_side_is_unknown(text):
    with pytest.raises(hpdsl.SpecError, match="unknown name"):
        hpdsl.loads(f"a ~ choice(x, y)\n{text}")


def test_derived_labels_have_no_order_either():
    with pytest.raises(hpdsl.SpecError, match="labels have no order"):
        hpdsl.loads('b ~ bool()\ny = "s" if b else "t"\nz = y < "t"\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("s ~ subset(q, k)\nx[2] ~ bool()\ny = x in s\n", "can't be an element of a subset"),
        ("s ~ bool()\nk ~ int uniform(1, 5)\ny = k in s\n", "`in` needs a list, a range or a subset"),
    ],
)
def test_what_cannot_be_looked_up_is_refused(text, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(text)


def test_a_name_of_several_branches_has_the_labels_of_all():
    text = "o ~ choice { a { m ~ choice(x, y) }, b { m ~ choice(y, z) } }\nlast = o.m == z\nshared = o.m == y\n"
    found = rows(text)
    assert {c["o.m"] for c in found} == {"x", "y", "z"}
    assert all((c["last"], c["shared"]) == (c["o.m"] == "z", c["o.m"] == "y") for c in found)


def test_a_number_in_one_branch_only_is_refused():
    text = "o ~ choice { a { m ~ choice(x, uniform(0, 1)) }, b { m ~ choice(y, z) } }\nrequire o.m == x\n"
    with pytest.raises(hpdsl.SpecError, match="can be a number in one branch, and never in another"):
        hpdsl.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a ~ uniform(0, 1)\nb = a + 1\ncorrelate a, b = 0.5\n", "`b` is no single parameter"),
        ("a ~ uniform(0, 1)\nb ~ choice(x, y)\ncorrelate a, b = 0.5\n", "`b` has no order that could be correlated"),
    ],
)
def test_what_cannot_be_correlated_is_refused(text, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(text)


@pytest.mark.parametrize(
    ("alternatives", "test", "chosen"),
    [
        ("1, 0, a", "true", None),
        ("true, 0, a", "true", True),
        ("true, 0, a", "0", 0),
        ("true, 0, a", "false", None),
        ("true, 1, a", "1", 1),
        ("a, none, 2", "none", None),
    ],
)
def test_truth_values_are_no_numbers_among_alternatives(alternatives, test, chosen):
    text = f"k ~ choice({alternatives})\nsame = k == {test}\n"
    if chosen is None and test != "none":
        with pytest.raises(hpdsl.SpecError, match="is not one of the alternatives"):
            hpdsl.loads(text)
        return
    same = {(type(c["k"]), c["k"]) for c in rows(text) if c["same"]}
    assert same == {(type(chosen), chosen)}


def test_the_number_of_an_element_is_looked_up_in_a_subset():
    found = rows("s ~ subset(0, 2)\ng[4] { there = index in s }\n")
    assert all([e["there"] for e in c["g"]] == [k in c["s"] for k in range(4)] for c in found)
    with pytest.raises(hpdsl.SpecError, match="is not one of the alternatives"):
        hpdsl.loads("s ~ subset(0, 2)\nthere = 5 in s\n")


def test_a_label_of_a_choice_may_stand_on_either_side():
    text = "o ~ choice(adam, sgd)\nlr ~ uniform(0, 1)\n"
    one, other = (
        hpdsl.loads(f"{text}require sgd == o or lr < 0.5\n"),
        hpdsl.loads(f"{text}require o == sgd or lr < 0.5\n"),
    )
    assert list(one.sample(50, seed=0)) == list(other.sample(50, seed=0))


@pytest.mark.parametrize("laws", [("uniform(0, 1)", "int uniform(0, 3)"), ("int uniform(0, 1)", "uniform(0, 3)")])
def test_what_one_branch_draws_continuously_is_never_equal_to_a_number(laws):
    first, second = laws
    text = f"k ~ choice {{ a {{ y ~ {first} }} b {{ y ~ {second} }} }}\nrequire k.y == 0.5\n"
    with pytest.raises(hpdsl.SpecError, match="two continuous quantities are never exactly equal"):
        hpdsl.loads(text)
