"""Text with places where a line may end, and the lines that come of it.

A group stands on one line where it fits; else all its `Line`s end lines. A `Soft` ends a line only where what
follows it, up to the next such place, doesn't fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

WIDTH = 100
STEP = 2  # columns of indentation


@dataclass(slots=True)
class Line:
    """The end of a line in a broken group, else the text `flat`."""

    flat: str = " "


@dataclass(slots=True)
class Soft:
    """The end of a line where what follows doesn't fit, else the text `flat`."""

    flat: str = " "


@dataclass(slots=True)
class Trailing:
    """A comment that ends its line."""

    text: str


@dataclass(slots=True)
class Own:
    """A comment on a line of its own."""

    text: str


@dataclass(slots=True)
class Broken:
    """A text that only a broken group shows."""

    text: str


@dataclass(slots=True)
class Body:
    """Finished lines between braces."""

    lines: list[str]


@dataclass(slots=True)
class Group:
    """What stands on one line if it can; `flat` is that line, None where it is too long or holds a comment."""

    parts: Sequence[Doc]
    indented: bool = False
    flat: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.flat = flat(self.parts)


class Indent(Group):
    """Parts whose new lines are indented further; its `Line`s are those of the group around it."""


Doc: TypeAlias = str | Line | Soft | Trailing | Own | Broken | Body | Group


def flat(parts: Sequence[Doc]) -> str | None:
    """The parts on one line; None where that is too long, or where something in them ends a line."""
    texts = []
    size = 0
    for part in parts:
        if isinstance(part, str):
            text: str | None = part
        elif isinstance(part, (Line, Soft, Group)):
            text = part.flat
        else:
            text = "" if isinstance(part, Broken) else None
        if text is None:
            return None
        size += len(text)
        if size > WIDTH:
            return None
        texts.append(text)
    return "".join(texts)


class _Writer:
    def __init__(self, indent: int) -> None:
        self.lines: list[str] = []
        self.line = " " * indent
        self.fresh = True  # nothing but indentation stands on the line
        self.must_end = False  # a comment stands at the end of the line

    def end_line(self, indent: int) -> None:
        """Begin a line, unless one has just begun."""
        if self.fresh:
            self.line = " " * indent
            return
        self.lines.append(self.line.rstrip())
        self.line, self.fresh, self.must_end = " " * indent, True, False

    def write(self, text: str, indent: int) -> None:
        if self.must_end:
            self.end_line(indent)
        if self.fresh:
            text = text.lstrip()
        if text:
            self.line += text
            self.fresh = False

    def fits(self, width: int) -> bool:
        return len(self.line) + width <= WIDTH


def write(parts: Sequence[Doc], indent: int) -> list[str]:
    """The lines of a statement that begins at a column."""
    out = _Writer(indent)
    stack: list[tuple[int, Doc]] = [(indent, p) for p in reversed(parts)]
    while stack:
        at, doc = stack.pop()
        if isinstance(doc, str):
            out.write(doc, at)
        elif isinstance(doc, Indent):
            stack.extend((at + STEP, p) for p in reversed(doc.parts))
        elif isinstance(doc, Group):
            if doc.flat is not None and out.fits(len(doc.flat) + _ahead(stack, False)):
                out.write(doc.flat, at)
            else:
                stack.extend((at, p) for p in reversed(doc.parts))
        elif isinstance(doc, Line):
            out.end_line(at)
        elif isinstance(doc, Soft):
            if out.must_end or not out.fits(len(doc.flat) + _ahead(stack, True)):
                out.end_line(at)
            else:
                out.write(doc.flat, at)
        elif isinstance(doc, Broken):
            out.write(doc.text, at)
        elif isinstance(doc, Body):
            out.end_line(at)
            out.lines += doc.lines
        else:
            if isinstance(doc, Own) or out.must_end:
                out.end_line(at)
            out.line += doc.text if out.fresh else f"  {doc.text}"
            out.fresh, out.must_end = False, True
    out.end_line(indent)
    return out.lines


def _ahead(stack: Sequence[tuple[int, Doc]], whole: bool) -> int:
    """The width of what follows up to the next place where a line may end.

    With `whole`, groups count in full where they can stand on one line; else such a place may lie inside them.
    """
    width = 0
    for doc in _leaves(stack, whole):
        if isinstance(doc, (str, Broken)):
            width += len(doc if isinstance(doc, str) else doc.text)
        else:
            break
        if width > WIDTH:
            break
    return width


def _leaves(stack: Sequence[tuple[int, Doc]], whole: bool) -> Iterator[Doc]:
    for _, doc in reversed(stack):
        inner = [doc]
        while inner:
            part = inner.pop()
            if not isinstance(part, Group):
                yield part
            elif whole and part.flat is not None and not isinstance(part, Indent):
                yield part.flat
            else:
                inner.extend(reversed(part.parts))
