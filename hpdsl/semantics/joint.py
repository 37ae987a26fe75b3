"""What joint distributions share: sums of a list's first elements.

Every joint distribution is taken apart into conditional distributions of its elements, in their order (the
Rosenblatt transform).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpdsl.semantics.scopes import Declaration
from hpdsl.terms import Term, const, load

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

ZERO, ONE = const(0.0), const(1.0)


class Joint:
    """A family of joint distributions in one space."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._sums_of: dict[Declaration, list[Term]] = {}

    def _before(self, d: Declaration, k: int) -> Term:
        """The sum of the first k elements; sums share their parts."""
        sums = self._sums_of.setdefault(d, [ZERO])
        while len(sums) <= k:
            sums.append(sums[-1] + load(self.resolver.symbol(d.elements[len(sums) - 1]).main))
        return sums[k]

    def _home(self, element: Declaration) -> Declaration:
        """The list that an element belongs to."""
        assert element.array is not None
        return element.array
