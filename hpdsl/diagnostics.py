"""`Diagnostic`, one finding about a spec, with the place, the rule, the values and what to write instead."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import Any

from hpdsl.source import Source, Span


@dataclass(frozen=True)
class Label:
    """A remark attached to a span other than the primary one; `source` where that is another text."""

    span: Span
    text: str
    source: Source | None = None


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
            "labels": [_labelled(self.source, label) for label in self.labels],
            "help": self.help,
        }


def _place(source: Source, span: Span) -> dict[str, int]:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _labelled(source: Source, label: Label) -> dict[str, Any]:
    if label.source is None:
        return {**_place(source, label.span), "text": label.text}
    return {"file": label.source.name, **_place(label.source, label.span), "text": label.text}


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is spelled most like a name, or None."""
    from difflib import get_close_matches  # only errors need it

    known = list(dict.fromkeys(candidates))
    folded = {c.casefold(): c for c in reversed(known)}
    if name.casefold() in folded:
        return folded[name.casefold()]
    close = get_close_matches(name, known, n=1, cutoff=0.7) or get_close_matches(name, known, n=1, cutoff=0.6)
    return close[0] if close else None


def counted(n: int, noun: str) -> str:
    """ "1 row", "2,000 rows": a number with what it counts."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{n:,} {noun if n == 1 else plural}"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """ "2 errors, 1 warning", or "no errors"."""
    severities = [d.severity for d in diagnostics]
    counts = [(severities.count(s), s) for s in ("error", "warning")]
    return ", ".join(counted(n, s) for n, s in counts if n) or "no errors"


# ---- rendering --------------------------------------------------------------------------------------

_TAB = 4
_WIDTH = 100  # of source text; longer lines are trimmed around what is marked
_PAINT = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "frame": "\x1b[1;34m"}
_INVISIBLE = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class _Mark:
    """An underline: positions in a line of the source from 0, and the remark beside it."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def render(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """Findings as a user reads them, with the lines of the source they are about; `color` adds ANSI codes."""
    return "\n\n".join("\n".join(_rendered(d, color)) for d in diagnostics)


def _rendered(d: Diagnostic, color: bool) -> Iterator[str]:
    def paint(style: str, text: str) -> str:
        return f"{_PAINT[style]}{text}\x1b[0m" if color else text

    here = [_mark(d.source, d.span, d.note, True)]
    here += [_mark(d.source, label.span, label.text, False) for label in d.labels if label.source is None]
    others: dict[Source, list[_Mark]] = {}
    for label in d.labels:
        if label.source is not None:
            others.setdefault(label.source, []).append(_mark(label.source, label.span, label.text, False))
    blocks = [(d.source, here), *others.items()]
    width = len(str(max(m.line for _, marks in blocks for m in marks)))
    yield f"{paint(d.severity, f'{d.severity}[{d.code}]')}{paint('bold', ': ' + _printable(d.message))}"
    yield paint("frame", " " * width + "--> ") + f"{_printable(d.source.name)}:{d.line}:{d.column}"
    for source, marks in blocks:
        marks.sort(key=lambda m: (m.line, m.start, not m.primary))
        if source is not d.source:
            yield paint("frame", " " * width + "::: ") + f"{_printable(source.name)}:{marks[0].line}"
        for number, group in groupby(marks, key=lambda m: m.line):
            for text, underlines in _rows(source.line(number).removesuffix("\r"), list(group)):
                yield (paint("frame", f" {number:>{width}} | ") + text).rstrip()
                for column, length, m in underlines:
                    line = f"{('^' if m.primary else '-') * length} {_printable(m.text)}".rstrip()
                    style = d.severity if m.primary else "frame"
                    yield paint("frame", " " * (width + 2) + "|") + " " * (column + 1) + paint(style, line)
    if d.help:
        first, *rest = map(_printable, d.help.splitlines())
        yield f"{' ' * (width + 2)}{paint('frame', '=')} {paint('bold', 'help:')} {first}"
        yield from (" " * (width + 10) + line for line in rest)


def _mark(source: Source, span: Span, text: str, primary: bool) -> _Mark:
    """The underline for a span; of several lines only the first is underlined."""
    line, column = source.position(span.start)
    length = len(source.line(line).rstrip())
    start = column - 1
    return _Mark(line, start, max(start, min(start + span.end - span.start, length)), text, primary)


def _rows(line: str, marks: Sequence[_Mark]) -> Iterator[tuple[str, list[tuple[int, int, _Mark]]]]:
    """A source line as shown, with its underlines as (column, length, mark).

    A long line is shown once for each group of marks that lie close together, cut around them.
    """
    if len(line) <= _WIDTH and sum(map(_columns, _cells(line))) <= _WIDTH:
        groups, cuts = [list(marks)], [0]
    else:
        groups = []
        for m in marks:
            if not groups or m.end - groups[-1][0].start > _WIDTH // 2:
                groups.append([])
            groups[-1].append(m)
        cuts = [max(0, min(group[0].start - _WIDTH // 4, len(line) - _WIDTH + 2)) for group in groups]
    for group, cut in zip(groups, cuts, strict=True):
        cells = _cells(line[cut : cut + _WIDTH])
        if cut:
            cells[0] = "…" + " " * (max(_columns(cells[0]), 1) - 1)
        starts = list(accumulate(map(_columns, cells), initial=0))
        shown = len(cells)
        if cut + shown < len(line) or starts[-1] > _WIDTH:
            shown = bisect_right(starts, _WIDTH - 1) - 1
        text = "".join(cells[:shown]) + ("…" if cut + shown < len(line) else "")
        underlines = []
        for m in group:
            start = starts[min(m.start - cut, shown)]
            underlines.append((start, max(starts[min(m.end - cut, shown)] - start, 1), m))
        yield text, underlines


def _cells(line: str) -> list[str]:
    """What is shown for each character: tabs become blanks, a byte order mark nothing, controls U+FFFD."""
    cells: list[str] = []
    column = 0
    for c in line:
        if c == "\t":
            cells.append(" " * (_TAB - column % _TAB))
        else:
            cells.append("" if c == "\ufeff" else _printable(c))
        column += _columns(cells[-1])
    return cells


def _columns(text: str) -> int:
    """How many columns a terminal gives a text."""
    if text.isascii():
        return len(text)
    columns = 0
    for c in text:
        if unicodedata.category(c) not in ("Mn", "Me", "Cf"):
            columns += 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1
    return columns


def _printable(text: str) -> str:
    """A text for one line of a terminal: controls, which a terminal would obey, become U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") or c in _INVISIBLE else c for c in text)
