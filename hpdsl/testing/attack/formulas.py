"""When a condition is false: comparisons joined by all and any, and the ways to satisfy them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from hpdsl.semantics.model import Derived, Guard, Model, Symbol
from hpdsl.terms import Term, apply, columns_of, const, walk

_OPPOSITE = {"lt": "le", "le": "lt", "eq": "ne", "ne": "eq"}
# exp(x) overflows from here on: log of the largest double.
_OVERFLOW = 709.782712893384
# Conditions nested deeper are one literal, so that nothing here recurses far; branches of activity tried for a path.
DEEPEST, MOST_BRANCHES = 200, 4


@dataclass(frozen=True)
class Literal:
    """A comparison `a op b` with op one of lt, le, eq, ne, that must be true."""

    op: str
    a: Term
    b: Term


@dataclass(frozen=True)
class Every:
    """All of some formulas; nothing at all is true."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Some:
    """At least one of some formulas; nothing at all is false."""

    parts: tuple[Formula, ...]


Formula = Literal | Every | Some
TRUE, FALSE = Every(()), Some(())


def satisfy(term: Term) -> Formula:
    """When a condition is true."""
    args = term.args
    match term.op:
        case "const":
            return TRUE if term.data[0] == 1.0 else FALSE
        case "lt" | "le" | "eq" | "ne":
            return Literal(term.op, *args)
        case "and":
            return Every((satisfy(args[0]), satisfy(args[1])))
        case "or":
            return Some((satisfy(args[0]), satisfy(args[1])))
        case "not":
            return falsify(args[0])
        case "holds":
            return satisfy(args[0])
        case "violated":
            return Some((falsify(args[0]), undefine(args[0])))
        case "undefined":
            return undefine(args[0])
        case "if":
            return _either(satisfy, args)
        case "coalesce":
            return Some((satisfy(args[0]), satisfy(args[1])))
    return Literal("eq", term, const(1.0))


def falsify(term: Term) -> Formula:
    """When a condition is false, neither unknown nor undefined."""
    args = term.args
    match term.op:
        case "const":
            return TRUE if term.data[0] == 0.0 else FALSE
        case "lt" | "le":
            return Literal(_OPPOSITE[term.op], args[1], args[0])
        case "eq" | "ne":
            return Literal(_OPPOSITE[term.op], *args)
        case "and":
            return Some((falsify(args[0]), falsify(args[1])))
        case "or":
            return Every((falsify(args[0]), falsify(args[1])))
        case "not":
            return satisfy(args[0])
        case "if":
            return _either(falsify, args)
        case "coalesce":
            return Some((falsify(args[0]), falsify(args[1])))
    return Literal("eq", term, const(0.0))


def undefine(term: Term) -> Formula:
    """When arithmetic within a term is undefined, by the operations that can be."""
    ways: list[Formula] = []
    for node in walk(term):
        match node.op:
            case "div" | "floordiv" | "mod":
                ways.append(Literal("eq", node.args[1], const(0.0)))
            case "log" | "log2" | "log10":
                ways.append(Literal("le", node.args[0], const(0.0)))
            case "sqrt":
                ways.append(Literal("lt", node.args[0], const(0.0)))
            case "pow":
                ways += [Literal("lt", node.args[0], const(0.0)), Literal("eq", node.args[0], const(0.0))]
            case "exp":
                ways.append(Literal("lt", const(_OVERFLOW), node.args[0]))
    return Some(tuple(w for w in ways if _moves(w)))


def _moves(formula: Formula) -> bool:
    return isinstance(formula, Literal) and bool(columns_of(formula.a) | columns_of(formula.b))


def _either(side: Callable[[Term], Formula], args: tuple[Term, ...]) -> Formula:
    condition, first, second = args
    return Some((Every((satisfy(condition), side(first))), Every((falsify(condition), side(second)))))


def refutation(guard: Guard | None, condition: Term) -> Formula:
    """When a claim fails: its guard holds, and its condition is false or undefined."""
    chain = guard.chain() if guard is not None else ()
    violated = apply("violated", condition)
    if condition.depth > DEEPEST:
        return Every((*map(_whole, chain), _whole(violated)))
    return Every((*map(satisfy, chain), satisfy(violated)))


def _whole(condition: Term) -> Formula:
    return Literal("eq", condition, const(1.0)) if condition.depth > DEEPEST else satisfy(condition)


def ways(model: Model, guard: Guard | None, condition: Term, most: int) -> list[tuple[Literal, ...]]:
    """At most so many conjunctions, each of which refutes a claim, with what makes the parameters in it active."""
    owners = model.by_column()
    found: dict[tuple[Literal, ...], None] = {}
    for path in islice(_paths(refutation(guard, condition)), most):
        for whole in _activated(path, owners, frozenset()):
            found[whole] = None
    return list(found)[:most]


def _activated(
    path: tuple[Literal, ...], owners: Mapping[int, Symbol], known: frozenset[str]
) -> Iterator[tuple[Literal, ...]]:
    """A path with what makes everything active that it reads, and that what is added reads in turn."""
    loaded = frozenset().union(*(_needed(x.a) | _needed(x.b) for x in path)) if path else frozenset()
    symbols = _with_operands([owners[c] for c in sorted(loaded) if c in owners], owners)
    new = [s for s in symbols if s.path not in known]
    if not new:
        yield tuple(dict.fromkeys(path))
        return
    reached = known | {s.path for s in new}
    # What comes first in a chain of guards comes first on the path.
    for more in islice(_paths(Every(tuple(map(_active, new)))), MOST_BRANCHES):
        yield from islice(_activated((*more, *path), owners, reached), MOST_BRANCHES)


def _with_operands(symbols: Iterable[Symbol], owners: Mapping[int, Symbol]) -> list[Symbol]:
    """Symbols with what derived ones among them are computed from."""
    found: dict[str, Symbol] = {}
    stack = list(symbols)
    while stack:
        symbol = stack.pop()
        if symbol.path in found:
            continue
        found[symbol.path] = symbol
        if isinstance(symbol, Derived) and len(symbol.pieces) == 1:
            stack.extend(owners[c] for c in sorted(_needed(symbol.pieces[0].term)) if c in owners)
    return list(found.values())


def _active(symbol: Symbol) -> Formula:
    """When one of a symbol's pieces is in force."""
    if any(p.guard is None for p in symbol.pieces):
        return TRUE
    return Some(tuple(Every(tuple(map(_whole, p.guard.chain()))) for p in symbol.pieces if p.guard is not None))


def _needed(term: Term) -> frozenset[int]:
    """The columns that must be known for a term to be: not those of which one is enough."""
    found = set()
    stack = [term]
    while stack:
        node = stack.pop()
        if node.op == "load":
            found.add(int(node.data[0]))
        elif node.op not in ("coalesce", "and", "or", "if"):
            stack.extend(node.args)
    return frozenset(found)


def _paths(formula: Formula) -> Iterator[tuple[Literal, ...]]:
    """Every way to satisfy a formula, the alternatives of a choice in turns."""
    match formula:
        case Literal():
            yield (formula,)
        case Some():
            turns = [_paths(part) for part in formula.parts]
            while turns:
                still = []
                for turn in turns:
                    path = next(turn, None)
                    if path is not None:
                        yield path
                        still.append(turn)
                turns = still
        case Every():
            if not formula.parts:
                yield ()
                return
            for first in _paths(formula.parts[0]):
                for rest in _paths(Every(formula.parts[1:])):
                    yield first + rest
