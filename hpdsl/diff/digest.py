"""Short hashes of what pieces of a model mean, in which columns and alternatives go by their names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass

from hpdsl.diff.words import alternative
from hpdsl.priors.items import Items, Range
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Derived, Guard, Model, Parameter, Piece
from hpdsl.source import Span
from hpdsl.terms import Term, draw, walk


class Digests:
    """Hashes of one model; `renamed` are the paths that another model has for the same symbols."""

    def __init__(self, model: Model, renamed: Mapping[str, str]) -> None:
        self._owners = model.by_column()
        self._renamed = renamed
        self._names: dict[int, str] = {}
        for column, symbol in self._owners.items():
            coded = isinstance(symbol, Parameter) and column == symbol.code
            self._names[column] = renamed.get(symbol.path, symbol.path) + ("#" if coded else "")
        if model.fidelity is not None:
            self._names[model.fidelity.column] = f"fidelity {model.fidelity.name}"
        self._known: dict[Term, str] = {}

    def term(self, term: Term) -> str:
        """The hash of a term."""
        for part in walk(term):
            if part not in self._known:
                self._known[part] = self._part(part)
        return self._known[term]

    def _part(self, part: Term) -> str:
        if part.op == "load":
            column = int(part.data[0])
            return _hash("load", self._names.get(column, column))
        if part.op == "draw":
            return _hash("draw")
        if part.op in ("eq", "ne"):
            item = alternative(part.args[0], part.args[1], self._owners)
            if item is not None:
                return _hash(part.op, self._known[part.args[0]], self.item(item[0]))
        return _hash(part.op, [self._known[a] for a in part.args], part.data)

    def renamed(self, paths: Iterable[str]) -> tuple[str, ...]:
        """What the other model calls these symbols."""
        return tuple(self._renamed.get(path, path) for path in paths)

    def guard(self, guard: Guard | None) -> str:
        """The hash of a guard."""
        return _hash([self.term(c) for c in guard.chain()] if guard is not None else [])

    def item(self, item: object) -> str:
        """The hash of an alternative."""
        return self.law(item.dist) if isinstance(item, Range) else _hash(type(item).__name__, item)

    def law(self, dist: object) -> str:
        """The hash of a prior: of its alternatives, or of its map of the unit interval."""
        if isinstance(dist, Items):
            items = [self.item(i) for i in dist.items]
            return _hash("items", items, [self.term(w) for w in dist.weights], dist.ordered)
        if isinstance(dist, Ranked):
            # What else it holds follows from its neighbours and from the length of the array.
            return _hash("ranked", self.law(dist.law), dist.rising)
        decode = getattr(dist, "decode", None)
        image = decode(draw(0)) if decode is not None else None
        if not isinstance(image, Term):
            return self._anything(dist)
        return _hash(self.term(image), getattr(dist, "integer", None))

    def symbol(self, symbol: Parameter | Derived, guarded: bool = True) -> str:
        """The hash of all a symbol means but its path, and, unless `guarded`, its guards."""
        pieces = []
        for piece in symbol.pieces:
            law = self.piece(piece) if isinstance(piece, Piece) else self.term(piece.term)
            pieces.append((law, self.guard(piece.guard) if guarded else ""))
        return _hash(type(symbol).__name__, symbol.kind, sorted(pieces))

    def piece(self, piece: Piece) -> str:
        """The hash of a prior and its default."""
        chosen: object = piece.default_code
        if piece.default_code is not None and isinstance(piece.dist, Items):
            chosen = self.item(piece.dist.items[int(piece.default_code)])
        return _hash(self.law(piece.dist), piece.default, chosen)

    def _anything(self, value: object) -> str:
        """The hash of what priors are made of."""
        if isinstance(value, Term):
            return self.term(value)
        if isinstance(value, (tuple, list)):
            return _hash([self._anything(v) for v in value])
        if is_dataclass(value) and not isinstance(value, (type, Span)):
            inside = [(f.name, self._anything(getattr(value, f.name))) for f in fields(value)]
            return _hash(type(value).__name__, inside)
        return _hash("span" if isinstance(value, Span) else repr(value))


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
