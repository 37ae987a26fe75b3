"""Texts to begin with: every space in the examples, documents and tests, and spaces in each foreign format."""

import re
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from hpdsl.compiler import Compilation
from hpdsl.errors import HpdslError
from hpdsl.interop import formats
from hpdsl.interop.formats import FORMATS
from hpdsl.source import Source
from hpdsl.syntax.parser import parse

ROOT = Path(__file__).resolve().parents[2]
SEEDS = Path(__file__).parent / "seeds"
MOST_LINES = 15
MOST_CHARACTERS = 900

# What a fuzzed `import` finds.
LIBRARY = {
    "layers.hp": "width ~ int loguniform(8, 512)\nspace layer(n) { act ~ choice(relu, gelu); k ~ int uniform(1, n) }\n",
    "wrong.hp": "x ~ uniform(1\ny ~ uniform(0, q)\n",
    "circle.hp": 'import "circle.hp" as c\nuse c\nz ~ bool()\n',
    "given.hp": "given n in 1 .. 9 = 3\nrequire n > 2\nx ~ int uniform(0, n)\n",
}
_IMPORTS = (
    'import "layers.hp" as lib\nuse lib.layer(4)\nblock { use lib.layer(n = 9) }\nrequire block.k < k + 6\n',
    'import "layers.hp" as a\nimport "given.hp" as b\nuse a\ng { use b(n = 5) }\nrequire g.x < width\n',
    'import "wrong.hp" as w\nuse w\n',
    'import "circle.hp"\nuse circle\n',
)
_FENCED = re.compile(r"^```hp\n(.*?)^```", re.MULTILINE | re.DOTALL)


def written() -> list[str]:
    """Every .hp text of the project, in a fixed order."""
    sys.path.append(str(ROOT / "tests"))
    from spaces import SPACES

    sys.path.pop()
    texts = [*SPACES.values(), *_IMPORTS]
    for folder in ("examples", "benchmarks", "docs", "tests"):
        texts += [p.read_text("utf-8") for p in sorted((ROOT / folder).rglob("*.hp")) if "found" not in p.parts]
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        texts += _FENCED.findall(page.read_text("utf-8"))
    return list(dict.fromkeys(texts))


def _pieces(text: str) -> list[str]:
    """A text where it is short, else runs of its outermost sentences that are."""
    if text.count("\n") <= MOST_LINES and len(text) <= MOST_CHARACTERS:
        return [text]
    found: list[str] = []
    piece = ""
    starts = [s.span.start for s in parse(Source("seed.hp", text))[0].sentences]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):  # none where nothing can be read
        sentence = text[start:end]
        if (piece and (piece + sentence).count("\n") > MOST_LINES) or len(piece + sentence) > MOST_CHARACTERS:
            found.append(piece)
            piece = ""
        if len(sentence) <= MOST_CHARACTERS:
            piece += sentence
    return [*found, piece] if piece.strip() else found


@cache
def native() -> tuple[str, ...]:
    """Short .hp texts: at most 15 lines and 900 characters."""
    return tuple(dict.fromkeys(p for text in written() for p in _pieces(text)))


@cache
def foreign() -> dict[str, tuple[str, ...]]:
    """Short texts by format: our spaces written in it, and seeds by hand."""
    found: dict[str, list[str]] = {name: [] for name in FORMATS if name != "hp"}
    for path in sorted(SEEDS.iterdir()):
        found[path.name.partition(".")[0]].append(path.read_text("utf-8"))
    for text in (t for t in written()[::2] if len(t) <= MOST_CHARACTERS):
        try:
            space = Compilation(Source("seed.hp", text), None, texts=LIBRARY).space
        except HpdslError:
            continue
        for name in (n for n, kind in FORMATS.items() if kind.writer):
            with suppress(HpdslError):
                found[name].append(formats.written(space, name, lossy=True).text)
    return {name: tuple(t for t in dict.fromkeys(texts) if len(t) <= 4_000) for name, texts in found.items()}
