"""Objectives that return what gives a search trouble: `hpdsl run` ends with a word, and goes on where it stopped."""

import json

import pytest
from cli.helpers import run, search

from hpdsl import registry
from hpdsl.cli import exits

SPACE = "x ~ uniform(-1, 1)\nn ~ int uniform(1, 40)\nkind ~ choice(a, b)\ny ~ normal(0, 1) when kind == a\n"
ONE, TWO, BOUNDED = "minimize loss\n", "minimize loss\nmaximize gain\n", "minimize loss\nsubject to ms <= 40\n"
TRIALS = 14

# What the objective's body is, its goals, how many of the trials may succeed, and what is said of those that fail.
EVERY, SOME, NONE, BROKEN = "every", "some", "none", "every one, but none keeps its bound"
CASES = {
    "all equal": (ONE, "return 3.0", EVERY, ""),
    "all failed": (ONE, "raise ValueError('out of memory')", NONE, "raised ValueError: out of memory"),
    "all nan": (ONE, "return float('nan')", NONE, "returned NaN"),
    "one success": (ONE, "return 1.0 if len(calls) == 1 else None", SOME, "returned None"),
    "ends of doubles": (ONE, "return 1e300 if y > 0 else -1e300", EVERY, ""),
    "infinite": (ONE, "return float('inf') if y == 5 else float('-inf') if y > 0 else x", SOME, "infinity"),
    "integers beyond doubles": (ONE, "return 10**400 if y > 0 else x", SOME, "infinity"),
    "wrong type": (ONE, "return ['3', x] if y > 0 else '3'", NONE, "not a number"),
    "nan among two": (TWO, "return {'loss': x, 'gain': float('nan') if y > 0 else config['n']}", SOME, "gain = NaN"),
    "two, equal": (TWO, "return {'loss': 1, 'gain': 2}", EVERY, ""),
    "ends of doubles, twice": (TWO, "return {'loss': 1e300 * (-1) ** config['n'], 'gain': -1e300}", EVERY, ""),
    "bound unknown": (BOUNDED, "return {'loss': x, 'ms': float('nan') if y > 0 else 10}", EVERY, ""),
    "bound never kept": (BOUNDED, "return {'loss': x, 'ms': 1e300}", BROKEN, ""),
}


def listed(store):
    rows = [json.loads(line) for line in run("trials", store, "--format", "json").stdout.splitlines()]
    # Everything but the clock.
    return [{k: v for k, v in row.items() if k not in ("started", "ended", "duration")} for row in rows]


@pytest.mark.parametrize("backend", registry.names())
@pytest.mark.parametrize("case", CASES)
def test_what_is_returned_harms_no_study_and_a_stopped_one_goes_on(here, backend, case):
    goals, body, successes, reason = CASES[case]
    (here / "space.hp").write_text(SPACE + goals)
    (here / "bad.py").write_text(
        f"calls = []\ndef f(config):\n    x, y = config['x'], config.get('y', 5)\n    calls.append(x)\n    {body}\n"
    )
    whole = search("--objective", "bad.py:f", "--trials", TRIALS, "--store", "whole.db", backend=backend)
    assert "Traceback" not in whole.output
    assert whole.exit_code == (exits.NOTHING_FOUND if successes in (NONE, BROKEN) else exits.OK), whole.output
    rows = listed("whole.db")
    assert len(rows) == TRIALS
    failed = [row for row in rows if row["state"] == "failed"]
    assert len(failed) == TRIALS if successes == NONE else (len(failed) == 0) == (successes != SOME)
    assert all(reason in row["reason"] for row in failed)
    if successes == NONE:
        assert f"{TRIALS} of {TRIALS} trials failed" in whole.stdout
    if successes == BROKEN:
        assert f"none of {TRIALS} complete trials keeps ms <= 40" in whole.stderr

    if case == "one success":
        return  # what it returns depends on the call: another process starts counting anew
    for total in (1, 9, TRIALS):
        part = search("--objective", "bad.py:f", "--trials", total, "--store", "parts.db", backend=backend)
        assert "Traceback" not in part.output
        assert part.exit_code in (exits.OK, exits.NOTHING_FOUND), part.output
    assert part.exit_code == whole.exit_code
    assert listed("parts.db") == rows
    for store in ("whole.db", "parts.db"):
        best = run("best", store)
        assert "Traceback" not in best.output
    assert run("best", "parts.db").stdout.replace("parts.db", "whole.db") == run("best", "whole.db").stdout


@pytest.mark.parametrize("backend", registry.names())
@pytest.mark.parametrize(
    ("goals", "body", "said"),
    [
        (ONE, "return {'loess': x}", "returned loess, but no `loss` (did you mean `loss` by `loess`?)"),
        (TWO, "return x", "returned a single number; the space says minimize loss, maximize gain"),
        (BOUNDED, "return {'loss': x}", "returned loss, but no `ms`"),
    ],
)
def test_outcomes_of_other_names_end_the_run_with_a_word(here, backend, goals, body, said):
    (here / "space.hp").write_text(SPACE + goals)
    (here / "bad.py").write_text(f"def f(config):\n    x = config['x']\n    {body}\n")
    for _ in range(2):
        result = search("--objective", "bad.py:f", "--trials", TRIALS, backend=backend)
        assert result.exit_code == exits.MISUSE
        assert said in result.stderr
        assert "Traceback" not in result.output
        assert [row["state"] for row in listed("space.study.db")] == ["waiting"]


@pytest.mark.parametrize("backend", registry.names())
@pytest.mark.parametrize("body", ["return config['n']", "return 3.0", "raise ValueError('no')"])
def test_a_budget_larger_than_the_space_ends_with_a_word(here, backend, body):
    (here / "space.hp").write_text("n ~ int uniform(1, 4)\nkind ~ choice(a, b)\nforbid n == 1 and kind == b\n")
    (here / "bad.py").write_text(f"def f(config):\n    {body}\n")
    for _ in range(2):
        result = search("--objective", "bad.py:f", "--trials", 100, backend=backend)
        assert "Traceback" not in result.output
        assert result.exit_code == (exits.NOTHING_FOUND if "raise" in body else exits.OK), result.output
        assert "have been proposed" in result.output
        rows = listed("space.study.db")
        assert len({json.dumps(row["config"]) for row in rows}) == len(rows) == 7
