"""Reading a name: the typed value of one symbol, or of whichever of several branches is active."""

from __future__ import annotations

from hpdsl.priors.items import Atom, Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Derived, Dist, Parameter, Symbol
from hpdsl.semantics.report import WRONG_KIND, Report
from hpdsl.semantics.typed import Typed
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, columns_of, load


def read(report: Report, path: nodes.Path, symbols: list[Symbol]) -> Typed:
    """The typed value of the one symbol that is active."""
    typed = [read_one(path, s) for s in symbols]
    if len({t.kind for t in typed}) > 1:
        typed = [_number_of(t) for t in typed]
    for other in typed[1:]:
        if other.kind != typed[0].kind:
            raise report.error(
                WRONG_KIND,
                f"`{path.text}` is {typed[0].described} in one branch and {other.described} in another",
                path.span,
                note="of two kinds",
                help=f"name the branch, as in `{symbols[0].path}`, or guard with `when`",
            )
    # In halves, so that hundreds of branches don't nest hundreds deep.
    while len(typed) > 1:
        pairs = [_either(report, path, a, b) for a, b in zip(typed[::2], typed[1::2], strict=False)]
        typed = pairs + ([typed[-1]] if len(typed) % 2 else [])
    return typed[0]


def _number_of(typed: Typed) -> Typed:
    """The number that a choice among numbers and ranges of them gives; anything else as it is."""
    numbers = (isinstance(x, Range) or (isinstance(x, (int, float)) and not isinstance(x, bool)) for x in typed.labels)
    if typed.kind != "label" or typed.term is None or not all(numbers):
        return typed
    return Typed("number", typed.span, typed.term, typed.integer, continuous=any(map(_ranged, typed.labels)))


def _ranged(item: object) -> bool:
    return isinstance(item, Range) and item.dist.lattice is None


def _either(report: Report, path: nodes.Path, a: Typed, b: Typed) -> Typed:
    if a.kind != "label":
        assert a.term is not None and b.term is not None
        number = apply("coalesce", a.term, b.term)
        return Typed(a.kind, path.span, number, a.integer and b.integer, continuous=a.continuous or b.continuous)
    assert a.code is not None and b.code is not None
    labels = list(a.labels)
    places = []
    for label in b.labels:
        if label not in labels:
            labels.append(label)
        places.append(float(labels.index(label)))
    code = apply("coalesce", a.code, apply("take", b.code, data=tuple(places)))
    term: Term | None = None
    if a.term is not None and b.term is not None:
        term = apply("coalesce", a.term, b.term)
    elif a.term is not None or b.term is not None:
        raise report.error(
            WRONG_KIND,
            f"`{path.text}` can be a number in one branch, and never in another",
            path.span,
            help="name the branch you mean, or guard with `when`",
        )
    return Typed("label", path.span, term, labels=tuple(labels), code=code)


def labelled(path: nodes.Path, symbol: Symbol, values: tuple[Atom, ...]) -> Typed:
    """A place of a permutation: the value whose number its column holds."""
    code = load(symbol.main)
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        whole = all(isinstance(v, int) for v in values)
        return Typed("number", path.span, apply("take", code, data=tuple(float(v) for v in values)), whole)  # type: ignore[arg-type]  # numbers all
    return Typed("label", path.span, labels=values, code=code)


def read_one(path: nodes.Path, symbol: Symbol) -> Typed:
    """The typed value of a symbol."""
    if isinstance(symbol, Derived):
        if symbol.kind == "label":
            return Typed("label", path.span, labels=symbol.labels, code=load(symbol.column))
        kind = "bool" if symbol.kind == "bool" else "number"
        return Typed(kind, path.span, load(symbol.column), symbol.kind == "int")
    items = symbol.items
    if symbol.kind == "bool":
        assert symbol.value is not None
        return Typed("bool", path.span, load(symbol.value))
    if items is None or items.numeric:
        assert symbol.value is not None
        continuous = any(_continuous(p.dist) for p in symbol.pieces)
        return Typed("number", path.span, load(symbol.value), _integer(symbol), continuous=continuous)
    assert symbol.code is not None
    code = load(symbol.code)
    term: Term | None = None
    if symbol.value is not None:
        term = load(symbol.value)
    elif any(v == v for v in items.values):
        term = apply("take", code, data=items.values)
    return Typed("label", path.span, term, items.integer, items.items, code, ordered=items.ordered)


def _continuous(dist: Dist) -> bool:
    return isinstance(dist, (Numeric, Ranked)) and dist.lattice is None


def _integer(parameter: Parameter) -> bool:
    return all(p.dist.integer for p in parameter.pieces)


def dist_columns(dist: Dist) -> frozenset[int]:
    """The columns a distribution's arguments read."""
    if isinstance(dist, Power):
        return dist_columns(dist.exponent)
    if isinstance(dist, Items):
        inner = frozenset().union(*(dist_columns(i.dist) for i in dist.items if isinstance(i, Range)), frozenset())
        return inner.union(*(columns_of(w) for w in dist.weights))
    if isinstance(dist, Place):
        return frozenset().union(*(columns_of(t) for t in dist.used))
    if isinstance(dist, Ranked):
        before = columns_of(dist.before) if dist.before is not None else frozenset()
        return dist_columns(dist.law) | before | columns_of(dist.rest)
    terms = [dist.loc, dist.scale, dist.lo, dist.hi]
    for part in vars(dist.base).values():
        terms.extend(t for t in (part if isinstance(part, tuple) else (part,)) if isinstance(t, Term))
    return frozenset().union(*(columns_of(t) for t in terms if t is not None))


def inputs(symbol: Symbol) -> frozenset[int]:
    """Every column a symbol depends on."""
    found: frozenset[int] = frozenset()
    for piece in symbol.pieces:
        if piece.guard is not None:
            found |= piece.guard.columns()
        found |= columns_of(piece.term) if not hasattr(piece, "dist") else dist_columns(piece.dist)
    return found
