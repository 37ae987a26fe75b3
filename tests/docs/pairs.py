"""The code blocks of the error pages, and how they are checked."""

import re
from pathlib import Path

from hpdsl.compiler import check_text
from hpdsl.source import Source

FOLDER = Path(__file__).parents[2] / "docs" / "errors"
PAGES = sorted(FOLDER.glob("HP*.md"))

_HEADING = re.compile(r"(?m)^## (.+)$")
_BLOCK = re.compile(r"(?ms)^```hp(?: (\S+))?\n(.*?)^```$")


def sections(path):
    """(heading, spec, {file name: text}) of every section of a page."""
    parts = _HEADING.split(path.read_text(encoding="utf-8"))[1:]
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        blocks = _BLOCK.findall(body)
        specs = [text for name, text in blocks if not name]
        assert len(specs) == 1, f"{path.name}: one block a section, {heading!r} has {len(specs)}"
        yield heading, specs[0], {name: text for name, text in blocks if name}


def named(heading):
    """(test id, spec, other files) of all sections with a heading."""
    for path in PAGES:
        matching = [s for s in sections(path) if s[0] == heading]
        for number, (_, spec, others) in enumerate(matching, 1):
            yield f"{path.stem}-{number}", spec, others


def findings(spec, folder):
    """What the checker says of a block; `folder` holds the files it imports."""
    return check_text(Source("page.hp", spec), folder)
