"""Processes killed at the worst moments, and what the next one makes of their store."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from study.helpers import SPEC, awkward, summary

import hpdsl

ROOT = Path(__file__).parent.parent.parent

CODE = """
import os, signal, sys
sys.path.insert(0, "tests")
import hpdsl
from hpdsl.study.store import Store
from study.helpers import SPEC, awkward

moment, backend, store = sys.argv[1:]
calls = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def objective(config):
    global calls
    calls += 1
    if moment == "during" and calls == 3:
        die()
    return awkward(config)

def wrapped(method, before):
    def call(self, trial):
        if before and trial.number == 3:
            die()
        method(self, trial)
        if not before and trial.number == 3:
            die()
    return call

if moment == "before start":
    Store.start = wrapped(Store.start, True)
elif moment == "after start":
    Store.start = wrapped(Store.start, False)
elif moment == "before end":
    Store.finish = wrapped(Store.finish, True)
elif moment == "after end":
    Store.finish = wrapped(Store.finish, False)
hpdsl.tune(objective, SPEC, backend=backend, trials=8, seed=1, store=store)
"""


@pytest.mark.parametrize(
    ("moment", "left"),
    [("before start", None), ("after start", "running"), ("during", "running"), ("before end", "running"),
     ("after end", None)],
)  # fmt: skip
def test_a_killed_study_goes_on_as_if_nothing_had_happened(tmp_path, moment, left):
    store = tmp_path / "study.db"
    result = subprocess.run([sys.executable, "-c", CODE, moment, "random", str(store)], cwd=ROOT, check=False)
    assert result.returncode == -signal.SIGKILL
    states = [t.state for t in hpdsl.open_study(store).trials]
    assert states.count("running") == (left == "running")
    resumed = hpdsl.tune(awkward, SPEC, backend="random", trials=8, seed=1, store=store)
    assert summary(resumed) == summary(hpdsl.tune(awkward, SPEC, backend="random", trials=8, seed=1))
    assert summary(hpdsl.open_study(store)) == summary(resumed)


@pytest.mark.parametrize("backend", ["auto", "bayes", "tpe"])
def test_a_search_with_a_model_goes_on_after_a_kill_as_if_nothing_had_happened(tmp_path, backend):
    store = tmp_path / "study.db"
    # The model's first proposal comes after the kill.
    command = [sys.executable, "-c", CODE, "before end", backend, str(store)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    resumed = hpdsl.tune(awkward, SPEC, backend=backend, trials=14, seed=1, store=store)
    assert summary(resumed) == summary(hpdsl.tune(awkward, SPEC, backend=backend, trials=14, seed=1))
