"""Configurations as text: one JSON object a line, CSV, or an aligned table."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hpdsl.semantics.typed import show

FORMATS = ("table", "json", "csv")


def lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str) -> Iterator[str]:
    """The lines of a listing; `columns` gives the order. Absent values are left out, or empty."""
    if form == "json":
        for row in rows:
            yield plain_json(row)
    elif form == "csv":
        yield _csv(columns)
        for row in rows:
            yield _csv([cell(row[c]) if c in row else "" for c in columns])
    else:
        yield from _table(rows, columns)


def plain_json(value: Any) -> str:
    """A value as strict JSON: what is not finite becomes null."""
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def cell(value: Any) -> str:
    """A value as a .hp file writes it; text stays as it is."""
    return value if isinstance(value, str) else show(value)


def shown(value: Any) -> str:
    """A value for people: what a terminal would obey is escaped."""
    return visible(cell(value))


def visible(text: str, kept: str = "") -> str:
    """A text with escapes for what does not print, except the characters in `kept`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in text)


def _csv(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()


def _table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], block: int = 200) -> Iterator[str]:
    """Aligned columns; widths are those of a block of rows, so that a long listing starts at once."""
    iterator = iter(rows)
    first = True
    while batch := list(itertools.islice(iterator, block)):
        texts = [[_short(row[c]) if c in row else "" for c in columns] for row in batch]
        shown = [list(columns), *texts] if first else texts
        widths = [max(len(t[k]) for t in [list(columns), *texts]) for k in range(len(columns))]
        for t in shown:
            yield "  ".join(x.ljust(w) for x, w in zip(t, widths, strict=True)).rstrip()
        first = False
    if first:
        yield "  ".join(columns)


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else shown(value)
