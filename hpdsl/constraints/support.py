"""What can be settled exactly: parameters with finitely many values, or only ever compared with numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.options import divisible, listable
from hpdsl.constraints.rewrite import arguments
from hpdsl.semantics.model import Dist, Parameter
from hpdsl.terms import Term, columns_of, walk

_COMPARISONS = frozenset({"lt", "le", "eq", "ne"})


@dataclass(frozen=True)
class Source:
    """A parameter with its priors over parameters only, first match in force."""

    parameter: Parameter
    pieces: tuple[tuple[Term, Dist], ...]

    def inputs(self) -> Iterable[Term]:
        """The terms that must be known before it."""
        for guard, dist in self.pieces:
            yield guard
            yield from arguments(dist)

    @property
    def fixed(self) -> bool:
        """True where its prior depends on nothing."""
        alone = self.parameter.score is None and len(self.pieces) == 1 and self.pieces[0][0].constant == 1.0
        return alone and not arguments(self.pieces[0][1])


class Uses:
    """How terms look at columns: as a value, or only by comparing it with something else.

    A column of `split` counts as compared where the other side does not depend on such a column; any other
    column is looked at as a value.
    """

    def __init__(self, split: Collection[int]) -> None:
        self.raw: set[int] = set()
        self.cuts: dict[int, dict[Term, None]] = {}
        self._split = frozenset(split)
        self.seen: set[Term] = set()

    def look(self, term: Term, known: Collection[Term] | None = None) -> None:
        """Add what a term looks at, but for the subterms that are `known`: as a rule those seen before."""
        if term.op == "load":
            self.raw.add(int(term.data[0]))
        for node in walk(term, self.seen if known is None else known):
            self.seen.add(node)
            compared = self._compared(node)
            if compared is not None:
                column, other = compared
                if other is not None:
                    self.cuts.setdefault(column, {})[other] = None
                    if other.op == "load":
                        self.raw.add(int(other.data[0]))
                continue
            self.raw.update(int(a.data[0]) for a in node.args if a.op == "load")

    def _compared(self, node: Term) -> tuple[int, Term | None] | None:
        if node.op == "known" and node.args[0].op == "load":
            return int(node.args[0].data[0]), None
        if node.op not in _COMPARISONS:
            return None
        a, b = node.args
        for this, other in ((a, b), (b, a)):
            if this.op == "load" and int(this.data[0]) in self._split and not columns_of(other) & self._split:
                return int(this.data[0]), other
        for this, other in ((a, b), (b, a)):
            if this.op == "load" and other.constant is not None:
                return int(this.data[0]), other
        return None


class Support:
    """Which parameters and clauses of a component can be settled exactly."""

    def __init__(self, sources: Iterable[Source], barred: Collection[int]) -> None:
        self.sources = list(sources)
        self.owner: dict[int, Source] = {}
        for s in self.sources:
            for c in (s.parameter.value, s.parameter.code):
                if c is not None:
                    self.owner[c] = s
        # Members of a copula follow from each other's draws.
        self._fine: dict[int, bool] = {s.parameter.index: False for s in self.sources if s.parameter.score is not None}
        self._fine.update(dict.fromkeys(barred, False))
        self._split = split(self.sources)
        # What was found to be fine, so that terms that share it are looked at once.
        self._proven: set[Term] = set()

    def parameter(self, source: Source) -> bool:
        """Whether a parameter can be settled, together with all it depends on."""
        index = source.parameter.index
        if index not in self._fine:
            able = all(listable(d) or divisible(d) for _, d in source.pieces)
            self._fine[index] = able and all(self.term(t) for t in source.inputs())
        return self._fine[index]

    def term(self, term: Term) -> bool:
        """Whether everything a term looks at can be settled, in the way it looks at it."""
        uses = Uses(self._split)
        uses.look(term, self._proven)
        for column in columns_of(term):
            source = self.owner.get(column)
            if source is None or not self.parameter(source):
                return False
            if column in uses.raw and column in self._split:
                return False
        fine = all(self._after(cut, column) for column, cuts in uses.cuts.items() for cut in cuts)
        if fine:
            # A parameter that stands alone is looked at as a value, elsewhere perhaps not.
            self._proven.update(t for t in uses.seen if t.op != "load")
        return fine

    def _after(self, cut: Term, column: int) -> bool:
        """Whether what a column is compared with can be settled before it."""
        return all(s is not self.owner[column] for s in self.ancestors([cut]))

    def ancestors(self, terms: Iterable[Term]) -> list[Source]:
        """The parameters that terms depend on, directly or not."""
        found: dict[int, Source] = {}
        stack = [c for t in terms for c in columns_of(t)]
        while stack:
            source = self.owner[stack.pop()]
            if source.parameter.index not in found:
                found[source.parameter.index] = source
                stack.extend(c for t in source.inputs() for c in columns_of(t))
        return sorted(found.values(), key=lambda s: s.parameter.path)


def split(sources: Iterable[Source]) -> frozenset[int]:
    """The value columns that can't be listed, so that they must be cut into cells."""
    return frozenset(
        s.parameter.value
        for s in sources
        if s.parameter.value is not None and not all(listable(d) for _, d in s.pieces)
    )


def cuts(
    sources: Iterable[Source], clauses: Iterable[Clause], inputs: Iterable[Term]
) -> Mapping[int, tuple[Term, ...]]:
    """What parameters (by index) are compared with, for those that are never looked at otherwise."""
    sources = list(sources)
    uses = Uses(split(sources))
    for clause in clauses:
        uses.look(clause.violated)
    for term in inputs:
        uses.look(term)
    for source in sources:
        for term in source.inputs():
            uses.look(term)
    found: dict[int, tuple[Term, ...]] = {}
    for source in sources:
        p = source.parameter
        if p.value is not None and p.value not in uses.raw and all(divisible(d) for _, d in source.pieces):
            found[p.index] = tuple(uses.cuts.get(p.value, ()))
    return found
