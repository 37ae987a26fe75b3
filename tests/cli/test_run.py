"""run from the command line: the whole way, and every way to fail."""

import csv
import io
import json
import re
import shlex
import subprocess
import sys

import pytest
from cli.helpers import SPACE, run, search

from hpdsl.cli import exits


def test_a_function_is_tuned_and_the_store_read(here):
    result = search("--objective", "objective.py:f", "--trials", 12, backend="bayes")
    assert result.exit_code == exits.OK, result.output
    assert "best loss = " in result.stdout
    assert "hpdsl best space.study.db" in result.stdout
    assert "seed 0, backend bayes, store space.study.db" in result.stderr
    assert sum(line.startswith("trial ") for line in result.stderr.splitlines()) == 12
    best = json.loads(run("best", "space.study.db", "--format", "json").stdout)
    rows = [json.loads(line) for line in run("trials", "space.study.db", "--format", "json").stdout.splitlines()]
    assert len(rows) == 12
    assert best["value"] == min(r["value"] for r in rows)
    assert f"loss = {best['value']!r}" in run("best", "space.study.db").stdout
    table = run("trials", "space.study.db").stdout.splitlines()
    assert table[0].split() == ["number", "state", "loss", "x", "kind", "y", "duration", "reason"]
    assert len(run("trials", "space.study.db", "--format", "csv").stdout.splitlines()) == 13
    assert "trial 3: complete" in run("trials", "space.study.db", "--number", 3).stdout


def test_a_command_is_tuned_and_its_best_call_shown(here):
    result = search("--trials", 4, "--", sys.executable, "script.py", "--x={x}", "--y={y}")
    assert result.exit_code == exits.OK, result.output
    again = next(line for line in result.stdout.splitlines() if line.startswith("evaluate it again: "))
    value = subprocess.run(again.removeprefix("evaluate it again: "), shell=True, capture_output=True, text=True)
    best = json.loads(run("best", "space.study.db", "--format", "json").stdout)
    assert float(value.stdout.splitlines()[-1]) == best["value"]


def test_a_program_that_reads_the_environment_is_called_again_with_it(here):
    (here / "script.py").write_text("import json, os\nprint(json.loads(os.environ['HPDSL_CONFIG'])['x'])\n")
    result = search("--trials", 2, "--", sys.executable, "script.py")
    again = next(line for line in result.stdout.splitlines() if line.startswith("evaluate it again: "))
    value = subprocess.run(again.removeprefix("evaluate it again: "), shell=True, capture_output=True, text=True)
    assert float(value.stdout) == json.loads(run("best", "space.study.db", "--format", "json").stdout)["value"]


@pytest.mark.parametrize("way", [["--objective", "objective.py:f"], ["--", sys.executable, "script.py", "--x={x}"]])
def test_the_search_is_said_as_a_command(here, way):
    result = search("--trials", 3, "--seed", 4, *way)
    said = next(line for line in result.stdout.splitlines() if "hpdsl run" in line)
    words = shlex.split(said[said.index("hpdsl run") :])
    rows = run("trials", "space.study.db", "--format", "csv").stdout
    assert "nothing left to do" in run(*words[1:]).stdout
    words[words.index("--store") + 1] = "fresh.db"
    assert run(*words[1:]).exit_code == exits.OK

    def proposed(text):
        return [(r["loss"], r["x"]) for r in csv.DictReader(io.StringIO(text))]

    assert proposed(run("trials", "fresh.db", "--format", "csv").stdout) == proposed(rows)


def test_maximising_shows_the_largest(here):
    (here / "space.hp").write_text("x ~ uniform(0, 1)\nmaximize gain\n")
    (here / "objective.py").write_text("def f(c):\n    return c['x']\n")
    shown = []
    for total in (6, 8):
        shown += search("--objective", "objective.py:f", "--trials", total).stderr.splitlines()[1:]
    values = [float(re.search(r"gain = (\S+)", line)[1]) for line in shown]
    assert len(values) == 8
    for k, line in enumerate(shown):
        assert f"best {max(values[: k + 1]):.6g} " in line


def test_a_warmup_that_fails_ends_no_study(here, monkeypatch):
    from hpdsl.kernels import engine

    def fails():
        raise OSError("no more processes")

    monkeypatch.setattr(engine, "warm", lambda: False)
    monkeypatch.setattr(engine, "start_warmup", fails)
    assert search("--objective", "objective.py:f", "--trials", 1, backend="bayes").exit_code == exits.OK


def test_repeating_continues_to_the_total(here):
    search("--objective", "objective.py:f", "--trials", 3)
    result = search("--objective", "objective.py:f", "--trials", 5)
    assert sum(line.startswith("trial ") for line in result.stderr.splitlines()) == 2
    result = search("--objective", "objective.py:f", "--trials", 5)
    assert "nothing left to do" in result.stdout
    assert result.exit_code == exits.OK


def test_another_seed_or_space_is_refused(here):
    search("--objective", "objective.py:f", "--trials", 2)
    result = search("--objective", "objective.py:f", "--trials", 3, "--seed", 5)
    assert result.exit_code == exits.TROUBLE
    assert "seed" in result.stderr
    (here / "space.hp").write_text(SPACE.replace("-1, 1", "-2, 1"))
    result = search("--objective", "objective.py:f", "--trials", 3)
    assert result.exit_code == exits.TROUBLE
    assert "space" in result.stderr


def test_a_small_space_ends_early(here):
    (here / "space.hp").write_text("k ~ int uniform(1, 4)\nminimize loss\n")
    (here / "objective.py").write_text("def f(config):\n    return config['k']\n")
    for backend in ("grid", "random", "bayes"):
        result = search("--objective", "objective.py:f", "--store", f"{backend}.db", backend=backend)
        assert result.exit_code == exits.OK, result.output
        assert "nothing new is left to try after 4 trials" in result.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "--objective FILE.py:FUNCTION, or a command"),
        (["--objective", "objective.py:f", "--", "echo", "1"], "either"),
        (["--objective", "objective.py"], "objective.py"),
        (["--objective", "missing.py:f"], "missing.py"),
        (["--objective", "objective.py:g"], "it has f"),
        (["--objective", "no.such.module:f"], "there is no module"),
        (["--objective", "objective.py:f", "--backend", "bays"], "did you mean `bayes`"),
        (["--objective", "objective.py:f", "--option", "levels"], "NAME=VALUE"),
        (["--objective", "objective.py:f", "--option", "speed=3"], "no option `speed`"),
        (["--", "echo", "{lr}"], "lr"),
        (["--objective", "objective.py:f", "--option", "seed=3"], "no option of a backend"),
        (["--objective", "objective.py:f", "--option", "name=3"], "no option `name`"),
        (["--objective", "objective.py:f", "--option", "self=3"], "self"),
        (["--objective", "objective.py:f", "--store", ""], "--store needs a path"),
    ],
)
def test_misuse_is_said_before_anything_runs(here, args, said):
    result = run("run", "space.hp", *args)
    assert result.exit_code == exits.MISUSE, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert not (here / "space.study.db").exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('broken on purpose')", "raised ValueError: broken on purpose"),
        ("return float('nan')", "NaN"),
        ("return 'text'", "text"),
        ("return None", "None"),
        ("return {}", "loss"),
        ("import sys; sys.exit(3)", "SystemExit"),
    ],
)
def test_failing_functions_are_recorded_and_the_study_goes_on(here, body, reason):
    (here / "objective.py").write_text(f"def f(config):\n    {body}\n")
    result = search("--objective", "objective.py:f", "--trials", 2)
    assert result.exit_code == exits.NOTHING_FOUND
    assert "2 of 2 trials failed" in result.stdout
    assert "Traceback" not in result.output
    rows = [json.loads(line) for line in run("trials", "space.study.db", "--format", "json").stdout.splitlines()]
    assert [r["state"] for r in rows] == ["failed", "failed"]
    assert reason in rows[0]["reason"]
    assert run("best", "space.study.db").exit_code == exits.NOTHING_FOUND


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; print('the cause', file=sys.stderr); sys.exit(3)", "3"),
        ("print('no number')", "number"),
        ("print('nan')", "NaN"),
        ("import os; os.abort()", "SIGABRT"),
    ],
)
def test_failing_commands_keep_their_output(here, script, reason):
    (here / "script.py").write_text(script)
    result = search("--trials", 1, "--", sys.executable, "script.py")
    assert result.exit_code == exits.NOTHING_FOUND, result.output
    shown = run("trials", "space.study.db", "--number", 0).stdout
    assert reason in shown
    if "cause" in script:
        assert "the cause" in shown


def test_a_program_that_is_not_there(here):
    result = search("--trials", 1, "--", "no-such-program-anywhere")
    assert result.exit_code == exits.NOTHING_FOUND
    assert "no-such-program-anywhere" in result.stderr


def test_generator_exit_is_a_failure_like_any_other(here):
    (here / "objective.py").write_text("def f(config):\n    raise GeneratorExit\n")
    assert search("--objective", "objective.py:f", "--trials", 2).exit_code == exits.NOTHING_FOUND
