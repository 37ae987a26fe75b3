"""best and trials: what a store holds, and files that are none."""

import csv
import io
import json

import pytest
from cli.helpers import run, search

import hpdsl
from hpdsl.cli import exits


def test_names_that_listings_use_too(here):
    (here / "space.hp").write_text("state ~ choice(a, b)\nx ~ uniform(0, 1)\nminimize loss\n")
    (here / "objective.py").write_text("def f(c):\n    return {'loss': c['x'], 'state': 7, 'speed': 2.5}\n")
    assert search("--objective", "objective.py:f", "--trials", 2).exit_code == exits.OK
    rows = list(csv.DictReader(io.StringIO(run("trials", "space.study.db", "--format", "csv").stdout)))
    assert list(rows[0]) == [
        *("number", "state", "loss", "config.state", "x", "outcomes.state", "speed", "duration", "reason")
    ]
    assert [(r["state"], r["outcomes.state"], r["speed"]) for r in rows] == [("complete", "7", "2.5")] * 2
    assert {r["config.state"] for r in rows} <= {"a", "b"}
    assert "other outcomes: state = 7, speed = 2.5" in run("best", "space.study.db").stdout
    best = json.loads(run("best", "space.study.db", "--format", "json").stdout)
    assert best["objective"] == "loss"
    assert best["outcomes"]["speed"] == 2.5


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


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look at" * 30])
def test_files_that_are_no_stores(here, content):
    (here / "odd.db").write_bytes(content)
    for command in (["best", "odd.db"], ["trials", "odd.db"]):
        result = run(*command)
        assert result.exit_code == exits.TROUBLE
        assert len(result.stderr.splitlines()) == 1
    assert (here / "odd.db").read_bytes() == content


def test_missing_stores_and_trials(here):
    assert run("best", "none.db").exit_code == exits.TROUBLE
    search("--objective", "objective.py:f", "--trials", 1)
    result = run("trials", "space.study.db", "--number", 7)
    assert result.exit_code == exits.MISUSE
    assert "no trial 7" in result.stderr


def test_best_of_several_objectives_is_the_front(here):
    (here / "space.hp").write_text("x ~ uniform(0, 1)\nk ~ int uniform(1, 9)\nminimize loss\nmaximize speed\n")
    (here / "objective.py").write_text("def f(c):\n    return {'loss': c['x'], 'speed': c['x'] * c['k']}\n")
    assert search("--objective", "objective.py:f", "--trials", 6).exit_code == exits.OK
    front = hpdsl.open_study("space.study.db").front
    rows = [json.loads(line) for line in run("best", "space.study.db", "--format", "json").stdout.splitlines()]
    assert [(r["number"], r["outcomes"]["loss"]) for r in rows] == [(t.number, t.outcomes["loss"]) for t in front]
    assert {tuple(r["objectives"]) for r in rows} == {("loss", "speed")}
    head, titles, *shown = run("best", "space.study.db").stdout.splitlines()
    assert head == f"minimize loss, maximize speed: {len(front)} of 6 trials are the best compromises"
    assert titles.split()[:3] == ["number", "loss", "speed"]
    assert len(shown) == len(front)


def test_best_of_several_objectives_where_every_trial_failed(here):
    (here / "space.hp").write_text("x ~ uniform(0, 1)\nminimize loss\nmaximize speed\n")
    (here / "objective.py").write_text("def f(c):\n    return None\n")
    search("--objective", "objective.py:f", "--trials", 2)
    result = run("best", "space.study.db")
    assert result.exit_code == exits.NOTHING_FOUND
    assert result.stderr.startswith("error: ")
