"""`--given` and `--fix`, wherever a FILE is taken."""

import json

import pytest
from cli.helpers import run

from hpdsl.cli import exits

TEXT = """
given n = 4
given mode in 1 .. 3 = 2
x ~ int uniform(0, n)
y ~ loguniform(1e-5, 1e-1)
kind ~ choice(a, b)
z ~ uniform(0, 1) when kind == a
flag ~ bool()
s ~ subset(p, q, r)
k ~ choice(none, int uniform(1, mode))
minimize loss
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.hp").write_text(TEXT)
    (tmp_path / "f.py").write_text("def f(config):\n    return config['y']\n")


def sampled(*options):
    result = run("sample", "space.hp", "-n", 30, "--format", "json", *options)
    assert result.exit_code == exits.OK, result.output
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_inputs_are_filled():
    assert max(c["x"] for c in sampled("--given", "n=9")) > 4
    assert max(c["x"] for c in sampled()) <= 4


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ("y=1e-3", "y", 1e-3),
        ("x=2", "x", 2),
        ("kind=b", "kind", "b"),
        ('kind="b"', "kind", "b"),
        ("flag=true", "flag", True),
        ("s=[p, r]", "s", ["p", "r"]),
        ("k=none", "k", None),
    ],
)
def test_parameters_of_every_kind_are_pinned(option, name, value):
    assert all(c[name] == value for c in sampled("--fix", option))


def test_a_pinned_parent_settles_its_children():
    assert all("z" not in c for c in sampled("--fix", "kind=b"))
    assert all(c["z"] == 0.5 for c in sampled("--fix", "kind=a", "--fix", "z=0.5"))


@pytest.mark.parametrize(
    "options",
    [
        ("--given", "m=3"),
        ("--given", "n"),
        ("--given", "n=many"),
        ("--given", "mode=7"),
        ("--given", "n=1", "--given", "n=2"),
        ("--fix", "q=3"),
        ("--fix", "=3"),
        ("--fix", "y"),
        ("--fix", "y=5"),
        ("--fix", "y=nan"),
        ("--fix", "kind=c"),
        ("--fix", "s=[p, w]"),
        ("--fix", "x=[1"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("command", ["explain", "sample", "grid"])
def test_what_is_wrong_is_said(command, options):
    result = run(command, "space.hp", *options)
    assert result.exit_code in (exits.MISUSE, exits.SPEC_ERRORS)
    assert result.stderr.strip()
    assert "Traceback" not in result.output + result.stderr


def test_a_misspelt_name_gets_a_suggestion():
    assert "kind" in run("sample", "space.hp", "--fix", "kid=a").stderr


def test_every_command_takes_them():
    assert run("check", "space.hp", "--given", "n=9", "--fix", "x=9").exit_code == exits.OK
    assert "1 fixed" in run("explain", "space.hp", "--fix", "x=3").stdout
    assert run("grid", "space.hp", "--levels", 2, "--count", "--fix", "y=1e-3").exit_code == exits.OK
    options = ("--objective", "f.py:f", "--backend", "random", "--trials", 3, "--fix", "y=1e-3", "--given", "n=9")
    result = run("run", "space.hp", *options)
    assert result.exit_code == exits.OK, result.output
    assert "0.001" in result.output
