"""Terms: immutable expressions over columns and uniforms, the one expression form from checking to op tables.

A term's operation is a name of `hpdsl.ops.OPS`. Terms compare and hash by structure, so that a dictionary
finds equal subexpressions. Building a term folds constants with the same arithmetic the kernels use.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator
from functools import lru_cache

from hpdsl.kernels.scalar import SCALAR

# Operations whose result depends on more than their operands and data.
LEAVES = frozenset({"load", "draw"})


class Numbers(tuple[float, ...]):
    """Many numbers that many terms look up: hashed once, and compared at a glance with themselves."""

    _hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = super().__hash__()
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or super().__eq__(other)


class Term:
    """An operation on terms; `data` holds a constant, a column, a stream, two coefficients or a table."""

    __slots__ = ("_columns", "_hash", "_mask", "args", "data", "depth", "op", "size")

    op: str
    args: tuple[Term, ...]
    data: tuple[float, ...]
    depth: int
    """How many operations are nested."""
    size: float
    """How many nodes it has when nothing is shared; may be infinite."""

    def __init__(self, op: str, args: tuple[Term, ...] = (), data: tuple[float, ...] = ()) -> None:
        self.op = op
        self.args = args
        self.data = data
        self._hash = hash((op, args, data))
        self._columns: frozenset[int] | None = None
        self._mask: int | None = None
        self.depth = 1 + max([a.depth for a in args]) if args else 0
        self.size = 1.0 + sum([a.size for a in args])

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Term) or self._hash != other._hash:
            return False
        return self.op == other.op and self.data == other.data and self.args == other.args

    def __repr__(self) -> str:
        inside = [repr(a) for a in self.args] + [format(v, "g") for v in self.data]
        return f"{self.op}({', '.join(inside)})"

    @property
    def constant(self) -> float | None:
        """The value of a constant term, else None."""
        return self.data[0] if self.op == "const" else None

    def __add__(self, other: Term | float) -> Term:
        return apply("add", self, as_term(other))

    def __radd__(self, other: float) -> Term:
        return apply("add", as_term(other), self)

    def __sub__(self, other: Term | float) -> Term:
        return apply("sub", self, as_term(other))

    def __rsub__(self, other: float) -> Term:
        return apply("sub", as_term(other), self)

    def __mul__(self, other: Term | float) -> Term:
        return apply("mul", self, as_term(other))

    def __rmul__(self, other: float) -> Term:
        return apply("mul", as_term(other), self)

    def __truediv__(self, other: Term | float) -> Term:
        return apply("div", self, as_term(other))

    def __rtruediv__(self, other: float) -> Term:
        return apply("div", as_term(other), self)

    def __pow__(self, other: Term | float) -> Term:
        return apply("pow", self, as_term(other))

    def __rpow__(self, other: float) -> Term:
        return apply("pow", as_term(other), self)

    def __abs__(self) -> Term:
        return apply("abs", self)

    def __neg__(self) -> Term:
        return apply("neg", self)


def const(value: float) -> Term:
    """A constant."""
    return Term("const", (), (float(value),))


def load(column: int) -> Term:
    """The value in a column; unknown where it is inactive."""
    return Term("load", (), (column,))


def draw(stream: int) -> Term:
    """The uniform of a parameter."""
    return Term("draw", (), (stream,))


def as_term(value: Term | float) -> Term:
    """Turn a number into a constant."""
    return value if isinstance(value, Term) else const(value)


# x op unit == x for every x, marks included
_RIGHT_UNITS = {"add": 0.0, "sub": 0.0, "mul": 1.0, "div": 1.0, "pow": 1.0}
_LEFT_UNITS = {"add": 0.0, "mul": 1.0}


def apply(op: str, *args: Term, data: tuple[float, ...] = ()) -> Term:
    """An operation on terms, folded where every operand is constant or a unit drops out."""
    if op not in LEAVES and args and all(a.op == "const" for a in args):
        return const(compute(op, [a.data[0] for a in args], data))
    if len(args) == 2:
        if op in _RIGHT_UNITS and args[1].constant == _RIGHT_UNITS[op]:
            return args[0]
        if op in _LEFT_UNITS and args[0].constant == _LEFT_UNITS[op]:
            return args[1]
    if op == "affine" and data == (0.0, 1.0):
        return args[0]
    if op == "clip" and data == (-math.inf, math.inf):
        return args[0]
    if op == "clip" and args[0].op == "round" and args[0].args[0].op == "affine":
        # One pass over the rows instead of three; integers are drawn with it.
        inner = args[0].args[0]
        return Term("lattice", inner.args, (*inner.data, *data))
    return Term(op, args, data)


def _affine(a: float, data: tuple[float, ...]) -> float:
    return data[0] + data[1] * a


def _clip(a: float, data: tuple[float, ...]) -> float:
    return data[0] if a < data[0] else data[1] if a > data[1] else a


def _lattice(a: float, data: tuple[float, ...]) -> float:
    return SCALAR["lattice"](a, *data)


def _pick(a: float, data: tuple[float, ...]) -> float:
    return a if math.isnan(a) else float(bisect_right(data, a))


def _take(a: float, data: tuple[float, ...]) -> float:
    return a if math.isnan(a) else data[int(a)]


def _find(a: float, data: tuple[float, ...]) -> float:
    if math.isnan(a) or math.isinf(a):
        return a
    return float(data.index(a)) if a in data else -1.0


_WITH_DATA: dict[str, Callable[[float, tuple[float, ...]], float]] = {
    "affine": _affine,
    "clip": _clip,
    "lattice": _lattice,
    "pick": _pick,
    "take": _take,
    "find": _find,
}


def compute(op: str, args: list[float], data: tuple[float, ...] = ()) -> float:
    """The value of one operation on numbers."""
    return _WITH_DATA[op](args[0], data) if data else SCALAR[op](*args)


def total(terms: Iterable[Term], op: str = "add") -> Term:
    """Many terms combined by an associative operation, as a balanced tree; at least one term is needed."""
    parts = list(terms)
    while len(parts) > 1:
        pairs = [apply(op, a, b) for a, b in zip(parts[::2], parts[1::2], strict=False)]
        parts = pairs + parts[len(pairs) * 2 :]
    return parts[0]


# From this depth, or this size without sharing, terms are evaluated with what they share computed once, and without
# recursion.
DEEP, LARGE = 24, 300.0


class Evaluator:
    """Values of terms at one row: the slow, obvious meaning of the language's arithmetic.

    `columns` and `uniforms` are read and may be filled by the caller between calls of `value`; a column that
    is not there is inactive.
    """

    def __init__(self, columns: dict[int, float], uniforms: dict[int, float] | None = None) -> None:
        self.columns = columns
        self.uniforms = uniforms if uniforms is not None else {}

    def value(self, term: Term) -> float:
        """The value of a term, NaN where unknown, +inf where undefined."""
        if term.depth >= DEEP or term.size > LARGE:
            known: list[float] = []
            for op, args, data in _steps(term):
                known.append(compute(op, [known[a] for a in args], data) if args else self._leaf(op, data))
            return known[-1]
        if term.args:
            return compute(term.op, list(map(self.value, term.args)), term.data)
        return term.data[0] if term.op == "const" else self._leaf(term.op, term.data)

    def _leaf(self, op: str, data: tuple[float, ...]) -> float:
        if op == "const":
            return data[0]
        if op == "load":
            return self.columns.get(int(data[0]), math.nan)
        return self.uniforms.get(int(data[0]), math.nan)


@lru_cache(maxsize=64)
def _steps(term: Term) -> tuple[tuple[str, tuple[int, ...], tuple[float, ...]], ...]:
    """Every distinct subterm in the order of evaluation, its operands given by their place in it."""
    places: dict[Term, int] = {}
    steps = []
    for node in walk(term):
        steps.append((node.op, tuple([places[a] for a in node.args]), node.data))
        places[node] = len(places)
    return tuple(steps)


def walk(term: Term, known: Container[Term] = ()) -> Iterator[Term]:
    """Every distinct subterm, operands before the operations that use them; nothing that is known, or below it."""
    seen: set[Term] = set()
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen and node not in known:
            seen.add(node)
            stack.append((node, True))
            stack.extend((a, False) for a in reversed(node.args))


def columns_of(term: Term) -> frozenset[int]:
    """The columns a term reads."""
    if term._columns is None:
        found = []
        left = _mask(term)
        while left:
            lowest = left & -left
            found.append(lowest.bit_length() - 1)
            left ^= lowest
        term._columns = frozenset(found)
    return term._columns


def _mask(term: Term) -> int:
    """The columns a term reads as bits: small enough to be kept with every subterm, as sets of them would not be."""
    stack = [term]
    while stack:
        node = stack[-1]
        missing = [a for a in node.args if a._mask is None]
        if missing:
            stack += missing
            continue
        if node._mask is None:
            mask = 1 << int(node.data[0]) if node.op == "load" else 0
            for a in node.args:
                assert a._mask is not None
                mask |= a._mask
            node._mask = mask
        stack.pop()
    assert term._mask is not None
    return term._mask
