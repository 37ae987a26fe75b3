"""What a space compares: the comparisons and truth values in its guards, definitions, requirements and claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.graph.graph import Graph, Statement
from hpdsl.program.program import lower, run
from hpdsl.semantics.model import Claim, DerivedPiece, Guard, Model, Parameter, Requirement
from hpdsl.semantics.witness import ancestors
from hpdsl.terms import Term, apply, columns_of, walk

COMPARISONS = frozenset({"lt", "le", "eq", "ne"})
LOGIC = frozenset({"not", "and", "or", "if", "holds", "violated", "known", "undefined", "coalesce"})


@dataclass(frozen=True)
class Atom:
    """A comparison or a truth value, as a term whose sign changes where it changes; and what moves it."""

    gap: Term
    parameters: tuple[int, ...]
    """Numbers of the free parameters it depends on, in dependency order."""


def guard_terms(guard: Guard | None) -> tuple[Term, ...]:
    """The conditions of a guard."""
    return guard.chain() if guard is not None else ()


def conditions(model: Model) -> list[Term]:
    """Every condition of a model: guards, requirements, claims, and what derived values are computed from."""
    found: list[Term] = []
    for symbol in model.symbols:
        for piece in symbol.pieces:
            found.extend(guard_terms(piece.guard))
            if isinstance(piece, DerivedPiece):
                found.append(piece.term)
    sentences: list[Requirement | Claim] = [*model.requirements, *model.claims]
    for sentence in sentences:
        found.extend(guard_terms(sentence.guard))
        found.append(sentence.condition)
    return list(dict.fromkeys(found))


def gaps(terms: Iterable[Term]) -> list[Term]:
    """Terms whose signs tell every comparison within some conditions; truth values stand for themselves."""
    found: dict[Term, None] = {}
    for term in terms:
        for node in walk(term):
            if node.op in COMPARISONS and node.args:
                found[apply("sub", *node.args)] = None
            elif node.op in LOGIC:
                found.update(dict.fromkeys(a for a in node.args if a.op == "load"))
    return [g for g in found if g.constant is None]


def movers(model: Model, columns: frozenset[int]) -> tuple[int, ...]:
    """The free parameters that some columns depend on, partners in a copula among them."""
    found = ancestors(model.symbols, columns)
    return tuple(s.index for s in found if isinstance(s, Parameter) and not s.fixed)


def atoms(model: Model) -> tuple[Atom, ...]:
    """The atoms of a model that some free parameter moves."""
    found = (Atom(g, movers(model, columns_of(g))) for g in gaps(conditions(model)))
    return tuple(a for a in found if a.parameters)


class Probe:
    """Terms as one function of configurations."""

    def __init__(self, model: Model, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        n = self.n_columns = model.n_columns
        stored = tuple(Statement(n + k, t, None) for k, t in enumerate(self.terms))
        self._table = lower(Graph(n + len(stored), frozenset(range(n)), stored))

    def __call__(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values of the terms, shape (terms, n), at configurations (columns, n)."""
        whole = np.empty((self.n_columns + len(self.terms), matrix.shape[1]))
        whole[: self.n_columns] = matrix
        run(self._table, whole)
        return whole[self.n_columns :]
