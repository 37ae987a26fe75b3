"""`Typed`: a resolved expression with its kind, and how kinds are told to a user."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hpdsl.priors.items import Atom
from hpdsl.source import Span
from hpdsl.terms import Term


@dataclass(frozen=True)
class Typed:
    """A resolved expression.

    kind "number": `term` is the number. "bool": `term` is the truth value. "label": one of `labels`, whose
    number is `code`; `term` is its numeric view (unknown where it is a label), if it has one. "atom": the
    literal string or none in `labels[0]`. "array": its elements in `items`, of which the first `length` exist.
    "set": the values it chooses from in `labels`, for each whether it is in, in `items`.
    """

    kind: str
    span: Span
    term: Term | None = None
    integer: bool = False
    labels: tuple[Atom | object, ...] = ()
    code: Term | None = None
    continuous: bool = False
    ordered: bool = False
    items: Sequence[Typed] = ()
    length: Term | None = None
    prefix: bool = False
    """An array whose elements exist up to its length, without gaps."""

    @property
    def described(self) -> str:
        """What this is, for a message."""
        if self.kind == "number":
            return "a number"
        if self.kind == "bool":
            return "true or false"
        if self.kind == "atom":
            return "none" if self.labels[0] is None else f'the text "{self.labels[0]}"'
        return {"array": "a list", "set": "a subset"}.get(self.kind, "a label")


def show(value: object) -> str:
    """A value as a .hp file writes it."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        return "none"
    if isinstance(value, float):
        return number(value)
    return str(value)


def number(x: float) -> str:
    """A number as short as it can be said exactly."""
    if math.isfinite(x) and x == math.floor(x) and abs(x) < 1e15:
        return str(int(x))
    return repr(x)
