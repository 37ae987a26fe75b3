"""`page`, the explanation of a diagnostic code, and `render`, Markdown laid out for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from hpdsl.errors import UsageError

_CODE = re.compile(r"HP(\d{3})")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.) ")
_NEAREST = 3  # codes offered in place of an unknown one
_NARROWEST = 20  # columns below which wrapped text can't be read
_INDENT = "    "


def _folder() -> Traversable:
    return files("hpdsl").joinpath("docs", "errors")


def codes() -> tuple[str, ...]:
    """Every code that has a page, in order."""
    names = (entry.name.removesuffix(".md") for entry in _folder().iterdir())
    return tuple(sorted(name for name in names if _CODE.fullmatch(name)))


def page(code: str) -> str:
    """The Markdown page of a diagnostic code, written in capitals or not."""
    wanted = code.strip().upper()
    known = codes()
    if wanted in known:
        return _folder().joinpath(f"{wanted}.md").read_text(encoding="utf-8")
    if not known:
        raise UsageError("the pages that explain the diagnostics aren't installed; install hpdsl anew")
    found = _CODE.fullmatch(wanted)
    if found is None:
        raise UsageError(f"{code!r} is no diagnostic code; codes run from {known[0]} to {known[-1]}")
    number = int(found[1])
    nearest = sorted(sorted(known, key=lambda c: abs(int(c[2:]) - number))[:_NEAREST])
    raise UsageError(f"no diagnostic has the code {wanted}; the nearest are {', '.join(nearest)}")


def title(code: str) -> str:
    """What a page says its code means, on one line."""
    return page(code).partition("\n")[0].partition(":")[2].strip()


def render(text: str, width: int) -> str:
    """A Markdown text for a terminal of some columns: paragraphs wrapped, code indented as it stands."""
    if width < _NARROWEST:
        raise UsageError(f"width must be at least {_NARROWEST} columns, got {width}")
    return "\n".join(_laid_out(text.splitlines(), width)).strip("\n")


def _laid_out(lines: list[str], width: int) -> Iterator[str]:
    """The lines of a terminal for the lines of a page."""
    paragraph: list[str] = []
    fenced = False
    for line in [*lines, ""]:
        fence = line.lstrip().startswith("```")
        whole = fenced or fence or not line.strip() or line.startswith(("#", "|"))
        if paragraph and (whole or _ITEM.match(line)):
            yield from _wrapped(paragraph, width)
            paragraph = []
        if fence:
            fenced = not fenced
        elif fenced:
            yield (_INDENT + line).rstrip()
        elif line.startswith("#"):
            yield from _wrapped([line.lstrip("#").strip()], width)
        elif whole:
            yield line.strip()
        else:
            paragraph.append(line.strip())


def _wrapped(paragraph: list[str], width: int) -> list[str]:
    """A paragraph or an item of a list; links are shown by their text."""
    text = re.sub(r"\[([^\[\]]+)\]\([^()]+\)", r"\1", " ".join(paragraph))
    item = _ITEM.match(text)
    # A blank inside backticks must not become a line end: code is copied from a terminal.
    held = re.sub(r"`[^`]*`", lambda m: m[0].replace(" ", "\0"), text)
    indent = " " * len(item[0]) if item else ""
    rows = textwrap.wrap(held, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [row.replace("\0", " ") for row in rows]
