"""What the language reference says is so: its spaces compile and sample, its mistakes are reported, its Python runs."""

import re
from pathlib import Path

import pytest

import hpdsl
from hpdsl.compiler import check_text
from hpdsl.priors.custom import unregister_prior
from hpdsl.priors.table import DISCRETE, NUMERIC
from hpdsl.source import Source

TEXT = (Path(__file__).parents[2] / "docs" / "language.md").read_text()


def blocks(language):
    found = re.findall(r"^```(\w+) ?(\w*)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
    return [(mark, body) for name, mark, body in found if name == language]


@pytest.mark.parametrize("text", [body for mark, body in blocks("hp") if not mark])
def test_spaces_are_clean_and_sample(text):
    assert [f"{d.code} {d.message}" for d in check_text(Source("language.md", text))] == []
    space = hpdsl.loads(text)
    for config in space.sample(50, seed=0):
        space.validate(config)


@pytest.mark.parametrize(("code", "text"), [(mark, body) for mark, body in blocks("hp") if mark])
def test_mistakes_are_reported(code, text):
    assert [d.code for d in check_text(Source("language.md", text))] == [code]


@pytest.mark.parametrize("code", [body for _, body in blocks("python")])
def test_python_runs(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = set(NUMERIC)
    try:
        exec(compile(code, "language.md", "exec"), {})
    finally:
        for name in set(NUMERIC) - before:
            unregister_prior(name)


def test_links_lead_somewhere():
    headings = {
        re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]*)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (Path(__file__).parents[2] / "docs" / target).exists(), target


def test_every_prior_is_described():
    for name in [*NUMERIC, *DISCRETE]:
        assert f"`{name}(" in TEXT, name
