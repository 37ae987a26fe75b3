"""Claims: what intervals prove, what corners refute."""

import pytest

import hpdsl

NAMES = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nz ~ uniform(0.5, 1)\nn ~ int uniform(1, 4)\nk ~ choice(p, q)\n"


@pytest.mark.parametrize(
    "claim",
    [
        "x <= x + y",
        "x < x + z",
        "x + y < x + y + n",
        "n >= 1",
        "x * n <= 4",
        "k in [p, q]",
        "k == p or k == q",
        "n < 4.5",
    ],
)
def test_what_always_holds_is_kept(claim):
    space = hpdsl.loads(f"{NAMES}assert {claim}\n")
    assert not [d for d in space.warnings if d.severity == "error"]


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        ("x < x + y", "y = 0"),
        ("x <= x - y", "y = 1"),
        ("n < 4", "n = 4"),
        ("n > 1", "n = 1"),
        ("x * n < 4", "x = 1 and n = 4"),
        ("k == p", "k = q"),
        ("x + y <= z", "y = 1 and z = 0.5"),
        ("k == q => x < 1", "k = q and x = 1|x = 1 and k = q"),
    ],
)
def test_what_fails_at_a_corner_is_refuted_there(claim, shown):
    with pytest.raises(hpdsl.SpecError, match=shown):
        hpdsl.loads(f"{NAMES}assert {claim}\n")


def test_a_claim_under_a_guard_is_about_what_the_guard_leaves():
    text = NAMES + "when n > 2 { assert n >= %d }\n"
    hpdsl.loads(text % 3)
    with pytest.raises(hpdsl.SpecError, match=r"n = [34]"):
        hpdsl.loads(text % 5)


@pytest.mark.parametrize("claim", ["x <= x + y", "x - 0.5 < x", "x < x + z", "n + x >= x + 1", "n - 0.5 > 0"])
def test_a_difference_whose_sides_share_something_proves(claim):
    space = hpdsl.loads(f"{NAMES}assert {claim}\n")
    assert [c.verdict for c in space.compilation.model.claims] == ["proved"]


def test_a_refuted_claim_shows_members_one_by_one_and_lists_as_lists():
    text = "v[a, b] ~ uniform(0, 1)\nz[3] ~ int uniform(0, 2)\ns ~ subset(p, q)\n"
    with pytest.raises(hpdsl.SpecError, match=r"false when v\.a = 0 and z = \[2, 1, 1\]"):
        hpdsl.loads(text + "assert v.a + z[0] < 2\n")
    with pytest.raises(hpdsl.SpecError, match=r"s = \[p\]|s = \[p, q\]"):
        hpdsl.loads(text + "assert not (p in s)\n")


# Each is true of real numbers, and false for the doubles beside it.
IN_DOUBLES = {
    "x ~ uniform(1, 2)\ny ~ uniform(1, 2)\nassert x + y - y <= x": {"x": 1.1, "y": 1.3},
    "x ~ uniform(0, 3)\nassert (x + 1e16) - 1e16 <= x": {"x": 1.7},
    "x ~ uniform(0, 3)\nassert 0.1 * x * 10 <= x": {"x": 1.7},
    "x ~ uniform(0, 3)\nassert (x + 0.1) - x >= 0.1": {"x": 0.7},
    "x ~ normal(0, 1)\nassert x + 1 > x": {"x": 1e20},
    "n ~ int uniform(0, 9007199254740992)\nassert n + 1 > n": {"n": 9007199254740992},
    "n ~ int uniform(0, 9007199254740992)\nassert 3 * n - 2 * n <= n": {"n": 6004799503160661},
    "x ~ uniform(0, 1)\nwhen x + 1 <= 1 { assert x <= 1e-17 }": {"x": 1e-16},
    "x ~ uniform(0, 1)\nassert (x if x + 1e16 <= 1e16 else 0) <= 0.5": {"x": 0.7},
    "x ~ uniform(0, 1)\nwhen x * 1e-200 <= 0 { assert x <= 1e-160 }": {"x": 1e-130},
    "x ~ uniform(0.9, 3.67)\nassert x // 0.1 >= 9": {"x": 0.9},
    "n ~ int uniform(3, 9)\nassert n * 0.3 // 0.3 >= 3": {"n": 3},
    "x ~ uniform(1, 413813492738187.8)\nassert x // 0.1 <= 4138134927381877": {"x": 413813492738187.8},
    "x ~ uniform(1.2163, 2.9042)\nassert 2 ** x <= 7.486025694241564": {"x": 2.9042},
    "n ~ int uniform(0, 10)\nwhen n + 123456.7 <= 123459.7 { assert n <= 2 }": {"n": 3},
    # Undefined, since no double holds them.
    "x ~ normal(0, 1)\nassert x ** 2 >= 0": {"x": 1e200},
    "x ~ normal(0, 1)\nassert exp(x) >= 0": {"x": 1000.0},
    "x ~ exponential(1)\nassert x * 1e300 >= 0": {"x": 1e10},
    "x ~ gamma(2, 1)\ny ~ gamma(2, 1)\nassert x + y >= x": {"x": 1e308, "y": 1e308},
    "x ~ uniform(0, 1)\nassert (1 / x if x > 0 else 1) >= 1": {"x": 1e-310},
    "x ~ uniform(-3, 3)\nassert x - floor(x) < 1": {"x": -1e-20},
}


@pytest.mark.parametrize("text", IN_DOUBLES)
def test_what_holds_for_real_numbers_only_is_not_proved(text):
    declarations, _, last = text.rpartition("\n")
    space = hpdsl.loads(declarations)
    assert space.is_valid(IN_DOUBLES[text])
    # Required instead, the claim refuses it: so it is false there.
    assert not hpdsl.loads(f"{declarations}\n{last.replace('assert', 'require')}").is_valid(IN_DOUBLES[text])
    try:
        found = hpdsl.loads(text)
    except hpdsl.SpecError as error:
        assert "HP058" in str(error)  # noqa: PT017 - refuted is as good
    else:
        assert [c.verdict for c in found.compilation.model.claims] == [""]


@pytest.mark.parametrize(
    "text",
    [
        "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ uniform(0, 1)\nassert a <= a + b + c",
        "a ~ uniform(0, 1)\nb ~ uniform(a, 2 * a + 1)\nassert 0.9 * a <= 1.1 * a",
        "a ~ uniform(0, 1)\nassert a - 0.1 * a <= a + 0.1 * a",
        "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nassert min(a, b) <= max(a, b)",
        "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nassert a * b <= a",
        "a ~ lognormal(1, 2)\nassert a + 1 > 1 or a + 1 >= 1",
        "a ~ lognormal(1, 2)\nassert a / 2 >= 0 and 0.5 * a <= a",
        "n ~ int uniform(1, 1024)\nassert log2(n) <= 10 and n // 2 <= 512 and 2 * n - n >= 1",
        "k ~ int uniform(0, 10)\nassert 2 ** k <= 1024 and 10 ** -k <= 1",
        "x ~ uniform(0, 3)\nassert exp(x) >= 1 and 2 ** x <= 8 and sqrt(x) <= 2",
        "x ~ uniform(1, 100)\nassert log(x) >= 0 and log10(x) <= 2 and 1 / x <= 1",
        "x ~ normal(0, 1)\nassert abs(x) >= x and floor(x) <= x and x % 3 <= 3",
        "x ~ uniform(1, 1.7976931348623157e308)\nassert log2(x) <= 1025 and log10(x) < 309",
    ],
)
def test_what_rounding_keeps_is_proved(text):
    assert [c.verdict for c in hpdsl.loads(text).compilation.model.claims] == ["proved"]


def test_a_claim_may_speak_of_equal_numbers():
    """It filters nothing, so that what has probability zero may be a case that it leaves out."""
    declarations = "x ~ uniform(-1, 1)\ny ~ uniform(-1, 1)\na[3] ~ uniform(0, 1)\nrequire sum(a) == 1\n"
    for claim in ("x == 0 or x * x > 0", "x != 0 => 1 / x != 0", "x == y => y < 2", "sum(a) == 1"):
        assert hpdsl.loads(f"{declarations}assert {claim}").compilation.model.claims
    with pytest.raises(hpdsl.SpecError, match="HP058") as failed:
        hpdsl.loads("x ~ uniform(-1, 1)\nassert x == 0.25 or x > 2")
    assert "false when x = " in str(failed.value)
    # What it may not be is required.
    assert "correct the claim" in str(failed.value)
    assert "write `require" not in str(failed.value)


def test_a_claim_that_never_holds_is_an_error_where_no_corner_is_feasible():
    text = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire 0.2 < x < 0.21 and 0.3 < y < 0.31\n"
    with pytest.raises(hpdsl.SpecError, match="this never holds"):
        hpdsl.loads(f"{text}assert x + y > 3")
    assert hpdsl.loads(f"{text}assert x + y > 0.4")
