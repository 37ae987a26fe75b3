"""The table of formats: how a text's format is found, and the entry points over it."""

from __future__ import annotations

from pathlib import Path

import pytest

import hpdsl
from hpdsl import interop
from hpdsl.errors import SpecError, UsageError
from hpdsl.interop.formats import FORMATS, convert, detect, draft, named, written

TEXTS = {
    "hp": "x ~ uniform(0, 1)\n",
    "configspace": '{"hyperparameters": [{"type": "constant", "name": "k", "value": 1}], "conditions": []}',
    "t1": '{"ConfigurationSpace": {"TuningParameters": []}}',
    "optuna": '{"lr": {"name": "FloatDistribution", "attributes": {"low": 0.0, "high": 1.0, "log": false}}}',
    "irace": 'algorithm "--" c (as, mmas)\nalpha "--alpha " r (0.0, 5.0) | algorithm %in% c("as")\n',
    "pcs": "a {x, y} [x]\nb [0, 1] [0.5]\n",
    "wandb": "method: random\nparameters:\n  lr:\n    min: 0.1\n    max: 1.0\n",
}
NEW_PCS = "alpha real [0, 1] [0.5] log\n"
OPTUNA_STRINGS = '{"lr": "{\\"name\\": \\"FloatDistribution\\", \\"attributes\\": {}}"}'


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_recognised_by_what_it_looks_like(name: str) -> None:
    assert detect(TEXTS[name]).name == name
    assert detect("\ufeff" + TEXTS[name]).name == name


@pytest.mark.parametrize(("text", "name"), [(NEW_PCS, "pcs"), (OPTUNA_STRINGS, "optuna"), ("a{x,y}[x]\n", "pcs")])
def test_other_looks(text: str, name: str) -> None:
    assert detect(text).name == name


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("a.hp", "nonsense", "hp"),
        ("a.pcs", "nonsense", "pcs"),
        ("a.PCS", TEXTS["pcs"], "pcs"),
        ("a.json", TEXTS["t1"], "t1"),
        ("a.json", TEXTS["optuna"], "optuna"),
        ("a.txt", TEXTS["pcs"], "pcs"),
        ("a.txt", TEXTS["irace"], "irace"),
        ("a.yaml", TEXTS["wandb"], "wandb"),
        ("a", TEXTS["configspace"], "configspace"),
    ],
)
def test_the_extension_settles_what_the_text_need_not(path: str, text: str, name: str) -> None:
    assert detect(text, path).name == name


def test_what_looks_like_nothing_asks_for_the_name() -> None:
    with pytest.raises(UsageError, match=r"a\.json: the format can't be told from the text; name it: hp, configspace"):
        detect('{"params": {}}', "a.json")


def test_an_unknown_format_suggests() -> None:
    with pytest.raises(UsageError, match="no format `pc`; did you mean `pcs`"):
        named("pc")


def test_reading_from_text_and_file(tmp_path: Path) -> None:
    hp = "a ~ choice(x, y)   default x\nb ~ uniform(0, 1)  default 0.5\n"
    path = tmp_path / "solver.txt"
    path.write_text(TEXTS["pcs"])
    assert interop.from_text(TEXTS["pcs"]) == interop.from_text(TEXTS["pcs"], "pcs") == interop.read(path) == hp
    assert interop.load(path).names == interop.load(path, "pcs").names == ("a", "b")
    assert interop.from_text(TEXTS["hp"]) == TEXTS["hp"]


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "solver.pcs"
    path.write_text("a {x} [x\n")
    with pytest.raises(UsageError, match=r"solver\.pcs: line 1: expected"):
        interop.read(path)
    with pytest.raises(UsageError, match="no such file"):
        interop.read(tmp_path / "none.pcs")


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match="expected the text of a space, not int"):
        draft(3, "pcs")  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(UsageError, match="needs no conversion"):
        draft(TEXTS["hp"], "hp")


def test_a_space_that_can_not_be_is_shown_with_its_text() -> None:
    with pytest.raises(SpecError, match="no configuration satisfies"):
        convert("a {x, y} [x]\n{a=x}\n{a=y}\n", "pcs", "hp")


def test_formats_that_are_only_read_can_not_be_written() -> None:
    space = hpdsl.loads(TEXTS["hp"])
    with pytest.raises(UsageError, match="`wandb` can only be read; those that can be written are hp, configspace"):
        written(space, "wandb")


def test_writing_to_a_file(tmp_path: Path) -> None:
    space = hpdsl.loads(TEXTS["hp"])
    result = interop.write(space, tmp_path / "a.hp", "hp")
    assert (tmp_path / "a.hp").read_text() == result.text == TEXTS["hp"]
    assert interop.write(space, None, "hp").text == TEXTS["hp"]
    with pytest.raises(UsageError, match="can't be written"):
        interop.write(space, tmp_path, "hp")


def test_a_round_trip_through_pcs_keeps_the_space() -> None:
    text = "a ~ choice(x, y)\nb ~ int loguniform(1, 9)  default 2  when a == x\n"
    there = convert(text, "hp", "pcs").text
    back = hpdsl.loads(convert(there, "pcs", "hp").text)
    space = hpdsl.loads(text)
    assert all(map(back.is_valid, space.sample(100))) and all(map(space.is_valid, back.sample(100)))


def test_every_reader_and_writer_exists() -> None:
    from importlib import import_module

    for format in FORMATS.values():
        for place in filter(None, (format.reader, format.writer)):
            module, _, function = place.partition(":")
            assert callable(getattr(import_module(f"hpdsl.interop.{module}"), function))
