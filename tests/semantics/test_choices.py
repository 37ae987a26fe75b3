"""Choices, ordinals and truth values."""

import pytest

import hpdsl


def test_an_ordinal_may_fall():
    space = hpdsl.loads("x ~ ordinal(10, 5, 1)\n")
    assert [space.decode([[u]])[0]["x"] for u in (0.1, 0.5, 0.9)] == [10, 5, 1]
    assert hpdsl.loads("x ~ ordinal(small, medium, large)\nrequire x < large\n").is_valid({"x": "medium"})


@pytest.mark.parametrize(
    ("prior", "said"),
    [
        ("ordinal(1, 3, 2)", "must stand in order"),
        ("ordinal(3, 1, 2)", "must stand in order"),
        ("ordinal(1, 1)", "must stand in order"),
        ("ordinal(a, b, a)", "stands twice"),
        ("ordinal(a, 1)", "mixes numbers and labels"),
        ("ordinal(a, true, 2)", "mixes numbers and labels"),
        ("ordinal()", "takes a list of values"),
        ("ordinal(values = 3)", "takes a list of values"),
        ("int ordinal(1, 2)", "`int` does not apply"),
        ("ordinal(1, 2) step 1", "`step` does not apply"),
        ("ordinal(1, 2) in 1 .. 2", "`in` does not apply"),
        (f"ordinal({', '.join(map(str, range(10_001)))})", "an ordinal of 10001 values; the limit is 10000"),
    ],
)
def test_ordinals_that_are_refused(prior, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(f"x ~ {prior}\n")


def test_the_longest_ordinal_is_taken():
    text = f"x ~ ordinal({', '.join(map(str, range(10_000)))})\n"
    assert hpdsl.loads(text).complete({"x": 9999}) == {"x": 9999}


@pytest.mark.parametrize(
    ("alternatives", "hinted"),
    [
        ("1, 2, 4", True),
        ("1: 3, 2: 3, 4: 3", True),
        ("1, 2", False),
        ("1, 4, 2", False),
        ("1, 2, 4: 2", False),
        ("1: n, 2, 4", False),
        ("a, 1, 2, 4", False),
    ],
)
def test_rising_numbers_of_equal_weight_want_an_order(alternatives, hinted):
    found = hpdsl.loads(f"n ~ int uniform(1, 3)\nk ~ choice({alternatives})\n").warnings
    assert [d.code for d in found] == (["HP041"] if hinted else [])


def test_integers_and_ordinals_may_share_a_name():
    space = hpdsl.loads("b ~ bool()\nwhen b { x ~ int uniform(1, 3) } else { x ~ ordinal(10, 20) }\ny = x + 1\n")
    for config in space.sample(64):
        assert config["x"] in ((1, 2, 3) if config["b"] else (10, 20))
        assert config["y"] == config["x"] + 1
