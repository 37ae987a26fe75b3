"""Pieces of a model in words, much as a .hp file says them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence

from hpdsl.diff.change import Place
from hpdsl.priors.items import Items, Range
from hpdsl.semantics.model import Derived, DerivedPiece, Guard, Model, Parameter, Piece, guard_facts
from hpdsl.semantics.typed import number, show
from hpdsl.source import Span
from hpdsl.terms import Term

_QUOTED_OR_COMMENT = re.compile(r"""("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`[^`\n]*`?)|\#[^\n]*""")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")

# How an operation is written, and how tightly it binds.
_BINARY = {
    "or": ("or", 1),
    "and": ("and", 2),
    "lt": ("<", 4),
    "le": ("<=", 4),
    "eq": ("==", 4),
    "ne": ("!=", 4),
    "add": ("+", 5),
    "sub": ("-", 5),
    "mul": ("*", 6),
    "div": ("/", 6),
    "floordiv": ("//", 6),
    "mod": ("%", 6),
    "pow": ("**", 8),
}
_TURNED = {"<": ">", "<=": ">="}
_NAMES = {"known": "active", "if": "choose"}
_ATOM = 9


class Words:
    """Says what one model holds."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._owners = model.by_column()

    def place(self, span: Span) -> Place:
        """Where a span begins."""
        source, local = self._model.source.local(span)
        return Place(source.name, source.position(local.start)[0])

    def text(self, span: Span) -> str:
        """The text of a span on one line, without comments."""
        source, local = self._model.source.local(span)
        text = source.text[local.start : local.end]
        # The span of an expression in brackets is that of what they hold.
        missing = text.count("(") - text.count(")")
        while missing > 0 and source.text[local.end : local.end + 1] in (")", " "):
            local = Span(local.start, local.end + 1)
            missing -= source.text[local.end - 1] == ")"
        text = source.text[local.start : local.end]
        return " ".join(_QUOTED_OR_COMMENT.sub(lambda m: m[1] or "", text).split())

    # ---- parameters -----------------------------------------------------------------------------------

    def law(self, piece: Piece) -> str:
        """The prior of a piece as it was written; a choice as the list of its alternatives."""
        if isinstance(piece.dist, Items) and not piece.dist.boolean:
            word = "ordinal" if piece.dist.ordered else "choice"
            return f"{word}({self.weighted(piece.dist)})"
        return self.text(piece.span)

    def parameter(self, p: Parameter) -> str:
        """The priors of a parameter with guards and defaults."""
        said = []
        for piece in p.pieces:
            default = self.default(p, piece)
            text = self.law(piece) + (f"  default {default}" if default else "")
            # The guard of an element says no more than that the array is long enough.
            guard = "" if any(isinstance(s, int) for s in p.steps) else self.guard(piece.guard)
            said.append(text + (f"  when {guard}" if guard else ""))
        return " | ".join(dict.fromkeys(said))

    def hull(self, piece: Piece) -> str:
        """The range of the numbers a piece can deliver."""
        hull = piece.dist.hull(guard_facts(piece.guard, self._model.facts))
        return f"{number(hull.lo)} .. {number(hull.hi)}"

    def default(self, p: Parameter, piece: Piece) -> str:
        """The default of a piece, empty where there is none."""
        if piece.default_code is not None and isinstance(piece.dist, Items):
            item = piece.dist.items[int(piece.default_code)]
            if not isinstance(item, Range):
                return label(item)
        if piece.default is None:
            return ""
        return show(bool(piece.default)) if p.kind == "bool" else number(piece.default)

    def weighted(self, items: Items) -> str:
        """All alternatives, with the weights that are not 1."""
        said = []
        for item, weight in zip(items.items, items.weights, strict=True):
            plain = weight.constant == 1.0
            said.append(self.item(item) if plain else f"{self.item(item)}: {self.term(weight)}")
        return ", ".join(said)

    def item(self, item: object) -> str:
        """An alternative: a label, a value, or the range of numbers."""
        if not isinstance(item, Range):
            return label(item)
        hull = item.dist.hull(self._model.facts)
        return f"{number(hull.lo)} .. {number(hull.hi)}"

    def value(self, p: Parameter, value: float | None, code: float | None) -> str:
        """A value of a parameter, from its columns."""
        if code is not None and p.items is not None and not math.isnan(code):
            item = p.items.items[int(code)]
            if not isinstance(item, Range):
                return label(item)
        if value is None or math.isnan(value):
            return "none"
        return show(bool(value)) if p.kind == "bool" else number(value)

    # ---- expressions ----------------------------------------------------------------------------------

    def guard(self, guard: Guard | None) -> str:
        """The conditions of a guard, empty where there is none."""
        chain = guard.chain() if guard is not None else ()
        return " and ".join(self.term(c, 2) for c in chain)

    def guards(self, pieces: Sequence[Piece | DerivedPiece]) -> str:
        """The guards of all pieces."""
        said = [self.guard(p.guard) for p in pieces]
        return " | ".join(f"when {g}" if g else "always" for g in dict.fromkeys(said))

    def term(self, term: Term, binding: int = 0) -> str:
        """A term as an expression, in brackets where it binds less tightly than what is around it."""
        text, own = self._term(term)
        return f"({text})" if own < binding else text

    def _term(self, term: Term) -> tuple[str, int]:
        if term.op == "const":
            return number(term.data[0]), _ATOM
        if term.op == "load":
            owner = self._owners.get(int(term.data[0]))
            return (owner.path if owner is not None else self._outside(int(term.data[0]))), _ATOM
        if term.op == "holds":
            return self._term(term.args[0])
        if term.op == "not":
            return f"not {self.term(term.args[0], 3)}", 3
        if term.op == "neg":
            return f"-{self.term(term.args[0], 7)}", 7
        if term.op == "if":
            test, body, orelse = term.args
            return f"{self.term(body, 1)} if {self.term(test, 1)} else {self.term(orelse)}", 0
        if term.op in _BINARY:
            return self._binary(term)
        inside = [self.term(a) for a in term.args]
        return f"{_NAMES.get(term.op, term.op)}({', '.join(inside)})", _ATOM

    def _binary(self, term: Term) -> tuple[str, int]:
        sign, own = _BINARY[term.op]
        left, right = term.args
        if own == 4:
            item = alternative(left, right, self._owners)
            if item is not None:
                return f"{self.term(left, 5)} {sign} {self.item(item[0])}", own
            if left.constant is not None and sign in _TURNED:
                left, right, sign = right, left, _TURNED[sign]
            return f"{self.term(left, 5)} {sign} {self.term(right, 5)}", own
        if own == 8:
            return f"{self.term(left, 9)} ** {self.term(right, 7)}", own
        return f"{self.term(left, own)} {sign} {self.term(right, own + 1)}", own

    def _outside(self, column: int) -> str:
        fidelity = self._model.fidelity
        return fidelity.name if fidelity is not None and fidelity.column == column else f"column {column}"


def label(value: object) -> str:
    """A label or value, in quotes where a file needs them."""
    if isinstance(value, str) and not _PLAIN_NAME.fullmatch(value):
        return json.dumps(value, ensure_ascii=False)
    return show(value)


def alternative(left: Term, right: Term, owners: dict[int, Parameter | Derived]) -> tuple[object] | None:
    """Which alternative the code `left` is compared with, where it is compared with one."""
    if left.op != "load" or right.constant is None:
        return None
    column, code = int(left.data[0]), right.constant
    owner = owners.get(column)
    if not code >= 0 or code != math.floor(code):
        return None
    if isinstance(owner, Parameter) and owner.code == column and owner.items is not None:
        known: Sequence[object] = owner.items.items
    elif isinstance(owner, Derived) and owner.labels:
        known = owner.labels
    else:
        return None
    return (known[int(code)],) if code < len(known) else None
