"""What every command shares: exit codes, errors, streams, and how little is imported."""

import io
import json
import os
import pty
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import hpdsl
from hpdsl.cli import COMMANDS, exits, main

GOOD = "x ~ uniform(0, 1)\nk ~ choice(a, b)\nminimize loss\n"
BAD = "a ~ unifrom(0, 1)\n"


def run(*args, **kwargs):
    return CliRunner().invoke(main, [str(a) for a in args], **kwargs)


def process(*args, cwd, **kwargs):
    return subprocess.run(
        [sys.executable, "-m", "hpdsl", *args], cwd=cwd, stdout=subprocess.PIPE, text=True, check=False, **kwargs
    )


@pytest.fixture
def broken_command(monkeypatch):
    """A command `check` that raises what it is given."""

    def install(error):
        @click.command()
        def fails():
            raise error

        monkeypatch.setattr("hpdsl.cli.LazyGroup.get_command", lambda self, ctx, name: fails)

    return install


def test_version_needs_no_installation():
    assert run("--version").stdout == f"hpdsl, version {hpdsl.__version__}\n"


def test_exit_codes_are_different_and_explained():
    assert all(exits.MEANINGS.values())
    codes = [v for k, v in vars(exits).items() if k.isupper() and isinstance(v, int)]
    assert len(set(codes)) == len(codes)
    assert set(codes) == set(exits.MEANINGS) | {exits.BUG}


def test_an_unforeseen_exception_is_owned_up_to(broken_command):
    broken_command(ZeroDivisionError("nobody thought of it"))
    result = run("check")
    assert result.exit_code == exits.BUG
    first, *rest = result.stderr.splitlines()
    assert first.startswith(f"error: this is a bug in hpdsl {hpdsl.__version__}")
    assert rest[0].startswith("Traceback")
    assert rest[-1] == "ZeroDivisionError: nobody thought of it"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), exits.INTERRUPTED, "interrupted"),
        (OSError(28, "No space left on device"), exits.TROUBLE, "error: No space left on device"),
        (PermissionError(13, "Permission denied", "a.txt"), exits.TROUBLE, "error: a.txt: Permission denied"),
        (hpdsl.StoreError("locked"), exits.TROUBLE, "error: locked"),
        (hpdsl.SamplingError("hopeless"), exits.TROUBLE, "error: hopeless"),
        (hpdsl.UnknownNameError("no x"), exits.MISUSE, "error: no x"),
        (click.UsageError("odd"), exits.MISUSE, "Error: odd"),
    ],
)
def test_foreseen_errors_are_one_line(broken_command, error, code, said):
    broken_command(error)
    result = run("check")
    assert result.exit_code == code
    assert result.stderr.splitlines()[-1] == said
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_options_that_do_not_exist_are_misuse(command):
    result = run(command, "x", "--no-such-option")
    assert result.exit_code == exits.MISUSE
    assert "--no-such-option" in result.stderr


def test_an_encoding_without_a_character_gets_an_escape(tmp_path):
    (tmp_path / "space.hp").write_text('k ~ choice("größe", "π")\n', encoding="utf-8")
    result = process(
        "grid", "space.hp", "--format", "csv", cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert result.returncode == exits.OK
    assert result.stdout.splitlines()[1:] == ["gr\\xf6\\xdfe", "\\u03c0"]


@pytest.mark.parametrize(("command", "stream"), [("check", "stdout"), ("explain", "stderr")])
@pytest.mark.parametrize("setting", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colors_are_for_terminals_that_want_them(tmp_path, command, stream, setting):
    (tmp_path / "bad.hp").write_text(BAD)
    leader, follower = pty.openpty()
    plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: follower}
    subprocess.run(
        [sys.executable, "-m", "hpdsl", command, "bad.hp"],
        cwd=tmp_path,
        env={**plain, "TERM": "xterm", **setting},
        check=False,
        **pipes,
    )
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    assert "HP024" in shown
    assert ("\x1b[" in shown) == (not setting)


def test_pipes_get_no_colors(tmp_path):
    (tmp_path / "bad.hp").write_text(BAD)
    for command in ("check", "explain"):
        assert "\x1b" not in run(command, tmp_path / "bad.hp").output


def test_labels_cannot_steer_a_terminal(tmp_path):
    path = tmp_path / "space.hp"
    path.write_text('k ~ choice("a\\nb", "c")\n')
    found = [json.loads(line)["k"] for line in run("grid", path, "--format", "json").stdout.splitlines()]
    table = run("grid", path).stdout
    assert found == ["a\nb", "c"]
    assert table.splitlines() == ["k", "a\\nb", "c"]


def test_an_empty_listing_has_its_heading(tmp_path):
    path = tmp_path / "space.hp"
    path.write_text(GOOD)
    assert run("sample", path, "-n", 0).stdout.split() == ["x", "k"]
    assert run("sample", path, "-n", 0, "--format", "csv").stdout == "x,k\n"
    assert run("sample", path, "-n", 0, "--format", "json").stdout == ""


def imports(*args, cwd):
    """The root modules a command imports."""
    env = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    result = process(*args, cwd=cwd, env=env, stderr=subprocess.PIPE)
    return {m.split(".")[0] for m in re.findall(r"\| +([\w.]+)$", result.stderr, flags=re.MULTILINE)}


@pytest.mark.parametrize("args", [["check", "space.hp"], ["--help"], ["--version"]])
def test_light_commands_import_little(tmp_path, args):
    (tmp_path / "space.hp").write_text(GOOD)
    found = imports(*args, cwd=tmp_path)
    assert "click" in found
    assert not found & {"numpy", "numba", "scipy", "rich", "sqlalchemy", "pandas"}


def test_a_grid_of_any_size_starts_at_once(tmp_path):
    path = tmp_path / "space.hp"
    path.write_text("".join(f"x{i} ~ uniform(0, 1)\n" for i in range(30)))
    assert run("grid", path, "--levels", 10, "--count").stdout == f"{10**30}\n"
    command = [sys.executable, "-m", "hpdsl", "grid", str(path), "--levels", "10", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
        assert json.loads(listing.stdout.readline())["x0"] == 0.0
        listing.stdout.close()
        assert listing.stderr.read() == ""
        assert listing.wait(30) == exits.OK


def test_a_warmup_says_where_it_keeps_what(monkeypatch, tmp_path):
    from hpdsl.kernels import cache, engine

    monkeypatch.setattr(engine, "warm", lambda: False)
    monkeypatch.setattr(engine, "warmup", lambda: None)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    result = run("warmup")
    assert result.exit_code == exits.OK
    assert re.search(r"compiled in \d+\.\d s, kept in " + re.escape(str(tmp_path)), result.stdout)
    monkeypatch.setattr(cache, "folder", lambda: None)
    assert "set HPDSL_CACHE_DIR" in run("warmup").stdout
    monkeypatch.setattr(engine, "warm", lambda: True)
    assert "compiled already" in run("warmup").stdout


def test_standard_input_must_be_utf8():
    result = run("check", "-", input=io.BytesIO(b"x ~ \xff"))
    assert result.exit_code == exits.MISUSE
    assert result.stderr.splitlines() == ["error: <stdin>: not valid UTF-8"]
