"""Each golden/NAME.hp is shown with its findings in golden/NAME.txt; HPDSL_UPDATE_GOLDEN=1 rewrites those."""

import os
from pathlib import Path

import pytest

from hpdsl.diagnostics import render, summary
from hpdsl.source import Source
from hpdsl.syntax import findings
from hpdsl.syntax.parser import parse

FILES = sorted((Path(__file__).parent / "golden").glob("*.hp"))


def shown(path):
    file, found = parse(Source(path.name, path.read_bytes().decode()))
    kept = ", ".join(sorted(getattr(s, "name", type(s).__name__.lower()) for s in file.sentences))
    return f"{render(found)}\n\n{summary(found)}; kept: {kept or 'nothing'}\n"


@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
def test_findings_as_shown(path):
    expected = path.with_suffix(".txt")
    text = shown(path)
    if os.environ.get("HPDSL_UPDATE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("path", [p for p in FILES if p.stem.startswith("hp")], ids=lambda p: p.stem)
def test_file_shows_the_code_it_is_named_after(path):
    code = path.stem[:5].upper()
    assert code in {d.code for d in parse(Source(path.name, path.read_bytes().decode()))[1]}


def test_every_code_has_a_file():
    codes = {v for v in vars(findings).values() if isinstance(v, str) and v.startswith("HP0")}
    shown_codes = {p.stem[:5].upper() for p in FILES}
    assert codes - shown_codes == {findings.SIZE}  # its files would be too large; see test_limits
