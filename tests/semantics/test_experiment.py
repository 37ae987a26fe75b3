"""What is measured, and how much of it."""

import pytest

import hpdsl

X = "x ~ uniform(1, 2)\n"


@pytest.mark.parametrize(
    ("range_", "integer"), [("1 .. 27", True), ("1 .. 2.5", False), ("0.5 .. 4", False), ("2 ** 0 .. 2 ** 3", True)]
)
def test_a_fidelity_is_whole_where_both_ends_are(range_, integer):
    fidelity = hpdsl.loads(f"{X}fidelity epochs = {range_}\n").fidelity
    assert fidelity.integer is integer
    assert fidelity.cost is None
    assert fidelity.by is None


def test_a_cost_may_follow_parameters_and_the_fidelity():
    space = hpdsl.loads(f"{X}fidelity epochs = 1 .. 27 by 3 cost epochs * (1 + x) unit epoch\n")
    assert (space.fidelity.lo, space.fidelity.hi, space.fidelity.by, space.fidelity.unit) == (1.0, 27.0, 3.0, "epoch")
    assert space.fidelity.cost is not None
    assert "epochs" not in space.names


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("fidelity epochs = 1 .. 27 cost -epochs", "a cost must be positive"),
        ("fidelity epochs = 1 .. 27 cost epochs - 27", "this is at most 0"),
        ("fidelity epochs = 0 .. 27", "rises from a number above 0"),
        ("fidelity epochs = 3 .. 3", "rises from a number above 0"),
        ("fidelity epochs = 1 .. 27 by 0.5", "above 1"),
        ("fidelity epochs = 1 .. x", "must be constant"),
        ("fidelity epochs = 1 ..", "a least and a full value"),
        ("subject to loss <= x", "must be a constant"),
        ("subject to x <= 1", "known before anything is measured"),
        ("minimize loss\nmaximize loss", "stands twice"),
    ],
)
def test_experiments_that_are_refused(sentence, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(f"{X}{sentence}\n")


def test_a_cost_that_can_be_zero_is_taken():
    assert hpdsl.loads(f"{X}fidelity epochs = 1 .. 27 cost epochs - 1\n").fidelity.cost is not None


def test_a_fidelity_ends():
    with pytest.raises(hpdsl.SpecError):
        hpdsl.loads(f"{X}fidelity epochs = 1 .. exp(1000)\n")


def test_a_configuration_is_told_with_the_fidelity_in_full_or_without():
    space = hpdsl.loads("x ~ uniform(0, 1)\nfidelity epochs = 1 .. 27\n")
    assert space.is_valid({"x": 0.5, "epochs": 27})
    assert space.is_valid({"x": 0.5})
    assert not space.is_valid({"x": 0.5, "epochs": 9})
