"""Random specs in the formats of other tools: what is written is read again, and means the same if nothing is lost."""

import pytest
from hypothesis import HealthCheck, given, settings

import hpdsl
from hpdsl import interop
from hpdsl.interop.portable import portable
from hpdsl.testing import specs

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(specs())
def test_what_is_written_is_read_again(spec):
    flat = portable(spec.space)
    for format in ("configspace", "pcs", "optuna"):
        if flat.variables or format != "pcs":  # an empty text could be anything
            text = interop.write(spec.space, None, format, lossy=True).text
            assert len(hpdsl.loads(interop.from_text(text, format)).names) <= len(flat.variables)


@SLOW
@given(specs())
def test_where_nothing_is_refused_the_configurations_are_the_same(spec):
    flat = portable(spec.space)
    try:
        written = interop.write(spec.space, None, "configspace").text
    except hpdsl.UsageError:
        return
    again = hpdsl.loads(interop.from_text(written, "configspace"))
    for config in spec.space.sample(20):
        again.validate(flat.values(config))
    for config in again.sample(20):
        spec.space.validate(flat.config(config))


@pytest.mark.parametrize(
    ("text", "format", "written"),
    [
        # An integer of a logarithmic law may be 0.
        ("a ~ int lognormal(1, 2) in 0 .. 7\n", "configspace", '"log": false'),
        ("a ~ int lognormal(1, 2) in 0 .. 7\n", "optuna", '"log": false'),
        ("a ~ int lognormal(1, 2) in 0 .. 7\n", "pcs", "a integer [0, 7] [1]\n"),
        # Steps of 1 need not begin at an integer, and are no integers where they do.
        (
            "a ~ normal(1, 0.5) in -1 .. 1 step 1\n",
            "configspace",
            '"sequence": [\n        -1.0,\n        0.0,\n        1.0',
        ),
        ("a ~ normal(1, 0.5) in 0.5 .. 2.5 step 1\n", "pcs", "a ordinal {0.5, 1.5, 2.5} [1.5]\n"),
    ],
)
def test_found_by_random_specs(text, format, written):
    space = hpdsl.loads(text)
    made = interop.write(space, None, format)
    assert written in made.text
    assert any("`a ~ " in note for note in made.notes)
    assert hpdsl.loads(interop.from_text(made.text, format)).names == ("a",)


@pytest.mark.parametrize("format", ["configspace", "pcs", "optuna"])
def test_ends_of_integers_that_follow_are_integers(format):
    space = hpdsl.loads("b ~ uniform(0, 1)\na ~ int lognormal(1, b + 2)\n")
    made = interop.write(space, None, format, lossy=True)
    assert any("write `in 0 .. 30`" in note for note in made.notes)
    # On a logarithmic scale others have no 0.
    assert hpdsl.loads(interop.from_text(made.text, format)).names == ("b", "a")


NEVER_ACTIVE = """
a ~ choice(red, green)
b ~ choice(x, y)
c ~ uniform(0, 1) when a == green and b == y and (a == red or b == x)
"""


@pytest.mark.parametrize("format", ["configspace", "pcs", "optuna"])
def test_what_contradicting_guards_never_let_be_active_is_left_out(format):
    made = interop.write(hpdsl.loads(NEVER_ACTIVE), None, format)
    assert hpdsl.loads(interop.from_text(made.text, format)).names == ("a", "b")
