"""Adjacent statements of one kind, each on one line, with their columns aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpdsl.syntax.format_layout import WIDTH

WIDE = "  "  # before modifiers and comments


@dataclass(slots=True)
class Row:
    """A statement on one line: its cells, what stands after the first of them, and the comment at the end."""

    kind: str
    cells: list[str]
    gap: str
    comment: str

    @property
    def text(self) -> str:
        """The statement without padding."""
        return _joined(self, self.cells)


def _joined(row: Row, cells: Sequence[str]) -> str:
    first, *rest = cells
    return first + "".join((WIDE if k else row.gap) + cell for k, cell in enumerate(rest) if cell)


def aligned(rows: Sequence[Row], indent: int) -> list[str]:
    """The lines of a run; a column that would carry a line beyond the width stays unaligned."""
    cells = [list(row.cells) for row in rows]
    for column in range(max((len(c) for c in cells), default=1) - 1):
        padded = _padded(cells, column)
        if all(indent + len(_joined(r, c)) <= WIDTH for r, c in zip(rows, padded, strict=True)):
            cells = padded
    texts = [_joined(r, c) for r, c in zip(rows, cells, strict=True)]
    column = max((len(t) for t, r in zip(texts, rows, strict=True) if r.comment), default=0)
    if any(indent + column + len(WIDE + r.comment) > WIDTH for r in rows if r.comment):
        column = 0
    lines = [f"{t.ljust(column)}{WIDE}{r.comment}" if r.comment else t for t, r in zip(texts, rows, strict=True)]
    return [" " * indent + line for line in lines]


def _padded(cells: list[list[str]], column: int) -> list[list[str]]:
    """The cells with one column padded in the rows that go on after it."""
    goes_on = [len(c) > column + 1 and any(c[column + 1 :]) for c in cells]
    width = max((len(c[column]) for c, on in zip(cells, goes_on, strict=True) if on), default=0)
    return [
        [*c[:column], c[column].ljust(width), *c[column + 1 :]] if on else c
        for c, on in zip(cells, goes_on, strict=True)
    ]
