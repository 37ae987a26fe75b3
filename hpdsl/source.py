"""Where a piece of text stands: `Source` (a named text), `Span` (a half-open range in it), `Bundle` (several texts)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of character offsets."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """Return the smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True)
class Source:
    """A text and the name it is shown under (a path, or `<string>`)."""

    name: str
    text: str
    _starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0] + [i + 1 for i, c in enumerate(self.text) if c == "\n"]
        object.__setattr__(self, "_starts", starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a 1-based line, without its newline."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end]

    def local(self, span: Span) -> tuple[Source, Span]:
        """The text a span stands in, and the span within that text."""
        return self, span


class Bundle(Source):
    """A text with others that it imports, their offsets following its own."""

    def __init__(self, root: Source) -> None:
        super().__init__(root.name, root.text)
        object.__setattr__(self, "parts", [(0, root)])
        object.__setattr__(self, "whole", root.text)

    parts: list[tuple[int, Source]]
    whole: str

    def add(self, source: Source) -> int:
        """Append a text; returns the offset of its first character."""
        # One character between them, so that no span can touch two texts.
        offset = len(self.whole) + 1
        self.parts.append((offset, source))
        object.__setattr__(self, "whole", f"{self.whole}\n{source.text}")
        return offset

    def local(self, span: Span) -> tuple[Source, Span]:
        """The text a span stands in, and the span within that text."""
        offset, source = next((o, s) for o, s in reversed(self.parts) if o <= span.start)
        return source, Span(span.start - offset, span.end - offset)
