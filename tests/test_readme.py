"""What the README says is so."""

import re
from pathlib import Path

import pytest

import hpdsl
from hpdsl.cli import COMMANDS, exits

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", blocks("hp"))
def test_spaces_compile_and_sample(text):
    space = hpdsl.loads(text)
    for config in space.sample(50, seed=0):
        space.validate(config)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "svm.hp").write_text((ROOT / "examples" / "digits_svm" / "svm.hp").read_text())
    exec(compile(code, "README.md", "exec"), {})


def test_the_diagnostic_is_what_is_printed():
    spec, shown = blocks("text")[0].split("\n\n", 1)
    with pytest.raises(hpdsl.SpecError) as caught:
        hpdsl.loads(spec + "\n")
    assert str(caught.value).replace("<string>", "space.hp").strip() == shown.strip()


def test_the_exit_codes_are_listed():
    for code, meaning in exits.MEANINGS.items():
        assert f"| {code} | {meaning} |" in README


def test_every_command_is_named():
    for name in COMMANDS:
        assert f"hpdsl {name}" in README


def test_paths_exist():
    for path in re.findall(r"(?:examples|benchmarks|docs|hpdsl|backends|grammar)/[\w./]+\w", README):
        assert (ROOT / path).exists(), path


def test_the_test_command_can_be_found():
    assert re.search(r"<!-- tests -->\n```sh\n.*?pytest -n auto\n```", README, flags=re.DOTALL)
