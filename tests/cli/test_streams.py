"""A run and the world around it: readers that leave, signals, terminals."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from cli.helpers import run, search

from hpdsl.cli import exits


def shell(line, cwd):
    command = line.replace("hpdsl ", f"{sys.executable} -m hpdsl ")
    return subprocess.run(["bash", "-c", command], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("pipe", ["| head -c 10", "2>&1 | head -n 2", "2>&-", ">&-", "> /dev/full"])
def test_a_reader_that_leaves_ends_no_study_and_fails_no_trial(here, pipe):
    (here / "objective.py").write_text("def f(config):\n    print('z' * 20000, flush=True)\n    return config['x']\n")
    shell(f"hpdsl run space.hp --objective objective.py:f --trials 8 --backend random {pipe}", here)
    rows = [json.loads(line) for line in run("trials", "space.study.db", "--format", "json").stdout.splitlines()]
    assert [r["state"] for r in rows] == ["complete"] * 8


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_continues_with_the_same_values(here, number):
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("this process was started with the signal ignored, and so are its children")
    (here / "objective.py").write_text(SLOW)
    command = [sys.executable, "-m", "hpdsl", "run", "space.hp", "--objective", "objective.py:f", "--trials", "5"]
    command += ["--backend", "random"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (here / "ready").exists() and time.monotonic() < deadline:
        time.sleep(0.02)  # for another process, which is told nothing by us but its signal
    process.send_signal(number)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == exits.INTERRUPTED, stderr
    assert "the same command continues" in stderr
    subprocess.run(command, check=True, capture_output=True)
    asked = (here / "log.txt").read_text().splitlines()
    assert len(asked) == 6
    assert asked[2] == asked[3]
    rows = [json.loads(line) for line in run("trials", "space.study.db", "--format", "json").stdout.splitlines()]
    assert [r["state"] for r in rows] == ["complete"] * 5


def test_an_interrupted_program_is_ended_too(here):
    (here / "script.py").write_text(
        "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-m", "hpdsl", "run", "space.hp", "--backend", "random", "--", sys.executable]
    process = subprocess.Popen([*command, "script.py"], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not ((here / "pid").exists() and (here / "pid").read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)  # for another process, which is told nothing by us but its signal
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == exits.INTERRUPTED, stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int((here / "pid").read_text()), 0)


def test_signals_are_handled_as_before_once_it_is_over(here):
    before = signal.getsignal(signal.SIGTERM), sys.stdout, sys.stderr
    search("--objective", "objective.py:f", "--trials", 1)
    assert (signal.getsignal(signal.SIGTERM), sys.stdout, sys.stderr) == before


def on_terminal(command):
    """The exit code, and what a terminal shows of both streams: rewritten lines as they end up."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(command, stderr=follower, stdout=follower)
    os.close(follower)
    data = b""
    with contextlib.suppress(OSError):  # how a terminal says that the other side is closed
        while chunk := os.read(leader, 1 << 16):
            data += chunk
    os.close(leader)
    rows = []
    for text in data.decode().replace("\r\n", "\n").split("\n"):
        row = ""
        for part in text.split("\r"):
            row = part + row[len(part) :]
        rows.append(row.rstrip())
    return process.wait(30), data.decode(), rows


def test_a_terminal_shows_one_line(here):
    command = [sys.executable, "-m", "hpdsl", "run", "space.hp", "--objective", "objective.py:f", "--trials", "6"]
    code, data, rows = on_terminal([*command, "--backend", "random"])
    assert code == exits.OK
    assert "trial 5 (6/6)" in data
    assert "left" in data
    assert not any("left" in row for row in rows)
    assert rows[0] == "seed 0, backend random, store space.study.db"
    assert rows[1].startswith("best loss = ")


def test_what_an_objective_prints_stands_above_the_line(here):
    body = "    print('one', config['x'] > 9)\n    print('two', end='')\n    raise ValueError('three')\n"
    (here / "objective.py").write_text("def f(config):\n" + body)
    command = [sys.executable, "-m", "hpdsl", "run", "space.hp", "--objective", "objective.py:f", "--trials", "2"]
    code, _, rows = on_terminal([*command, "--backend", "random"])
    assert code == exits.NOTHING_FOUND
    assert rows[1:7] == [
        *("one False", "two", "trial 0 failed: raised ValueError: three"),
        *("one False", "two", "trial 1 failed: raised ValueError: three"),
    ]
