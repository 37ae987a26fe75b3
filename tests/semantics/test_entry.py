"""Configurations from outside: what is said of those that do not belong to a space."""

import pytest

import hpdsl


def problems(text, config):
    """What is wrong with a configuration."""
    try:
        hpdsl.loads(text).validate(config)
    except hpdsl.InvalidConfiguration as error:
        return list(error.violations)
    return []


INACTIVE = "b ~ bool()\nx ~ uniform(0, 1) when b\nlists[2] ~ uniform(0, 1) when b\ns ~ subset(u, v) when b\n"
INACTIVE += "p ~ permutation(u, v) when b\ngroups[2] { k ~ bool() when b }\nvector[p, q] ~ uniform(0, 1) when b\n"
INACTIVE += "y = 2 * x\n"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"x": 0.5}, "x"),
        ({"lists": [0.5, 0.5]}, "lists"),
        ({"s": ["u"]}, "s"),
        ({"p": ["v", "u"]}, "p"),
        ({"vector.p": 0.5}, "vector.p"),
    ],
)
def test_what_is_inactive_must_be_left_out(given, name):
    config = {"b": False, "groups": [None, None], **given}
    assert problems(INACTIVE, config) == [f"`{name}` is inactive here, so it must be left out"]


def test_so_must_members_of_groups_that_are_there_and_values_that_do_not_follow():
    config = {"b": False, "groups": [{"k": True}, None]}
    assert problems(INACTIVE, config) == ["`groups[0].k` is inactive here, so it must be left out"]
    config = {"b": False, "groups": [None, None], "y": 1.0}
    assert problems(INACTIVE, config) == ["`y` has no value here, so it must be left out"]


def test_a_list_may_belong_to_the_branch_that_is_taken():
    text = "kind ~ choice { a { f[2] ~ uniform(0, 1) } b { f[3] ~ int uniform(5, 9) } c }\n"
    assert problems(text, {"kind": "a", "kind.f": [0.5, 0.5]}) == []
    assert problems(text, {"kind": "b", "kind.f": [5, 6, 7]}) == []
    assert problems(text, {"kind": "c"}) == []
    inactive = ["`kind.f` is inactive here, so it must be left out"]
    assert problems(text, {"kind": "c", "kind.f": [5, 6, 7]}) == inactive
    (problem,) = problems(text, {"kind": "a", "kind.f": [0.1, 0.2, 0.3]})
    assert "must have 2 elements here, not 3" in problem


@pytest.mark.parametrize(
    ("prior", "value", "range_"),
    [
        ("uniform(0, 1)", 2, "0 .. 1"),
        ("int uniform(0, 5)", 7, "the integers 0 .. 5"),
        ("int exponential(2)", -1, "the integers 0 .. inf"),
        ("lognormal(1, 2) in 0.5 ..", 0.1, "0.5 .. inf"),
        ("normal(0, 1) in .. 2", 3, "-inf .. 2"),
        ("pow2(2, 16)", 32, "the powers of two in 2 .. 16"),
        ("uniform(0, 1) step 0.25", 0.3, "0 .. 1 in steps of 0.25"),
    ],
)
def test_the_range_of_a_value_is_named(prior, value, range_):
    assert problems(f"x ~ {prior}\n", {"x": value}) == [f"`x` = {value} is outside {range_}"]


def test_an_element_of_an_ordered_array_may_be_out_of_order():
    text = "x[2] ~ increasing uniform(0, 1)\n"
    assert problems(text, {"x": [0.2, 0.6]}) == []
    (problem,) = problems(text, {"x": [0.6, 0.2]})
    assert problem == "`x[1]` = 0.2 is outside 0 .. 1, or out of order"


def test_what_follows_may_be_rounded_but_not_different():
    text = "x ~ uniform(1, 2)\ny = x / 3\nbig = x > 1.5\n"
    assert problems(text, {"x": 1.0, "y": 0.3333333333}) == []
    assert problems(text, {"x": 1.0, "y": 0.3334}) == ["`y` = 0.3334, but it follows as 0.3333333333333333"]
    assert problems(text, {"x": 1.0, "big": True}) == ["`big` = true, but it follows as false"]
    assert problems('c = "3"\nx ~ bool()\n', {"x": True, "c": 3}) == ['`c` = 3, but it follows as "3"']
    assert problems(text, {"x": 1.0, "y": "a"}) == ['`y` = "a", but it follows as 0.3333333333333333']


@pytest.mark.parametrize(
    ("given", "fine"), [(True, True), (0, True), (0.2, True), (1, False), (False, False), ("a", False)]
)
def test_truth_values_are_no_numbers(given, fine):
    found = problems("k ~ choice(true, 0, uniform(0.1, 0.5))\n", {"k": given})
    shown = f"`k` = {given!r} is not one of its alternatives: true, 0, a range"
    assert found == ([] if fine else [shown])
