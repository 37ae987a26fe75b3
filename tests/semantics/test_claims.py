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
