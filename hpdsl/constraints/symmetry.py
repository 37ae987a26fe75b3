"""Parts that play the same role: what follows looks at them alike, so only which values they have matters.

In `distinct([a, b, c, d])`, once a, b and c are settled, (1, 2, 3) and (3, 1, 2) leave the same for d.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hpdsl.constraints.rewrite import rebuild
from hpdsl.terms import Term, load, walk

# Stands for a part in what looks at it; no model has this column.
_HOLE = load(-4)


class Roles:
    """The roles of parts in clauses, given by the terms of their violation."""

    def __init__(self, violated: Sequence[Term]) -> None:
        self._violated = violated
        self._shapes: dict[tuple[Term, int], Term] = {}

    def alike(self, after: Mapping[Term, tuple[int, ...]], parts: Mapping[int, list[Term]]) -> list[list[Term]]:
        """Groups of parts to remember that play the same role.

        `after` has the clauses that alone need each part, `parts` the parts of each clause.
        """
        groups: dict[frozenset[tuple[Term, int]], list[Term]] = {}
        for part, users in after.items():
            if users and all(len(parts[j]) == 1 for j in users):
                role = frozenset(Counter(self._shape(part, j) for j in users).items())
                groups.setdefault(role, []).append(part)
        return [g for g in groups.values() if len(g) > 1]

    def _shape(self, part: Term, clause: int) -> Term:
        """A clause's violation with a hole where the part was."""
        if (part, clause) not in self._shapes:
            known = {part: _HOLE}
            for node in walk(self._violated[clause]):
                if node.op in ("eq", "ne") and part in node.args:
                    # These do not care which side is which.
                    other = node.args[1] if node.args[0] == part else node.args[0]
                    known[node] = Term(node.op, (_HOLE, other))
            self._shapes[part, clause] = rebuild(self._violated[clause], known)
        return self._shapes[part, clause]
