"""Every diagnostic of the checker, as a user sees it.

Run with HPDSL_GOLDEN=1 to write the expected texts anew; read the difference before committing it.
"""

import os
from pathlib import Path

import pytest

from hpdsl.compiler import check_text
from hpdsl.diagnostics import render
from hpdsl.source import Source

FILES = sorted((Path(__file__).parent / "golden").glob("*.hp"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_rendered(path):
    text = path.read_text()
    found = check_text(Source(path.name, text), path.parent)
    assert found, "every golden file shows something"
    for d in found:
        assert 0 <= d.span.start <= d.span.end <= len(text)
        assert d.help, f"{d.code} says nothing about what to write"
    rendered = render(found) + "\n"
    expected = path.with_suffix(".txt")
    if os.environ.get("HPDSL_GOLDEN"):
        expected.write_text(rendered)
    assert rendered == expected.read_text()
