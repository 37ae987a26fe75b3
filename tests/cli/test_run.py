"""run, best and trials from the command line: the whole way, and every way to fail."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from hpdsl.cli import exits, main

SPACE = "x ~ uniform(-1, 1)\nkind ~ choice(a, b)\ny ~ uniform(0, 1) when kind == a\nminimize loss\n"
OBJECTIVE = "def f(config):\n    return config['x'] ** 2 + config.get('y', 0.5)\n"
SCRIPT = """
import sys
values = dict(a.removeprefix("--").split("=") for a in sys.argv[1:])
print("some noise")
print(float(values["x"]) ** 2)
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.hp").write_text(SPACE)
    (tmp_path / "objective.py").write_text(OBJECTIVE)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


def run(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def search(*args, backend="random"):
    return run("run", "space.hp", "--backend", backend, *args)


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
    assert table[0].split() == ["number", "state", "loss", "x", "kind", "y", "reason"]
    assert len(run("trials", "space.study.db", "--format", "csv").stdout.splitlines()) == 13
    assert "trial 3: complete" in run("trials", "space.study.db", "--number", 3).stdout


def test_a_command_is_tuned_and_its_best_call_shown(here):
    result = search("--trials", 4, "--", sys.executable, "script.py", "--x={x}", "--y={y}")
    assert result.exit_code == exits.OK, result.output
    again = next(line for line in result.stdout.splitlines() if line.startswith("evaluate it again: "))
    value = subprocess.run(again.removeprefix("evaluate it again: "), shell=True, capture_output=True, text=True)
    best = json.loads(run("best", "space.study.db", "--format", "json").stdout)
    assert float(value.stdout.splitlines()[-1]) == best["value"]


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
        ("return {'other': 1.0}", "other"),
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


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look at" * 30])
def test_files_that_are_no_stores(here, content):
    (here / "odd.db").write_bytes(content)
    for command in (["best", "odd.db"], ["trials", "odd.db"]):
        result = run(*command)
        assert result.exit_code == exits.TROUBLE
        assert len(result.stderr.splitlines()) == 1
    assert (here / "odd.db").read_bytes() == content


def shell(line, cwd):
    command = line.replace("hpdsl ", f"{sys.executable} -m hpdsl ")
    return subprocess.run(["bash", "-c", command], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("pipe", ["| head -c 10", "2>&1 | head -n 2", "2>&-", ">&-", "> /dev/full"])
def test_a_reader_that_leaves_ends_no_study_and_fails_no_trial(here, pipe):
    (here / "objective.py").write_text("def f(config):\n    print('z' * 20000, flush=True)\n    return config['x']\n")
    shell(f"hpdsl run space.hp --objective objective.py:f --trials 8 --backend random {pipe}", here)
    rows = [json.loads(line) for line in run("trials", "space.study.db", "--format", "json").stdout.splitlines()]
    assert [r["state"] for r in rows] == ["complete"] * 8


def test_json_is_strict(here):
    (here / "objective.py").write_text("def f(config):\n    return {'loss': float('nan'), 'other': float('inf')}\n")
    search("--objective", "objective.py:f", "--trials", 1)
    for arguments in ([], ["--number", 0]):
        text = run("trials", "space.study.db", "--format", "json", *arguments).stdout
        assert "NaN" not in text.replace("returned NaN", "").replace("is NaN", "") or "reason" in text
        assert json.loads(text.splitlines()[0])["value"] is None


def test_escape_sequences_do_not_reach_the_terminal(here):
    (here / "objective.py").write_text("def f(config):\n    raise ValueError('\\x1b[31mred')\n")
    result = search("--objective", "objective.py:f", "--trials", 1)
    shown = run("trials", "space.study.db", "--number", 0)
    assert "\x1b" not in result.output + shown.output
    assert "\\x1b[31mred" in result.stderr


def test_generator_exit_is_a_failure_like_any_other(here):
    (here / "objective.py").write_text("def f(config):\n    raise GeneratorExit\n")
    assert search("--objective", "objective.py:f", "--trials", 2).exit_code == exits.NOTHING_FOUND


def test_missing_stores_and_trials(here):
    assert run("best", "none.db").exit_code == exits.TROUBLE
    search("--objective", "objective.py:f", "--trials", 1)
    result = run("trials", "space.study.db", "--number", 7)
    assert result.exit_code == exits.MISUSE
    assert "no trial 7" in result.stderr


SLOW = """
import pathlib, time
def f(config):
    log = pathlib.Path("log.txt")
    with log.open("a") as out:
        out.write(repr(config["x"]) + "\\n")
    if len(log.read_text().splitlines()) == 3:
        pathlib.Path("ready").touch()
        time.sleep(60)
    return config["x"] ** 2
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_continues_with_the_same_values(here, number):
    (here / "objective.py").write_text(SLOW)
    command = [sys.executable, "-m", "hpdsl", "run", "space.hp", "--objective", "objective.py:f", "--trials", "5"]
    command += ["--backend", "random"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not (here / "ready").exists() and time.monotonic() < deadline:
        time.sleep(0.02)  # for another process, which is told nothing by us but its signal
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == exits.INTERRUPTED, stderr
    assert "the same command continues" in stderr
    subprocess.run(command, check=True, capture_output=True)
    asked = (here / "log.txt").read_text().splitlines()
    assert len(asked) == 6
    assert asked[2] == asked[3]
    rows = [json.loads(line) for line in run("trials", "space.study.db", "--format", "json").stdout.splitlines()]
    assert [r["state"] for r in rows] == ["complete"] * 5


def test_a_terminal_shows_one_line(here):
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "hpdsl", "run", "space.hp", "--objective", "objective.py:f", "--trials", "6"]
    result = subprocess.run([*command, "--backend", "random"], stderr=follower, stdout=subprocess.PIPE, check=True)
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    assert b"best loss" in result.stdout
    assert shown.count("\r") >= 6
    assert "trial 5 (6/6)" in shown
    assert "left" in shown
    assert len(shown.replace("\r\n", "\n").splitlines()) <= 12
