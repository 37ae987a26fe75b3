"""Which symbols of two models are the same under another path."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from hpdsl.diff.digest import Digests
from hpdsl.diff.members import moved_members
from hpdsl.semantics.model import Derived, Model, Parameter, Symbol


def visible(model: Model) -> list[Symbol]:
    """The symbols a user has named, in the order of the file: no lengths of arrays, no members of subsets."""
    named = [s for s in model.symbols if not _internal(s)]
    return sorted(named, key=lambda s: (s.span.start, s.order, s.path))


def _internal(symbol: Symbol) -> bool:
    return symbol.hidden if isinstance(symbol, Derived) else symbol.member


def moves(old: Model, new: Model) -> dict[str, str]:
    """Old path to new path of each symbol that is gone from one place and stands in another, alone of its kind.

    Symbols that read moved ones are recognised in turn, so the search goes on until nothing more is found.
    """
    kept = {s.path for s in visible(new)}
    gone = [s for s in visible(old) if s.path not in kept]
    kept = {s.path for s in visible(old)}
    come = [s for s in visible(new) if s.path not in kept]
    found = moved_members(old, new)
    while gone and come:
        before, after = Digests(old, found), Digests(new, {})
        pairs = next(filter(None, (_pairs(gone, come, before, after, key) for key in _KEYS)), [])
        if not pairs:
            break
        for a, b in pairs:
            found[a.path] = b.path
            array, _, element = a.path.partition("[")
            if element and array != b.path.partition("[")[0]:
                found[f"{array}#"] = b.path.partition("[")[0] + "#"
        gone = [s for s in gone if s.path not in found]
        come = [s for s in come if s.path not in found.values()]
    return found


_Key = Callable[[Digests, Symbol], Hashable]


def _pairs(
    gone: Sequence[Symbol], come: Sequence[Symbol], before: Digests, after: Digests, key: _Key
) -> list[tuple[Symbol, Symbol]]:
    """The symbols that are the only ones with their key on both sides."""
    olds, news = _alone(gone, before, key), _alone(come, after, key)
    return [(s, news[k]) for k, s in olds.items() if k in news]


def _alone(symbols: Sequence[Symbol], digests: Digests, key: _Key) -> dict[Hashable, Symbol]:
    found: dict[Hashable, list[Symbol]] = {}
    for s in symbols:
        found.setdefault(key(digests, s), []).append(s)
    return {k: group[0] for k, group in found.items() if len(group) == 1}


def _last(symbol: Parameter | Derived) -> tuple[Hashable, ...]:
    """The own name of a symbol, and its place in arrays."""
    names = [s for s in symbol.steps if isinstance(s, str)]
    return (names[-1] if names else symbol.path, _numbers(symbol))


def _numbers(symbol: Parameter | Derived) -> tuple[Hashable, ...]:
    return tuple(s for s in symbol.steps if isinstance(s, int))


# The surest first: the same in all but the scope, the same under another name, the same law under another guard.
_KEYS: tuple[_Key, ...] = (
    lambda digests, s: (digests.symbol(s), _last(s)),
    lambda digests, s: (digests.symbol(s), _numbers(s)),
    lambda digests, s: (digests.symbol(s, guarded=False), _last(s)),
)
