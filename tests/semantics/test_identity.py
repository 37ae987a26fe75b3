"""`space.id`: the same for the same meaning, another for another."""

import itertools

import pytest

import hpdsl

X = "x ~ uniform(0, 1)\nn ~ int uniform(1, 4)\nk ~ choice(p, q)\n"
# In each list no two spaces mean the same.
DIFFERENT = {
    "bounds": [f"x ~ {p}\n" for p in ("uniform(0, 1)", "uniform(0, 2)", "uniform(1, 2)", "loguniform(1, 2)")],
    "lattices": [
        f"x ~ {p}\n" for p in ("uniform(0, 4)", "int uniform(0, 4)", "uniform(0, 4) step 1", "uniform(0, 4) step 2")
    ],
    "conditions": [
        f"{X}require {c}\n" for c in ("x < 0.5", "x < 0.6", "x > 0.5", "x * n < 0.5", "x ** n < 0.5", "k == p")
    ]
    + [
        X,
        f"{X}forbid x < 0.5\n",
        f"{X}require exp(x) < 2\n",
        f"{X}require log(x) < 2\n",
        f"{X}require min(x, n) < 0.5\n",
    ],
    "derived": [
        f"{X}y = {e}\n" for e in ("x + n", "x - n", "x * n", "x ** n", "max(x, n)", "x < n", "x if k == p else n")
    ],
    "guards": [f"{X}y ~ bool()\n"]
    + [f"{X}y ~ bool() when {g}\n" for g in ("k == p", "k == q", "n > 2", "n > 3", "not (n > 2)")],
    "weights": [f"k ~ choice({w})\n" for w in ("a, b", "a: 2, b", "a, b: 2", "b, a", "a, b, c", "a, 1", "a, true")],
    "lists": [f"s ~ {p}\n" for p in ("subset(a, b)", "subset(a, b, size = 1)", "permutation(a, b)", "subset(1, b)")],
    "orders": [f"x[3] ~ {p} uniform(0, 1)\n" for p in ("", "increasing", "decreasing")] + ["x[2] ~ uniform(0, 1)\n"],
    "defaults": [f"x ~ uniform(0, 1){d}\n" for d in ("", " default 0.2", " default 0.3")],
    "correlations": [
        f"x ~ uniform(0, 1)\ny ~ uniform(0, 1)\n{c}\n" for c in ("", "correlate x, y = 0.2", "correlate x, y = 0.3")
    ],
}


@pytest.mark.parametrize("subject", DIFFERENT)
def test_other_meanings_have_other_identities(subject):
    found = {text: hpdsl.loads(text).id for text in DIFFERENT[subject]}
    for (a, one), (b, other) in itertools.combinations(found.items(), 2):
        assert one != other, (a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x ~ uniform(0, 1)\nn ~ bool()\n", "n ~ bool()\nx ~ uniform(0, 1)\n"),
        ("x ~ uniform(0, 1) unit s\n", "## A parameter.\nx ~ uniform(0, 2 / 2)\n"),
        ("k ~ choice(a: 1, b: 2)\n", "k ~ choice(a: 0.5, b: 1)\n"),
        ("given n = 3\nx ~ uniform(0, n)\n", "x ~ uniform(0, 3)\n"),
        ('x ~ bool()\nrequire x : "why"\n', "x ~ bool()\nrequire x\n"),
        ("x ~ int uniform(0, 3)\nassert x < 4\n", "x ~ int uniform(0, 3)\n"),
    ],
)
def test_the_same_meaning_has_the_same_identity(one, other):
    assert hpdsl.loads(one).id == hpdsl.loads(other).id


MANY = "s ~ subset(a, b)\np ~ permutation(1, 2, 3)\nv[3] ~ increasing uniform(0, 1)\nb ~ bool() when v[0] > 0.5\n"


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        (X, "ca5b9b75b17b5adf169b95f7d3dd7b463830550e02a5b40c2eaedf2c94203258"),
        (MANY, "99cd5f1f77baca8a23b96c5dbfd5cf3d16ea5630abbfe3f749085fe293709664"),
    ],
)
def test_identities_are_frozen(text, identity):
    """A store knows its space by it, so that a change leaves every study behind: a deliberate act, to be noted."""
    assert hpdsl.loads(text).id == identity
