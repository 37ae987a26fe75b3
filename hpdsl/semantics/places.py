"""Where the values of a space stand in a configuration: flat keys, lists, and dicts within lists."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from hpdsl.diagnostics import counted
from hpdsl.semantics.model import Collection, Model, Steps, Symbol
from hpdsl.semantics.typed import show


@lru_cache(maxsize=65536)
def address(steps: Steps) -> Steps:
    """The keys and numbers that lead to a value: names between two numbers join with dots."""
    result: list[str | int] = []
    for step in steps:
        if isinstance(step, int) or not result or isinstance(result[-1], int):
            result.append(step)
        else:
            result[-1] = f"{result[-1]}.{step}"
    return tuple(result)


def set_at(config: dict[str, Any], steps: Steps, value: object) -> None:
    """Put a value where its steps lead; the lists on the way exist, dicts in them are made."""
    at: Any = config
    way = address(steps)
    for step in way[:-1]:
        if isinstance(step, int) and at[step] is None:
            at[step] = {}
        at = at[step]
    at[way[-1]] = value


MISSING = object()


class Places:
    """Reads a configuration from outside, whose lists may be wrong in any way."""

    def __init__(self, model: Model, config: Mapping[str, object]) -> None:
        self.config = config
        self.problems: list[str] = []
        self.used: set[str] = set()
        self._by_member = {path: c for c in model.collections if c.values for path in c.members}
        self._faulty: set[Steps] = set()

    # ---- values ----------------------------------------------------------------------------------

    def get(self, symbol: Symbol) -> object:
        """The value of a symbol, `MISSING` where there is none."""
        collection = self._by_member.get(symbol.path)
        if collection is not None:
            return self._member(symbol, collection)
        way = address(symbol.steps)
        if len(way) > 1:
            return self._walk(way)
        return self.config.get(symbol.path, self.config.get(symbol.key, MISSING))

    def use(self, symbol: Symbol) -> None:
        """Note that the configuration has a place for a symbol's value."""
        way = address(symbol.steps)
        if len(way) == 1 and symbol.path in self.config:
            self.used.add(symbol.path)
        else:
            collection = self._by_member.get(symbol.path)
            self.used.add(str(address(collection.steps)[0] if collection is not None else way[0]))

    def inside_a_list(self, symbol: Symbol) -> bool:
        """True for an element of a collection."""
        return symbol.path in self._by_member or len(address(symbol.steps)) > 1

    def note_missing(self, symbol: Symbol) -> None:
        """Report a missing element, unless the list it belongs to will be reported itself."""
        if symbol.path in self._by_member:
            self.check(self._by_member[symbol.path], 0)
            return
        way = address(symbol.steps)
        last = max(k for k, step in enumerate(way) if isinstance(step, int))
        holder = self._walk(way[:last])
        if _is_list(holder) and isinstance(way[last], int) and way[last] < len(holder):  # type: ignore[arg-type,operator]  # a list
            self.problems.append(f"`{symbol.key}` is missing")

    def _walk(self, way: Steps) -> object:
        at: Any = self.config
        for step in way:
            if isinstance(step, int):
                if not _is_list(at) or step >= len(at):
                    return MISSING
                at = at[step]
            elif not isinstance(at, Mapping) or step not in at:
                return MISSING
            else:
                at = at[step]
        return MISSING if at is None and isinstance(way[-1], int) else at

    # ---- lists -----------------------------------------------------------------------------------

    def check(self, collection: Collection, length: int) -> None:
        """Report an active collection that is missing, no list, or of another length."""
        self.used.add(str(address(collection.steps)[0]))
        given = self._walk(address(collection.steps))
        if collection.steps in self._faulty:
            return
        if given is MISSING:
            # Of a missing list of lists, the outer one is reported.
            way = address(collection.steps)
            if len(way) == 1 or self._walk(way[:-1]) is not MISSING:
                self._fault(collection, f"`{collection.path}` is missing")
        elif not _is_list(given):
            self._fault(collection, f"`{collection.path}` = {given!r} must be a list")
        elif collection.kind == "array" and len(given) != length:  # type: ignore[arg-type]  # a list, as was just seen
            found = len(given)  # type: ignore[arg-type]  # likewise
            self._fault(collection, f"`{collection.path}` must have {counted(length, 'element')} here, not {found}")

    def _member(self, symbol: Symbol, collection: Collection) -> object:
        given = self._walk(address(collection.steps))
        if given is MISSING or collection.steps in self._faulty or not _is_list(given):
            return MISSING
        listed = list(given)  # type: ignore[call-overload]  # a list, as was just seen
        k = collection.members.index(symbol.path)
        if k == 0:
            self._check_values(collection, listed)
            if collection.steps in self._faulty:
                return MISSING
        if collection.kind == "subset":
            return any(_same(collection.values[k], v) for v in listed)
        return next((j for j, v in enumerate(collection.values) if _same(v, listed[k])), MISSING)

    def _check_values(self, collection: Collection, given: list[object]) -> None:
        known = ", ".join(show(v) for v in collection.values[:12])
        for n, v in enumerate(given):
            if not any(_same(w, v) for w in collection.values):
                self._fault(collection, f"`{collection.path}` has {v!r}, which is none of its values: {known}")
                return
            if any(_same(v, w) for w in given[:n]):
                self._fault(collection, f"`{collection.path}` has {v!r} twice")
                return
        count = len(collection.values)
        if collection.kind == "permutation" and len(given) != count:
            self._fault(collection, f"`{collection.path}` must list all of its {count} values, not {len(given)}")

    def _fault(self, collection: Collection, problem: str) -> None:
        if collection.steps not in self._faulty:
            self._faulty.add(collection.steps)
            self.problems.append(problem)


def _is_list(x: object) -> bool:
    if isinstance(x, (list, tuple)):
        return True
    return hasattr(x, "tolist") and hasattr(x, "ndim") and getattr(x, "ndim", 0) == 1


def _same(a: object, b: object) -> bool:
    if hasattr(b, "item") and not isinstance(b, (str, bytes)):
        b = b.item()
    if isinstance(a, bool) != isinstance(b, bool) or isinstance(a, str) != isinstance(b, str):
        return False
    return bool(a == b)
