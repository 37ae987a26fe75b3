"""Values of terms on many rows at once: what checking and expansion compute with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.tables import table_of
from hpdsl.kernels import twin
from hpdsl.terms import Term

Floats = NDArray[np.float64]

# Their formulas loop over lanes that are not done yet, so that operands must be of one length.
_ITERATIVE = ("beta_", "gamma_", "log_beta", "log_gamma")


class Values:
    """Computes terms on n rows; `known` holds what is given, and is filled with what was computed.

    An array is of length n, or of length 1 where it is the same on every row.
    """

    def __init__(self, known: Mapping[Term, Floats], n: int) -> None:
        self.known: dict[Term, Floats] = dict(known)
        self.n = n

    def of(self, term: Term) -> Floats:
        """The values of a term, NaN where unknown, +inf where undefined."""
        known = self.known
        stack = [term]
        while stack:
            node = stack[-1]
            if node in known:
                stack.pop()
                continue
            missing = [a for a in node.args if a not in known]
            if missing:
                stack.extend(missing)
                continue
            with np.errstate(all="ignore"):
                known[node] = self._apply(node, [known[a] for a in node.args])
            stack.pop()
        return known[term]

    def full(self, term: Term) -> Floats:
        """As `of`, of length n in any case."""
        return np.broadcast_to(self.of(term), (self.n,))

    def _apply(self, node: Term, args: list[Floats]) -> Floats:
        op = node.op
        if op == "const":
            return np.array([node.data[0]])
        if op in ("pick", "take", "find", "search"):
            return _look_up(node, args)
        if op.startswith(_ITERATIVE):
            args = [np.broadcast_to(a, (self.n,)).copy() for a in args]
        if op in ("affine", "clip", "lattice"):
            result: Floats = twin.FUNCTIONS[op](args[0], *node.data)
            return result
        if op not in twin.FUNCTIONS:
            raise KeyError(f"{node!r} is not known here")
        result = twin.FUNCTIONS[op](*args)
        return result


def _look_up(node: Term, args: list[Floats]) -> Floats:
    table = table_of(node)
    entries = table.values if table is not None else np.array(node.data)
    x = args[0]
    if node.op == "search":
        assert table is not None
        a, b = np.broadcast_arrays(x, args[1])
        return twin.search(a, b, table.rows, entries)
    return {"take": twin.take, "pick": twin.pick, "find": twin.find}[node.op](x, entries)
