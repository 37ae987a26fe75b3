"""`Diagnostic`, one finding about a spec, with the place, the rule, the values and what to write instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hpdsl.source import Source, Span


@dataclass(frozen=True)
class Label:
    """A remark attached to a span other than the primary one."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One finding. `code` is stable ("HP021"); `severity` is "error" or "warning"; `note` stands at the caret."""

    code: str
    severity: str
    message: str
    source: Source
    span: Span
    note: str = ""
    labels: tuple[Label, ...] = field(default=())
    help: str = ""

    @property
    def line(self) -> int:
        """1-based line of the primary span."""
        return self.source.position(self.span.start)[0]

    @property
    def column(self) -> int:
        """1-based column of the primary span."""
        return self.source.position(self.span.start)[1]

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON data; lines and columns from 1, columns in characters, ends exclusive."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": self.source.name,
            **_place(self.source, self.span),
            "note": self.note,
            "labels": [{**_place(self.source, label.span), "text": label.text} for label in self.labels],
            "help": self.help,
        }


def _place(source: Source, span: Span) -> dict[str, int]:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is spelled most like a name, or None."""
    from difflib import get_close_matches  # only errors need it

    known = list(dict.fromkeys(candidates))
    folded = {c.casefold(): c for c in reversed(known)}
    if name.casefold() in folded:
        return folded[name.casefold()]
    close = get_close_matches(name, known, n=1, cutoff=0.7) or get_close_matches(name, known, n=1, cutoff=0.6)
    return close[0] if close else None


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """ "2 errors, 1 warning", or "no errors"."""
    severities = [d.severity for d in diagnostics]
    counts = [(severities.count(s), s) for s in ("error", "warning")]
    return ", ".join(f"{n} {s}{'s' if n > 1 else ''}" for n, s in counts if n) or "no errors"


# ---- rendering --------------------------------------------------------------------------------------

_TAB = 4
_WIDTH = 100  # of source text; longer lines are trimmed around what is marked
_PAINT = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "frame": "\x1b[1;34m"}


@dataclass(frozen=True)
class _Mark:
    """An underline: display columns from 0 on a line of the source, and the remark beside it."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


@dataclass(frozen=True)
class _Row:
    """A line of the source as it is shown; `cut` is the display column of its first shown character."""

    text: str
    cut: int
    marks: tuple[_Mark, ...]


def render(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """Findings as a user reads them, with the lines of the source they are about; `color` adds ANSI codes."""
    return "\n\n".join("\n".join(_rendered(d, color)) for d in diagnostics)


def _rendered(d: Diagnostic, color: bool) -> Iterator[str]:
    def paint(style: str, text: str) -> str:
        return f"{_PAINT[style]}{text}\x1b[0m" if color else text

    marks = [_mark(d.source, d.span, d.note, True)]
    marks += [_mark(d.source, label.span, label.text, False) for label in d.labels]
    numbers = sorted({m.line for m in marks})
    width = len(str(numbers[-1]))
    margin = paint("frame", " " * (width + 2) + "|")
    yield f"{paint(d.severity, f'{d.severity}[{d.code}]')}{paint('bold', ': ' + _printable(d.message))}"
    yield paint("frame", " " * width + "--> ") + f"{_printable(d.source.name)}:{d.line}:{d.column}"
    for number in numbers:
        here = sorted((m for m in marks if m.line == number), key=lambda m: (m.start, not m.primary))
        for row in _rows(_expanded(d.source.line(number))[0], here):
            yield (paint("frame", f" {number:>{width}} | ") + row.text).rstrip()
            for m in row.marks:
                sign = "^" if m.primary else "-"
                line = f"{sign * max(m.end - m.start, 1)} {_printable(m.text)}".rstrip()
                yield f"{margin} {' ' * (m.start - row.cut)}{paint(d.severity if m.primary else 'frame', line)}"
    if d.help:
        indent = " " * (width + 2)
        first, *rest = d.help.splitlines()
        yield f"{indent}{paint('frame', '=')} {paint('bold', 'help:')} {_printable(first)}"
        for line in rest:
            yield f"{indent}        {_printable(line)}"


def _mark(source: Source, span: Span, text: str, primary: bool) -> _Mark:
    """The underline for a span; of several lines only the first is underlined."""
    line, column = source.position(span.start)
    shown = source.line(line)
    columns = _expanded(shown)[1]
    first = min(column - 1, len(shown))
    last = min(first + span.end - span.start, len(shown.rstrip()))
    start = columns[first]
    return _Mark(line, start, max(columns[max(last, first)], start + 1), text, primary)


def _expanded(line: str) -> tuple[str, list[int]]:
    """A line with tabs as blanks and controls as U+FFFD, and the display column of each of its characters."""
    shown: list[str] = []
    columns = [0]
    for c in line.removesuffix("\r"):
        if c == "\t":
            text = " " * (_TAB - columns[-1] % _TAB)
        elif c == "\ufeff":
            text = ""
        else:
            text = _printable(c)
        shown.append(text)
        columns.append(columns[-1] + sum(map(_columns, text)))
    columns.append(columns[-1])
    return "".join(shown), columns


def _columns(character: str) -> int:
    """How many columns a terminal gives a character."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _printable(text: str) -> str:
    """A text on one line, whose controls (an escape would reach the terminal) are shown as U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in _BIDI else c for c in text)


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _rows(text: str, marks: Sequence[_Mark]) -> Iterator[_Row]:
    """A source line with its marks; a long line is shown once for each group of marks that fits together."""
    total = sum(map(_columns, text))
    if total <= _WIDTH:
        yield _Row(text, 0, tuple(marks))
        return
    groups: list[list[_Mark]] = []
    for m in marks:
        if groups and m.end - groups[-1][0].start <= _WIDTH // 2:
            groups[-1].append(m)
        else:
            groups.append([m])
    for group in groups:
        cut = max(0, min(group[0].start - _WIDTH // 4, total - _WIDTH))
        stop = cut + _WIDTH
        cut_marks = tuple(_Mark(m.line, m.start, max(min(m.end, stop), m.start + 1), m.text, m.primary) for m in group)
        yield _Row(_window(text, cut, stop, total), cut, cut_marks)


def _window(text: str, cut: int, stop: int, total: int) -> str:
    """The display columns from `cut` to `stop` of a text, an ellipsis at an end that is cut."""
    shown = []
    column = 0
    for c in text:
        width = _columns(c)
        at_left = cut > 0 and column <= cut < column + width
        at_right = stop < total and column < stop <= column + width
        if at_left or at_right:
            shown.append("…" + " " * (min(column + width, stop) - max(column, cut) - 1))
        elif cut <= column and column + width <= stop:
            shown.append(c)
        column += width
    return "".join(shown)
