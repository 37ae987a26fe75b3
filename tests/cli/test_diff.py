"""`hpdsl diff`: what it prints, and exit codes like those of diff."""

import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from hpdsl.cli import exits
from hpdsl.cli.diff import diff

OLD = "x ~ uniform(0, 1)\nk ~ choice(a, b)\nminimize loss\n"
NEW = "## doc\nk ~ choice(a, b, c)\nx ~ uniform(0, 2)   unit s\nminimize loss\n"


def run(*args, **kwargs):
    return CliRunner().invoke(diff, [str(a) for a in args], **kwargs)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.hp").write_text(OLD)
    (tmp_path / "new.hp").write_text(NEW)
    return tmp_path


def test_differences_as_text():
    result = run("old.hp", "new.hp")
    assert result.exit_code == 1
    assert result.stdout == (
        "k: labels added\n  + c  (new.hp:2)\nx: widened\n  - uniform(0, 1)  (old.hp:1)\n  + uniform(0, 2)  (new.hp:3)\n"
    )


def test_differences_as_json():
    result = run("old.hp", "new.hp", "--format", "json")
    assert result.exit_code == 1
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first["kind"] == "labels added"
    assert second == {
        "kind": "widened",
        "path": "x",
        "old": "uniform(0, 1)",
        "new": "uniform(0, 2)",
        "old_place": {"file": "old.hp", "line": 1},
        "new_place": {"file": "new.hp", "line": 3},
    }


def test_equal_meaning(here):
    (here / "new.hp").write_text("## doc\nminimize loss # c\nk ~ choice(a, b)\n\nx ~ uniform(0, 1)   unit s\n")
    result = run("old.hp", "new.hp")
    assert (result.exit_code, result.stdout) == (exits.OK, "old.hp and new.hp mean the same\n")
    assert run("old.hp", "new.hp", "--format", "json").stdout == ""


def test_another_experiment_is_a_difference(here):
    (here / "new.hp").write_text(OLD.replace("minimize", "maximize"))
    result = run("old.hp", "new.hp")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "loss: objective"


def test_standard_input():
    assert run("-", "old.hp", input=OLD).exit_code == exits.OK
    assert "(<stdin>:3)" in run("old.hp", "-", input=NEW).stdout
    assert run("-", "-", input=OLD).exit_code == exits.MISUSE


def test_errors_are_no_difference(here):
    (here / "bad.hp").write_text("x ~ unifrom(0, 1)\n")
    for args in (("old.hp", "bad.hp"), ("bad.hp", "old.hp")):
        result = run(*args)
        assert (result.exit_code, result.stdout) == (exits.MISUSE, "")
        assert "HP024" in result.stderr


def test_inputs_are_filled_where_they_are_known(here):
    (here / "with.hp").write_text("given n = 1\n" + OLD.replace("(0, 1)", "(0, n)"))
    assert run("old.hp", "with.hp").exit_code == exits.OK
    result = run("old.hp", "with.hp", "--given", "n=2")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, "x: widened")


@pytest.mark.parametrize("args", [["old.hp", "gone.hp"], ["old.hp", "new.hp", "--given", "m=1"]])
def test_misuse(args):
    command = [
        sys.executable,
        "-c",
        "import hpdsl.cli as c; c.COMMANDS['diff'] = ('hpdsl.cli.diff:diff', ''); c.main()",
    ]
    result = subprocess.run([*command, "diff", *args], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (exits.MISUSE, "")
    assert re.fullmatch(r"error: (gone\.hp: no such file|--given m: neither space has this input)\n", result.stderr)


def test_labels_cannot_steer_a_terminal(here):
    (here / "new.hp").write_text('x ~ uniform(0, 1)\nk ~ choice(a, b, "\\n\\tc", "\u200bd")\nminimize loss\n')
    lines = run("old.hp", "new.hp").stdout.splitlines()
    assert lines[1] == '  + "\\n\\tc", "\\u200bd"  (new.hp:2)'


def test_comparing_needs_no_arrays():
    code = (
        "import json, sys\nfrom hpdsl.cli.diff import diff\n"
        "try:\n    diff(['old.hp', 'new.hp'])\nfinally:\n    print(json.dumps(sorted(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    loaded = {name.split(".")[0] for name in json.loads(result.stdout.splitlines()[-1])}
    assert "lark" in loaded
    assert not loaded & {"numpy", "scipy", "numba", "rich", "sqlalchemy", "pandas"}
