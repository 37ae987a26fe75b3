"""Arithmetic that can be undefined: what is warned of, and what is not."""

import pytest

import hpdsl
from hpdsl.semantics.undefined import cause
from hpdsl.terms import Evaluator, apply, load

NAMES = "x ~ int uniform(-2, 2)\nn ~ int uniform(-1, 2)\nm ~ int uniform(1, 3)\np ~ uniform(0, 3)\nq ~ uniform(1, 2)\n"
NAMES += "near ~ uniform(-0.5, 0.5)\n"


def notes(expression):
    """What is said of an expression, if it is warned of."""
    found = hpdsl.loads(f"{NAMES}y = {expression}\n").warnings
    return [d.note for d in found if d.code == "HP033"]


DEFINED = ["x ** m", "p ** m", "p ** q", "q ** n", "q ** x", "0 ** m", "2 ** n", "q ** -1", "(-q) ** m", "x ** 2"]
DEFINED += ["1 / q", "q // q", "m % m", "log(q)", "sqrt(p)", "exp(x)"]


@pytest.mark.parametrize("expression", DEFINED)
def test_what_is_defined_everywhere_is_not_warned_of(expression):
    assert notes(expression) == []


@pytest.mark.parametrize(
    ("expression", "note"),
    [
        ("x ** n", "a power of a negative number, or of 0 with a negative exponent"),
        ("p ** n", "a power of a negative number, or of 0 with a negative exponent"),
        ("x ** q", "a power of a negative number, or of 0 with a negative exponent"),
        ("x ** -1", "a power of a negative number, or of 0 with a negative exponent"),
        ("1 / p", "it is undefined at 0"),
        ("1 / near", "it is undefined at 0"),
        ("1 // x", "it is undefined at 0"),
        ("1 % x", "it is undefined at 0"),
        ("log(p)", "it is undefined for zero and negative numbers"),
        ("log2(x)", "it is undefined for zero and negative numbers"),
        ("sqrt(x)", "it is undefined for negative numbers"),
        ("exp(400 * q)", "its value can pass 1.8e+308"),
        ("(-1e200) ** m", "its value can pass 1.8e+308"),
    ],
)
def test_what_can_be_undefined_is_warned_of(expression, note):
    (found,) = notes(expression)
    assert note in found


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        ("assert 1 / x < 5", "divides by 0"),
        ("assert log(p) < 5", "takes the logarithm of 0"),
        ("assert sqrt(x) < 5", "takes the square root of -2"),
        ("assert x ** n < 5", "raises 0 to -1"),
    ],
)
def test_a_claim_that_is_undefined_somewhere_says_why(sentence, cause):
    with pytest.raises(hpdsl.SpecError, match=cause):
        hpdsl.loads(f"{NAMES}{sentence}\n")


@pytest.mark.parametrize(
    ("op", "values", "said"),
    [
        ("sub", (1.7e308, -1.7e308), "its difference passes 1.8e+308, the largest number"),
        ("add", (1.7e308, 1.7e308), "its sum passes 1.8e+308, the largest number"),
        ("mul", (1e200, 1e200), "its product passes 1.8e+308, the largest number"),
        ("div", (1.0, 0.0), "it divides by 0"),
        ("add", (1.7e308, -1.7e308), ""),
    ],
)
def test_the_cause_of_what_has_no_value(op, values, said):
    assert cause(apply(op, load(0), load(1)), Evaluator(dict(enumerate(values)))) == said
