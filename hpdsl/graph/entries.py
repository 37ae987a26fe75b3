"""The entry points of a model as graphs: sample/decode, encode, check, features, log density."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hpdsl.graph.copula import blocks, drawn, encoded, log_factor
from hpdsl.graph.graph import Graph, Statement
from hpdsl.priors.items import Items, Reading
from hpdsl.semantics.model import Derived, Model, Parameter, Piece, Requirement, Symbol
from hpdsl.terms import Term, apply, load


def parameter_columns(p: Parameter) -> tuple[int, ...]:
    """The columns a parameter fills: its value's, its code's."""
    return tuple(c for c in (p.value, p.code) if c is not None)


def decode(model: Model, symbols: Iterable[Symbol] | None = None) -> Graph:
    """Uniforms to values and derived values; `symbols` restricts it to some, the rest being given."""
    found = statements(model, model.symbols if symbols is None else symbols)
    given = frozenset(range(model.n_columns)) - {s.column for s in found}
    return Graph(model.n_columns, given, found)


def statements(model: Model, symbols: Iterable[Symbol]) -> tuple[Statement, ...]:
    """What draws symbols from uniforms, in the order given."""
    found: list[Statement] = []
    for symbol in symbols:
        if isinstance(symbol, Derived):
            found.extend(_derived(symbol))
            continue
        u = drawn(symbol, model.numbers)
        for piece in symbol.pieces:
            result = piece.dist.decode(u)
            reading = result if isinstance(result, Reading) else Reading(result, None)
            for column, term in ((symbol.value, reading.value), (symbol.code, reading.code)):
                if column is not None and term is not None:
                    found.append(Statement(column, term, piece.guard))
    return tuple(found)


def _derived(symbol: Derived) -> list[Statement]:
    return [Statement(symbol.column, p.term, p.guard) for p in symbol.pieces]


def check(model: Model, requirements: Iterable[Requirement], graph: Graph) -> Graph:
    """A graph extended by one column for each requirement: 1 where it is violated."""
    extra = [
        Statement(graph.n_columns + k, apply("violated", r.condition), r.guard) for k, r in enumerate(requirements)
    ]
    return Graph(graph.n_columns + len(extra), graph.given, (*graph.statements, *extra))


def derived_values(model: Model) -> Graph:
    """Parameters given, derived values stored: the base of every entry that starts from values."""
    statements = [s for symbol in model.symbols if isinstance(symbol, Derived) for s in _derived(symbol)]
    given = frozenset(c for p in model.parameters for c in parameter_columns(p))
    return Graph(model.n_columns, given, tuple(statements))


Outputs = Callable[[Parameter, Piece], list[Term]]


def per_parameter(model: Model, outputs: Outputs, counts: dict[int, int]) -> Graph:
    """Values to `counts[p.index]` further columns for each parameter, from the piece in force."""
    base = derived_values(model)
    statements = list(base.statements)
    column = model.n_columns
    for p in model.parameters:
        if p.index not in counts:
            continue
        for piece in p.pieces:
            terms = outputs(p, piece)
            statements.extend(Statement(column + k, t, piece.guard) for k, t in enumerate(terms))
        column += counts[p.index]
    return Graph(column, base.given, tuple(statements))


def encode(model: Model) -> Graph:
    """Values to u codes, one column for each parameter that is not fixed."""
    by_path = {p.path: p for p in model.parameters}

    def own(p: Parameter, piece: Piece) -> Term:
        if isinstance(piece.dist, Items):
            return piece.dist.encode(p.reading)
        assert p.value is not None
        return piece.dist.encode(load(p.value))

    def outputs(p: Parameter, piece: Piece) -> list[Term]:
        if p.score is None or len(p.score.members) == 1:
            return [own(p, piece)]
        # Members of a copula have one piece, under one guard.
        return [encoded(p, by_path, lambda q: own(q, q.pieces[0]))]

    return per_parameter(model, outputs, dict.fromkeys(range(len(model.free)), 1))


def log_density(model: Model) -> Graph:
    """Values to log density or log mass, one column for each parameter; a copula's factor counts to its last member."""
    factors = {block[-1].path: block for block in blocks(model)}

    def outputs(p: Parameter, piece: Piece) -> list[Term]:
        if isinstance(piece.dist, Items):
            own = piece.dist.log_density(p.reading)
        else:
            assert p.value is not None
            own = piece.dist.log_density(load(p.value))
        return [own + log_factor(factors[p.path]) if p.path in factors else own]

    return per_parameter(model, outputs, dict.fromkeys(range(len(model.parameters)), 1))


@dataclass(frozen=True)
class Component:
    """Parameters that requirements tie together, with all they depend on: drawn again as one."""

    symbols: tuple[Symbol, ...]
    requirements: tuple[Requirement, ...]
