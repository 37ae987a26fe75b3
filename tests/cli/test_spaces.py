"""check, explain, sample and grid from the command line."""

import csv
import io
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import hpdsl
from hpdsl.cli import COMMANDS, exits, main

GOOD = "n ~ int uniform(1, 3)\nx ~ uniform(0, 1) when n > 1\nminimize loss\n"


@pytest.fixture
def hp(tmp_path):
    path = tmp_path / "space.hp"
    path.write_text(GOOD)
    return str(path)


def run(*args, **kwargs):
    return CliRunner().invoke(main, [str(a) for a in args], **kwargs)


def test_every_command_has_help():
    listing = run("--help")
    assert listing.exit_code == exits.OK
    for name in COMMANDS:
        assert name in listing.output
        result = run(name, "--help")
        assert result.exit_code == exits.OK
        assert "Usage:" in result.output


def test_check_says_clean(hp):
    result = run("check", hp)
    assert result.exit_code == exits.OK
    assert "no errors" in result.output


def test_check_shows_every_error_of_every_file(tmp_path, hp):
    bad = tmp_path / "bad.hp"
    bad.write_text("a ~ unifrom(0, 1)\nb ~ uniform(3, 1)\n")
    result = run("check", hp, bad)
    assert result.exit_code == exits.SPEC_ERRORS
    assert "error[HP024]" in result.output
    assert "error[HP021]" in result.output
    assert "2 errors" in result.output


def test_strict_turns_warnings_into_errors(tmp_path):
    path = tmp_path / "w.hp"
    path.write_text("x ~ choice(1, 2, 4)\n")
    assert run("check", path).exit_code == exits.OK
    assert run("check", "--strict", path).exit_code == exits.SPEC_ERRORS


def test_check_json_is_one_object_a_line(tmp_path):
    path = tmp_path / "bad.hp"
    path.write_text("a ~ unifrom(0, 1)\nb ~ uniform(3, 1)\n")
    found = [json.loads(line) for line in run("check", "--format", "json", path).output.splitlines()]
    assert [d["code"] for d in found] == ["HP024", "HP021"]
    assert {"severity", "message", "line", "column", "help"} <= found[0].keys()


def test_check_reads_standard_input():
    assert run("check", "-", input=GOOD).exit_code == exits.OK
    assert run("check", "-", input="x ~ \n").exit_code == exits.SPEC_ERRORS


@pytest.mark.parametrize("command", ["check", "explain", "sample", "grid"])
def test_files_that_cannot_be_read(command, tmp_path):
    garbled = tmp_path / "garbled.hp"
    garbled.write_bytes(b"x ~ uniform(0, 1)\n\xff\xfe\n")
    for path, said in (
        (tmp_path / "none.hp", "no such file"),
        (tmp_path, "folder"),
        (garbled, "UTF-8 (line 2"),
        ("a\0b.hp", r"'a\x00b.hp' can't be the name of a file"),
    ):
        result = run(command, path)
        assert result.exit_code == exits.MISUSE
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["explain", "sample", "grid", "run"])
def test_a_broken_space_shows_its_diagnostics(command, tmp_path):
    path = tmp_path / "bad.hp"
    path.write_text("a ~ unifrom(0, 1)\n")
    result = run(command, path, *(["--objective", "x.py:f"] if command == "run" else []))
    assert result.exit_code == exits.SPEC_ERRORS
    assert "error[HP024]" in result.stderr
    assert "Traceback" not in result.output


def test_sample_formats(hp):
    expected = list(hpdsl.load(hp).sample(4, seed=7))
    result = run("sample", hp, "-n", 4, "--seed", 7, "--format", "json")
    assert [json.loads(line) for line in result.stdout.splitlines()] == expected
    assert "seed 7" in result.stderr
    rows = list(csv.DictReader(io.StringIO(run("sample", hp, "-n", 4, "--seed", 7, "--format", "csv").stdout)))
    assert [r["x"] == "" for r in rows] == ["x" not in c for c in expected]
    table = run("sample", hp, "-n", 4, "--seed", 7).stdout.splitlines()
    assert table[0].split() == ["n", "x"]
    assert len(table) == 5


def test_sample_start_continues(hp):
    whole = run("sample", hp, "-n", 6, "--format", "json").stdout.splitlines()
    assert run("sample", hp, "-n", 2, "--start", 4, "--format", "json").stdout.splitlines() == whole[4:]


def test_grid_lists_and_counts(hp):
    assert run("grid", hp, "--levels", 3, "--count").stdout.strip() == "7"
    rows = [json.loads(line) for line in run("grid", hp, "--levels", 3, "--format", "json").stdout.splitlines()]
    assert rows == list(hpdsl.load(hp).grid(levels=3))


def test_explain_prints_what_the_space_says(hp):
    assert run("explain", hp).stdout.startswith(hpdsl.load(hp).explain() + "\nsearch auto: ")


def test_an_impossible_space_is_named(tmp_path):
    path = tmp_path / "none.hp"
    path.write_text("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire (x - y) ** 2 < 1e-30 : 'meet'\n")
    result = run("sample", path)
    assert result.exit_code == exits.TROUBLE
    assert "meet" in result.stderr


def test_a_misspelt_command_gets_a_suggestion():
    result = run("chekc", "x.hp")
    assert result.exit_code == exits.MISUSE
    assert "did you mean `check`" in result.stderr


def test_a_reader_that_has_seen_enough_is_no_error(hp):
    shell = f"{sys.executable} -m hpdsl sample {hp} -n 100000 --format json | head -n 1"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", shell], capture_output=True, text=True, check=False)
    assert len(result.stdout.splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert "Broken" not in result.stderr
    assert result.returncode == 0


def test_output_that_cannot_be_written(hp):
    for redirection, code in (("> /dev/full", exits.TROUBLE), (">&-", exits.OK)):
        line = f"{sys.executable} -m hpdsl sample {hp} {redirection}"
        result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert result.returncode == code, result.stderr
        assert "Traceback" not in result.stderr


def test_too_many_levels_are_refused_at_once(hp):
    for count in ([], ["--count"]):
        result = run("grid", hp, "--levels", 10**15, *count)
        assert result.exit_code == exits.MISUSE
        assert "too many" in result.stderr
