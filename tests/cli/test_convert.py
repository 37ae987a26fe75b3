"""`hpdsl convert`: where the text goes, what is said about it, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli.helpers import run
from click.testing import CliRunner

from hpdsl.cli import exits, main

PCS = "a {x, y} [x]\nb [0, 1] [0.5]\nb | a in {x}\n"
HP = "a ~ choice(x, y)   default x\nb ~ uniform(0, 1)  default 0.5  when a == x\n"
NOTED = "a {x, y} [z]\nb real [0, 1] [0]\n{b=0.5}\n"
WEIGHTED = "a ~ choice(x: 2, y: 1)\nb ~ normal(0, 1) in -2 .. 2\n"
SUMS = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire sin_free > 0\nsin_free = 1.5 - a - b\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.pcs").write_text(PCS)
    (tmp_path / "noted.pcs").write_text(NOTED)
    (tmp_path / "in.hp").write_text(HP)
    return tmp_path


def convert(*args: object, **more: Any) -> Any:
    return CliRunner().invoke(main, ["convert", *map(str, args)], **more)


def test_formats_follow_from_the_names(here: Path) -> None:
    result = convert("in.pcs", "out.hp")
    assert (result.exit_code, result.output) == (exits.OK, "")
    assert (here / "out.hp").read_text() == HP
    assert run("check", "out.hp").exit_code == exits.OK
    assert run("fmt", "--check", "out.hp").exit_code == exits.OK


def test_standard_output_and_input(here: Path) -> None:
    assert convert("in.pcs", "-").stdout == HP
    assert convert("-", "-", input=PCS).stdout == HP
    assert convert("-", "-", "--from", "pcs", "--to", "hp", input=PCS).stdout == HP


def test_what_is_lost_goes_to_standard_error(here: Path) -> None:
    result = convert("noted.pcs", "-")
    assert result.exit_code == exits.OK
    assert result.stderr.splitlines() == [
        "note: `a`: the default z is none of its values; left out",
        "note: b in [0.5]: a continuous parameter takes no single value; clause left out",
    ]
    assert result.stdout.endswith("\na ~ choice(x, y)\nb ~ uniform(0, 1)  default 0\n")


def test_an_existing_file_is_kept(here: Path) -> None:
    (here / "out.hp").write_text("mine")
    result = convert("in.pcs", "out.hp")
    assert result.exit_code == exits.MISUSE
    assert result.stderr == "error: out.hp exists; give --force to overwrite it, or another name\n"
    assert (here / "out.hp").read_text() == "mine"
    assert convert("in.pcs", "out.hp", "--force").exit_code == exits.OK
    assert (here / "out.hp").read_text() == HP


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {x [x]\n", "error: bad.pcs: line 1: expected `name {values} [default]`"),
        ("a [0,1] [0]\n{sin(a) > 0.5}\n", "error: bad.pcs: line 2: the function `sin` has no counterpart"),
        ("a {x, y} [x]\n{a=x}\n{a=y}\n", "error[HP030]: no configuration satisfies this\n --> <bad.pcs as .hp>:3:1"),
    ],
)
def test_what_can_not_be_said_is_an_error_and_writes_nothing(here: Path, text: str, message: str) -> None:
    (here / "bad.pcs").write_text(text)
    (here / "out.hp").write_text("mine")
    result = convert("bad.pcs", "out.hp", "--force")
    assert result.exit_code == exits.SPEC_ERRORS and message in result.stderr
    assert (here / "out.hp").read_text() == "mine" and not result.stdout


def test_errors_of_a_hp_file_show_its_own_lines(here: Path) -> None:
    (here / "bad.hp").write_text("x ~ uniform(1, 0)\n")
    result = convert("bad.hp", "out.pcs")
    assert result.exit_code == exits.SPEC_ERRORS and "--> bad.hp:1:" in result.stderr
    assert not (here / "out.pcs").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("none.pcs", "out.hp"), "none.pcs: no such file"),
        (("a\0b.pcs", "out.hp"), r"'a\x00b.pcs' can't be the name of a file"),
        (("in.hp", "a\0b.pcs"), r"'a\x00b.pcs' can't be the name of a file"),
        (("in.hp", "-"), "name the format of - with --to"),
        (("in.pcs", "out.xyz"), "name the format of out.xyz with --to"),
        (("in.hp", "out.xyz"), "name the format of out.xyz with --to"),
        (("in.pcs", "out.hp", "--from", "foo"), "foo"),
    ],
)
def test_wrong_calls(here: Path, args: tuple[str, ...], message: str) -> None:
    result = convert(*args)
    assert result.exit_code == exits.MISUSE and message in result.stderr


def test_a_format_that_is_only_read(here: Path) -> None:
    result = convert("in.hp", "out.yaml", "--to", "wandb")
    assert result.exit_code == exits.SPEC_ERRORS and "can only be read" in result.stderr


def test_writers_say_what_they_lose(here: Path) -> None:
    (here / "in.hp").write_text(WEIGHTED)
    result = convert("in.hp", "out.pcs")
    assert result.exit_code == exits.OK and len(result.stderr.splitlines()) == 2
    assert all(line.startswith("note: ") for line in result.stderr.splitlines())
    assert (here / "out.pcs").read_text().startswith("a categorical {x, y}")


def test_a_sentence_that_the_format_can_not_hold(here: Path) -> None:
    (here / "in.hp").write_text(SUMS)
    result = convert("in.hp", "out.json", "--to", "configspace")
    assert result.exit_code == exits.SPEC_ERRORS and "require sin_free > 0" in result.stderr
    assert "give --lossy" in result.stderr and not (here / "out.json").exists()
    result = convert("in.hp", "out.json", "--to", "configspace", "--lossy")
    assert result.exit_code == exits.OK and "note: lost: " in result.stderr
    assert "hyperparameters" in (here / "out.json").read_text()


def test_a_folder_that_is_not_there(here: Path) -> None:
    result = convert("in.pcs", "none/out.hp")
    assert result.exit_code == exits.TROUBLE and "none/out.hp" in result.stderr


def test_a_json_file_is_one_of_configspace_unless_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.hp").write_text("x ~ uniform(0, 1)\nk ~ choice(a, b)\n")
    result = run("convert", "in.hp", "out.json")
    assert result.exit_code == exits.OK, result.output
    assert "written as configspace" in result.stderr
    assert "hyperparameters" in (tmp_path / "out.json").read_text()
    assert run("convert", "out.json", "back.hp").exit_code == exits.OK
