"""`hpdsl fmt`: which files change, how, and what is said about it."""

import json
import os
import re
import stat
import subprocess
import sys

import pytest
from click.testing import CliRunner

from hpdsl.cli import exits
from hpdsl.cli import fmt as module
from hpdsl.cli.fmt import fmt
from hpdsl.syntax.formatter import FormatError

UGLY = "x~uniform( 0,1 )   # c\nlonger~bool()\n"
PRETTY = "x      ~ uniform(0, 1)  # c\nlonger ~ bool()\n"
WRONG = "x ~ uniform(0, 1\ny ~ bool()\n"


def run(*args, **kwargs):
    return CliRunner().invoke(fmt, [str(a) for a in args], **kwargs)


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.hp").write_text(UGLY)
    return tmp_path / "a.hp"


def leftovers(path):
    return [p.name for p in path.parent.iterdir() if p.suffix == ".tmp"]


def test_files_are_rewritten_once(path):
    first, second = run("a.hp"), run("a.hp")
    assert (first.exit_code, first.stdout) == (exits.OK, "a.hp: formatted\n")
    assert (second.exit_code, second.stdout) == (exits.OK, "")
    assert path.read_text() == PRETTY
    assert not leftovers(path)


def test_a_formatted_file_is_not_touched(path):
    path.write_text(PRETTY)
    os.utime(path, ns=(1, 1))
    inode = path.stat().st_ino
    assert run("a.hp").exit_code == exits.OK
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (1, inode)


def test_check_lists_and_changes_nothing(path):
    (path.parent / "b.hp").write_text(PRETTY)
    result = run("--check", "a.hp", "b.hp")
    assert (result.exit_code, result.stdout) == (exits.SPEC_ERRORS, "a.hp: would change\n")
    assert path.read_text() == UGLY
    assert run("--check", "b.hp").exit_code == exits.OK


def test_diff_shows_and_changes_nothing(path):
    result = run("--diff", "a.hp")
    assert result.exit_code == exits.OK
    assert result.stdout.splitlines() == [
        "--- a.hp",
        "+++ a.hp (formatted)",
        "@@ -1,2 +1,2 @@",
        "-x~uniform( 0,1 )   # c",
        "-longer~bool()",
        "+x      ~ uniform(0, 1)  # c",
        "+longer ~ bool()",
    ]
    both = run("--diff", "--check", "a.hp")
    assert both.exit_code == exits.SPEC_ERRORS
    assert both.stdout == result.stdout
    assert both.stderr == "a.hp: would change\n"
    assert path.read_text() == UGLY


def test_diff_names_a_missing_newline(path):
    path.write_text("x = 1")
    assert "-x = 1\n\\ No newline at end of file\n+x = 1\n" in run("--diff", "a.hp").stdout


def test_standard_input(path):
    assert run("-", input=UGLY).stdout == PRETTY
    checked = run("--check", "-", input=UGLY)
    assert (checked.exit_code, checked.stdout) == (exits.SPEC_ERRORS, "<stdin>: would change\n")
    assert run("--check", "-", input=PRETTY).exit_code == exits.OK
    assert run("-", input=WRONG).stdout == ""
    assert run("-", input=b"\xff").stderr == "error: <stdin>: not valid UTF-8\n"


def test_text_beyond_ascii_comes_out_as_it_went_in():
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", "from hpdsl.cli.fmt import fmt; fmt(['-'])"]
    result = subprocess.run(command, input="x = 1 # größe\n".encode(), capture_output=True, env=env, check=True)
    assert result.stdout.decode() == "x = 1  # größe\n"


def test_line_ends_marks_and_tabs_are_replaced(path):
    path.write_bytes("\ufeffx\t~ bool()\r\n\r\n\r\ny = 1".encode())
    assert run("a.hp").exit_code == exits.OK
    assert path.read_bytes() == b"x ~ bool()\n\ny = 1\n"


def test_errors_leave_the_file_and_do_not_stop_the_others(path):
    wrong = path.parent / "wrong.hp"
    wrong.write_text(WRONG)
    result = run("wrong.hp", "a.hp")
    assert result.exit_code == exits.SPEC_ERRORS
    assert "HP006" in result.stderr
    assert result.stdout == "a.hp: formatted\n"
    assert (wrong.read_text(), path.read_text()) == (WRONG, PRETTY)


@pytest.mark.parametrize("content", [None, b"x ~ \xff"])
def test_what_cannot_be_read_is_misuse(path, content):
    if content is not None:
        (path.parent / "b.hp").write_bytes(content)
    result = run("b.hp", "a.hp")
    assert result.exit_code == exits.MISUSE
    assert result.stderr.startswith("error: b.hp: ")
    assert path.read_text() == PRETTY


def test_mode_and_links_stay(path):
    path.chmod(0o640)
    link = path.parent / "link.hp"
    link.symlink_to(path.name)
    assert run(link).exit_code == exits.OK
    assert link.is_symlink()
    assert path.read_text() == PRETTY
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_pipe_is_no_file_to_replace(path):
    os.mkfifo(path.parent / "pipe.hp")
    command = [sys.executable, "-c", "from hpdsl.cli.fmt import fmt; fmt(['pipe.hp'])"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        (path.parent / "pipe.hp").write_text(UGLY)
        message = process.stderr.read()
    assert process.returncode == exits.MISUSE
    assert message == "error: pipe.hp: not a regular file; use `-` to format a stream\n"


def test_read_only_files_stay(path, monkeypatch):
    monkeypatch.setattr(module.os, "access", lambda target, mode: False)
    result = run("a.hp")
    assert (result.exit_code, result.stderr) == (exits.MISUSE, "error: a.hp: this file is read-only\n")
    assert path.read_text() == UGLY


def test_a_failure_to_write_leaves_the_file(path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    result = run("a.hp")
    assert result.exit_code == exits.TROUBLE
    assert result.stderr == "error: a.hp: can't be written: No space left on device\n"
    assert path.read_text() == UGLY
    assert not leftovers(path)


def test_an_interrupt_leaves_the_file(path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.os, "replace", interrupt)
    assert run("a.hp").exit_code != exits.OK
    assert path.read_text() == UGLY
    assert not leftovers(path)


def test_a_change_of_meaning_is_refused(path, monkeypatch):
    def refuse(source):
        raise FormatError(f"{source.name}: formatting would change what the file says; it is left as it is")

    monkeypatch.setattr(module, "format_source", refuse)
    result = run("a.hp")
    assert result.exit_code == exits.BUG
    assert re.fullmatch(r"error: a\.hp: formatting would change what the file says;.*report it.*\n", result.stderr)
    assert path.read_text() == UGLY


def test_a_file_is_needed():
    assert run().exit_code == exits.MISUSE


def test_formatting_needs_no_arrays(path):
    code = (
        "import json, sys\nfrom hpdsl.cli.fmt import fmt\n"
        "try:\n    fmt(['a.hp'])\nfinally:\n    print(json.dumps(sorted(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in json.loads(result.stdout.splitlines()[-1])}
    assert "lark" in loaded
    assert not loaded & {"numpy", "scipy", "numba", "rich", "sqlalchemy", "pandas"}
