"""`Configs`: a batch of configurations as typed columns with an active mask, and as a sequence of dicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import counted
from hpdsl.errors import UnknownNameError
from hpdsl.priors.items import Items, Range
from hpdsl.semantics.model import Collection, Derived, Model, Parameter, Steps, Symbol
from hpdsl.semantics.places import address, set_at

if TYPE_CHECKING:
    import pandas as pd

Value = str | bool | int | float | None
Config = dict[str, Any]


def native(symbol: Symbol) -> Callable[[float, float], Value]:
    """The Python value of a symbol from its value and code columns (NaN where it has no such column)."""
    if isinstance(symbol, Derived):
        if symbol.labels:
            labels = symbol.labels
            return lambda value, code: labels[int(value)]
        return {"int": _integer, "bool": _truth}.get(symbol.kind, _real)
    if symbol.kind == "bool":
        return _truth
    items = symbol.items
    if items is None:
        return _integer if all(p.dist.integer for p in symbol.pieces) else _real
    if items.numeric:
        listed = {
            float(i): i
            for p in symbol.pieces
            if isinstance(p.dist, Items)
            for i in p.dist.items
            if not isinstance(i, (Range, str, type(None)))
        }
        return lambda value, code: listed.get(value, value)
    alternatives = items.items

    def chosen(value: float, code: float) -> Value:
        item = alternatives[int(code)]
        if isinstance(item, Range):
            return int(value) if item.dist.integer else value
        return item

    return chosen


def _integer(value: float, code: float) -> Value:
    return int(value) if math.isfinite(value) else value


def _truth(value: float, code: float) -> Value:
    return bool(value)


def _real(value: float, code: float) -> Value:
    return value


class Configs(Sequence[Config]):
    """n configurations. `matrix` has one row for each column of the model, NaN where inactive."""

    def __init__(self, model: Model, matrix: NDArray[np.float64]) -> None:
        self._model = model
        self.matrix = matrix

    @property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """Typed columns by parameter path: numbers as float64 or int64, truth as bool, labels as their codes.

        Entries of inactive rows are NaN in a float column and 0 in any other; see `active`. A choice with
        ranges has its number here (NaN while it is a label) and its code in `codes`. An array is a matrix (n, most
        elements), a subset bool (n, values), a permutation the numbers of its values (n, values).
        """
        return _Columns(self, _typed)

    @property
    def codes(self) -> Mapping[str, NDArray[Any]]:
        """The number of the chosen alternative, by parameter path, for choices; 0 where inactive."""
        return _Columns(self, _codes)

    @property
    def active(self) -> Mapping[str, NDArray[np.bool_]]:
        """Whether each row has the parameter or derived value."""
        return _Columns(self, _active)

    def labels(self, name: str) -> tuple[Value | str, ...]:
        """The alternatives a column's codes stand for; a range is shown as "range"."""
        symbol = self._symbol(name)
        if isinstance(symbol, Derived):
            return symbol.labels
        if symbol.items is None:
            raise UnknownNameError(f"`{name}` is no choice, so it has no labels")
        return tuple("range" if isinstance(i, Range) else i for i in symbol.items.items)

    def to_pandas(self) -> pd.DataFrame:
        """A DataFrame with one column for each key: labels as categoricals, integers that can be absent as Int64."""
        from hpdsl.frames import to_pandas

        return to_pandas(self._model, self.matrix)

    def _symbol(self, name: str) -> Symbol:
        for s in self._model.symbols:
            if s.path == name or (isinstance(s, Derived) and s.key == name):
                return s
        matching = [s for s in self._model.symbols if s.key == name]
        if len(matching) == 1:
            return matching[0]
        known = ", ".join(s.path for s in self._model.written[:12])
        raise UnknownNameError(f"no column `{name}`; the columns are {known}")

    def __len__(self) -> int:
        return int(self.matrix.shape[1])

    @overload
    def __getitem__(self, index: int) -> Config: ...

    @overload
    def __getitem__(self, index: slice | NDArray[Any]) -> Configs: ...

    def __getitem__(self, index: int | slice | NDArray[Any]) -> Config | Configs:
        if isinstance(index, (int, np.integer)):
            return next(iter(Configs(self._model, self.matrix[:, [index]])))
        return Configs(self._model, np.ascontiguousarray(self.matrix[:, index]))

    def __iter__(self) -> Iterator[Config]:
        layout = _layout(self._model)
        lists = {c: self.matrix[c].tolist() for c in layout.used}
        lists[_NOTHING] = [math.nan] * len(self)
        columns = [(key, to, lists[value], lists[code], lists[main]) for key, to, value, code, main in layout.flat]
        if not self._model.collections:
            for k in range(len(self)):
                yield {key: to(value[k], code[k]) for key, to, value, code, main in columns if main[k] == main[k]}
            return
        nested = [(entry.steps, make(lists)) for entry, make in layout.nested]
        for k in range(len(self)):
            config: Config = {}
            for key, to, value, code, main in columns:
                if main[k] == main[k]:
                    config[key] = to(value[k], code[k])
            for steps, at in nested:
                made = at(k)
                if made is not None:
                    set_at(config, steps, made)
            yield {key: config[key] for key in layout.keys if key in config}

    def __repr__(self) -> str:
        return f"Configs({counted(len(self), 'configuration')} of {counted(len(self._model.parameters), 'parameter')})"


# Stands for a column that a symbol hasn't got.
_NOTHING = -1

Lists = Mapping[int, list[float]]
Reader = Callable[[Lists], Callable[[int], Any]]


@dataclass(frozen=True)
class _Layout:
    """How the rows of a model become dicts; columns are given by their number.

    `nested` is what stands in lists, outer ones first: from the columns as lists to a function from the row to the
    value there, None where absent.
    """

    keys: tuple[str, ...]
    flat: tuple[tuple[str, Callable[[float, float], Value], int, int, int], ...]
    nested: tuple[tuple[Symbol | Collection, Reader], ...]
    used: frozenset[int]


_LAYOUTS: WeakKeyDictionary[Model, _Layout] = WeakKeyDictionary()


def _layout(model: Model) -> _Layout:
    """The layout of a model, made once."""
    found = _LAYOUTS.get(model)
    if found is None:
        found = _LAYOUTS[model] = _laid_out(model)
    return found


def _laid_out(model: Model) -> _Layout:
    by_path = {p.path: p.main for p in model.parameters}
    flat = tuple((s.key, native(s), *_places(s)) for s in model.written if len(address(s.steps)) == 1)
    inside = [s for s in model.written if len(address(s.steps)) > 1]
    members = {c.path: [by_path[m] for m in c.members if m in by_path] for c in model.collections}
    entries: list[tuple[tuple[int, ...], int, Symbol | Collection, Reader]] = [
        (c.order, 0, c, _maker(c, members[c.path])) for c in model.collections
    ]
    entries += [(s.order, 1, s, _leaf(native(s), *_places(s))) for s in inside]
    entries.sort(key=lambda e: e[:2])
    used = {c for s in model.written for c in _places(s)} | {c.length for c in model.collections}
    used.update(*members.values())
    return _Layout(tuple(keys(model)), flat, tuple(e[2:] for e in entries), frozenset(used - {_NOTHING}))


def _places(s: Symbol) -> tuple[int, int, int]:
    """The value, the code and the main column of a symbol."""
    if isinstance(s, Derived):
        return s.column, _NOTHING, s.column
    value = _NOTHING if s.value is None else s.value
    return (value, _NOTHING, value) if s.code is None else (value, s.code, s.code)


def _maker(c: Collection, columns: list[int]) -> Reader:
    """The empty or finished list of a collection at a row."""

    def array(lists: Lists) -> Callable[[int], Any]:
        length = lists[c.length]
        empty = c.groups and c.whole

        def make(k: int) -> Any:
            n = length[k]
            return None if n != n else [{} for _ in range(int(n))] if empty else [None] * int(n)

        return make

    def listed(lists: Lists) -> Callable[[int], Any]:
        length, members = lists[c.length], [lists[m] for m in columns]

        def subset(k: int) -> Any:
            if length[k] != length[k]:
                return None
            return [v for v, m in zip(c.values, members, strict=True) if m[k] == 1.0]

        def permutation(k: int) -> Any:
            return None if length[k] != length[k] else [c.values[int(m[k])] for m in members]

        return subset if c.kind == "subset" else permutation

    return array if c.kind == "array" else listed


def _leaf(to: Callable[[float, float], Value], v: int, c: int, m: int) -> Reader:
    def read(lists: Lists) -> Callable[[int], Any]:
        value, code, main = lists[v], lists[c], lists[m]
        return lambda k: to(value[k], code[k]) if main[k] == main[k] else None

    return read


def keys(model: Model) -> list[str]:
    """The keys of configurations, in the order of the file."""
    entries: list[tuple[tuple[int, ...], Steps]] = [(s.order, s.steps) for s in model.written]
    entries += [(c.order, c.steps) for c in model.collections]
    return list(dict.fromkeys(str(address(steps)[0]) for _, steps in sorted(entries, key=lambda e: e[0])))


def parameter_keys(model: Model) -> list[str]:
    """The keys whose values are drawn, not derived."""
    inside = {m: c for c in model.collections for m in c.members}
    drawn = {str(address(inside[p.path].steps if p.member else p.steps)[0]) for p in model.parameters}
    return [key for key in keys(model) if key in drawn]


def nested(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with its dotted keys as nested dicts, within lists too.

    Where a name has both a value and members, as a tagged union has, the value moves into the dict under the
    name itself: `optim` and `optim.lr` become `{"optim": {"optim": …, "lr": …}}`.
    """
    result: dict[str, Any] = {}
    holders = {key.rpartition(".")[0] for key in config} - {""}
    heads = {".".join(h.split(".")[:k]) for h in holders for k in range(1, h.count(".") + 2)}
    for key, value in config.items():
        steps = key.split(".")
        at = result
        for step in steps[:-1]:
            at = at.setdefault(step, {})
        inner = [nested(v) if isinstance(v, Mapping) else v for v in value] if isinstance(value, list) else value
        if key in heads:
            at.setdefault(steps[-1], {})[steps[-1]] = inner
        else:
            at[steps[-1]] = inner
    return result


class _Columns(Mapping[str, NDArray[Any]]):
    """A lazy view of a batch by name."""

    def __init__(self, configs: Configs, view: Callable[[Configs, Symbol], NDArray[Any]]) -> None:
        self._configs = configs
        self._view = view

    def __getitem__(self, name: str) -> NDArray[Any]:
        model = self._configs._model
        for c in model.collections:
            if c.path == name and c.members:
                by_path = {s.path: s for s in model.symbols}
                parts = [self._view(self._configs, by_path[m]) for m in c.members if m in by_path]
                if len(parts) == len(c.members):
                    return np.stack(parts, axis=1)
        return self._view(self._configs, self._configs._symbol(name))

    def __contains__(self, name: object) -> bool:
        return name in {*self, *(c.path for c in self._configs._model.collections if c.members)}

    def __iter__(self) -> Iterator[str]:
        return (s.path for s in self._configs._model.written)

    def __len__(self) -> int:
        return len(self._configs._model.written)


def _codes(configs: Configs, symbol: Symbol) -> NDArray[Any]:
    if isinstance(symbol, Parameter) and symbol.code is None:
        raise UnknownNameError(f"`{symbol.path}` has no codes; its values say all")
    column = symbol.main
    return _cast(configs.matrix[column], np.int64, _whole(symbol))


def _typed(configs: Configs, symbol: Symbol) -> NDArray[Any]:
    if isinstance(symbol, Derived):
        kind, column = symbol.kind, symbol.column
    elif symbol.value is None:
        return _codes(configs, symbol)
    else:
        column = symbol.value
        integer = symbol.kind != "mixed" and all(p.dist.integer for p in symbol.pieces)
        kind = "bool" if symbol.kind == "bool" else "int" if integer else "float"
    if kind == "float":
        return np.asarray(configs.matrix[column])
    return _cast(configs.matrix[column], np.bool_ if kind == "bool" else np.int64, _whole(symbol))


def _whole(symbol: Symbol) -> bool:
    """True where no row can be inactive."""
    return any(p.guard is None for p in symbol.pieces) and isinstance(symbol, Parameter)


def _cast(column: NDArray[np.float64], kind: type, whole: bool) -> NDArray[Any]:
    if whole:
        return np.asarray(column.astype(kind))
    return np.asarray(np.where(np.isfinite(column), column, 0.0).astype(kind))


def _active(configs: Configs, symbol: Symbol) -> NDArray[np.bool_]:
    if _whole(symbol):
        return np.ones(len(configs), dtype=np.bool_)
    return np.asarray(~np.isnan(configs.matrix[symbol.main]))
