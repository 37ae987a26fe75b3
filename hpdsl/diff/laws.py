"""How one prior differs from another: in range, alternatives, weights, or in what it says about the same values."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hpdsl.diff.digest import Digests
from hpdsl.diff.words import Words
from hpdsl.intervals import Facts, Interval
from hpdsl.priors.items import Items, Range
from hpdsl.semantics.model import Model, Piece, guard_facts
from hpdsl.terms import Term


class Side:
    """One of the two models, with its words and hashes."""

    def __init__(self, model: Model, digests: Digests) -> None:
        self.model = model
        self.words = Words(model)
        self.digests = digests

    def facts(self, piece: Piece) -> Facts:
        """What is known where a piece holds."""
        return guard_facts(piece.guard, self.model.facts)


def law_changes(old: Side, a: Piece, new: Side, b: Piece) -> Iterator[tuple[str, str, str]]:
    """Kind of change, and what was and is: nothing where the laws are the same."""
    if old.digests.law(a.dist) == new.digests.law(b.dist):
        return
    was, now = old.words.law(a), new.words.law(b)
    if isinstance(a.dist, Items) and isinstance(b.dist, Items) and a.dist.ordered == b.dist.ordered:
        found = list(_items(old, a.dist, new, b.dist))
        # Words that are left open are the whole of both priors.
        yield from [(kind, *(said or (was, now))) for kind, said in found or [("prior", None)]]
        return
    if isinstance(a.dist, Items) or isinstance(b.dist, Items):
        yield "prior", was, now
        return
    kind = range_change(a.dist.hull(old.facts(a)), b.dist.hull(new.facts(b)))
    if was == now:
        was, now = f"{was}, which is {old.words.hull(a)}", f"{now}, which is {new.words.hull(b)}"
    yield kind, was, now


def range_change(old: Interval, new: Interval) -> str:
    """ "widened", "narrowed" or "shifted"; "prior" where the range is the same."""
    if (old.lo, old.hi) == (new.lo, new.hi):
        return "prior"
    if new.lo <= old.lo and old.hi <= new.hi:
        return "widened"
    if old.lo <= new.lo and new.hi <= old.hi:
        return "narrowed"
    return "shifted"


_Said = tuple[str, tuple[str, str] | None]


def _items(old: Side, a: Items, new: Side, b: Items) -> Iterator[_Said]:
    """Changes of alternatives and their weights."""
    olds = {old.digests.item(i): (i, w) for i, w in zip(a.items, a.weights, strict=True)}
    news = {new.digests.item(i): (i, w) for i, w in zip(b.items, b.weights, strict=True)}
    left = [k for k, (i, _) in olds.items() if k not in news and isinstance(i, Range)]
    right = [k for k, (i, _) in news.items() if k not in olds and isinstance(i, Range)]
    if len(left) == len(right) == 1:
        # The one range among labels is still that range.
        was, now = olds[left[0]][0], news[right[0]][0]
        assert isinstance(was, Range) and isinstance(now, Range)
        kind = range_change(was.dist.hull(old.model.facts), now.dist.hull(new.model.facts))
        yield kind, None if kind == "prior" else (old.words.item(was), new.words.item(now))
        olds = {right[0] if k == left[0] else k: x for k, x in olds.items()}
    gone = [i for k, (i, _) in olds.items() if k not in news]
    come = [i for k, (i, _) in news.items() if k not in olds]
    if gone:
        yield "labels removed", (", ".join(map(old.words.item, gone)), "")
    if come:
        yield "labels added", ("", ", ".join(map(new.words.item, come)))
    both = [k for k in olds if k in news]
    if both != [k for k in news if k in olds]:
        yield "labels reordered", None
    if not _same_weights(old, [olds[k][1] for k in both], new, [news[k][1] for k in both], bool(gone or come)):
        yield "weights", None


def _same_weights(old: Side, a: list[Term], new: Side, b: list[Term], shares: bool) -> bool:
    """True where alternatives have the same weights; the same `shares`, where others have come or gone."""
    was, now = [t.constant for t in a], [t.constant for t in b]
    if not shares or None in was or None in now:
        return [old.digests.term(t) for t in a] == [new.digests.term(t) for t in b]
    parts = [[w / max(math.fsum(side), 5e-324) for w in side] for side in (_numbers(was), _numbers(now))]
    return all(math.isclose(x, y, rel_tol=1e-12) for x, y in zip(*parts, strict=True))


def _numbers(values: list[float | None]) -> list[float]:
    return [v for v in values if v is not None]
