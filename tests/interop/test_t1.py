"""Kernel-tuning spaces: listed values, and Python's conditions, whose meaning is checked by Python itself."""

import json
from pathlib import Path

import pytest

import hpdsl
from hpdsl.interop import from_text

SHARED = Path(__file__).parents[2] / ".." / "shared" / "spaces" / "t1_hotspot_BAT.json"


def t1(parameters, *conditions):
    listed = [{"Name": n, "Type": "int", "Values": v} for n, v in parameters.items()]
    expressions = [{"Expression": c, "Parameters": []} for c in conditions]
    return json.dumps({"ConfigurationSpace": {"TuningParameters": listed, "Conditions": expressions}})


PARAMETERS = {
    "x": "[2**i for i in range(0, 6)]",
    "y": "list(range(1, 11))",
    "z": "[i for i in range(4, 30) if i % 5 == 0]",
    "w": [0, 1, 7],
    "one": "[32]",
}
CONDITIONS = [
    "x*y >= 32 and x * y<= 512",
    "y % 2 == 0 or w != 7",
    "not (x == 1 and z > 10)",
    "(x + y) // 2 <= z if w in [0, 1] else x ** 2 < 300",
    "min(x, y) <= one and -y + 2 * x >= -8",
    "(x > 4) | (y < 9) & (z != 5)",
    "4 <= x + y < 40",
]


def test_a_file_reads_as_a_person_would_write_it():
    text = "\n".join(" ".join(line.split()) for line in from_text(t1(PARAMETERS, "x * y <= one"), "t1").splitlines())
    for line in ("one = 32", "x ~ pow2(1, 32)", "y ~ int uniform(1, 10)", "z ~ int uniform(5, 25) step 5"):
        assert line in text
    assert "w ~ ordinal(0, 1, 7)" in text
    assert "require x * y <= one" in text


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_mean_what_python_means(condition):
    free = hpdsl.loads(from_text(t1(PARAMETERS), "t1"))
    held = hpdsl.loads(from_text(t1(PARAMETERS, condition), "t1"))
    fine = 0
    for config in free.sample(300, seed=0):
        wanted = bool(eval(condition, {"__builtins__": {}, "min": min}, dict(config)))
        assert held.is_valid(config) == wanted
        fine += wanted
    assert 0 < fine <= 300
    assert all(eval(condition, {"min": min}, dict(c)) for c in held.sample(50, seed=0))


@pytest.mark.parametrize(
    ("values", "condition", "message"),
    [
        ("__import__('os').system('true')", "x > 1", "can't be evaluated"),
        ("[9**9**9]", "x > 1", "too large"),
        ("list(range(10**9))", "x > 1", "a parameter may have"),
        ("[1, 2", "x > 1", "no Python expression"),
        ("[]", "x > 1", "has no values"),
        ("5", "x > 1", "no list of values"),
        ("[1, 2]", "q > 1", "no parameter is called `q`"),
        ("[1, 2]", "open('f')", "has no counterpart"),
        ("[1, 2]", "x.bit_length() > 1", "has no counterpart"),
        ("[1, 2]", "x >", "no Python expression"),
        ("[1, 2]", "x > 1 > (lambda: 0)", "has no counterpart"),
    ],
)
def test_what_is_wrong_is_said(values, condition, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        from_text(t1({"x": values}, condition), "t1")


@pytest.mark.parametrize(
    "text", ["[]", '{"ConfigurationSpace": 3}', "{", '{"ConfigurationSpace": {"TuningParameters": [3]}}']
)
def test_other_files_are_refused(text):
    with pytest.raises(hpdsl.UsageError):
        from_text(text, "t1")


def test_a_real_kernel_is_sampled_exactly():
    if not SHARED.exists():
        pytest.skip("the collection of real spaces is not here")
    data = json.loads(SHARED.read_text())
    space = hpdsl.loads(from_text(SHARED.read_text()))
    assert "no draw refused" in space.explain()
    conditions = [c["Expression"] for c in data["ConfigurationSpace"]["Conditions"]]
    for config in space.sample(2_000, seed=0):
        assert all(eval(c, {"__builtins__": {}}, dict(config)) for c in conditions)
