"""A configuration from outside (a dict) to columns, with every reason why it does not belong to the space."""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping

from hpdsl.priors.items import Items, Range
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.evaluate import Row, active_piece, broken, contains, derive, put
from hpdsl.semantics.model import Derived, Model, Parameter, Piece
from hpdsl.semantics.places import MISSING, Places, address
from hpdsl.semantics.typed import number, show
from hpdsl.terms import Evaluator, const

# Derived values are recomputed; what a file has rounded on the way may differ by this much.
TOLERANCE = 1e-9


class UnfitError(Exception):
    """A value that can't be one of a parameter's."""


def enter(model: Model, config: Mapping[str, object]) -> tuple[Row, list[str]]:
    """The columns of a configuration, and what is wrong with it (requirements not included)."""
    if not isinstance(config, Mapping):
        return {}, [f"a configuration is a mapping of names to values, not {config!r:.60}"]
    row = Evaluator({})
    problems: list[str] = []
    places = Places(model, config)
    lengths = {c.length: c for c in model.collections}
    surplus: list[tuple[str, Parameter]] = []
    for symbol in model.symbols:
        if isinstance(symbol, Derived):
            derive(symbol, row)
            n = row.columns[symbol.column]
            if symbol.hidden:
                if symbol.column in lengths and not math.isnan(n):
                    places.check(lengths[symbol.column], int(n) if math.isfinite(n) else 0)
            elif not math.isnan(n):
                given = places.get(symbol)
                if given is not MISSING:
                    places.use(symbol)
                    problems.extend(_compare(symbol, given, row))
            continue
        piece = active_piece(symbol, row)
        if piece is None:
            # The list of an inactive member may be that of another branch, with other values.
            if len(address(symbol.steps)) > 1 and not symbol.member and places.get(symbol) is not MISSING:
                surplus.append((symbol.key, symbol))
            continue
        given = places.get(symbol)
        if given is MISSING:
            if not places.inside_a_list(symbol):
                problems.append(f"`{symbol.key}` is missing")
            else:
                places.note_missing(symbol)
        else:
            places.use(symbol)
            problems.extend(_set(symbol, piece, given, row))
    problems += places.problems
    if not places.problems:
        # Another branch may have filled the same place; of a list that is inactive as a whole, that is said once below.
        filled = {s.key for s in model.symbols if not math.isnan(row.columns.get(s.main, math.nan))}
        problems += [
            f"`{key}` is inactive here, so it must be left out"
            for key, symbol in surplus
            if key not in filled and address(symbol.steps)[0] in places.used
        ]
    for name in config:
        if name in places.used:
            continue
        if model.fidelity is not None and name == model.fidelity.name:
            full, given = model.fidelity.full, config[name]
            if isinstance(given, bool) or not isinstance(given, numbers.Real) or given != full:
                problems.append(f"`{name}` = {_told(given)}, but evaluations are told in full, with {_told(full)}")
            continue
        lists = any(name == address(c.steps)[0] for c in model.collections)
        if not lists and not any(name in (s.path, s.key) or name == address(s.steps)[0] for s in model.symbols):
            problems.append(f"`{name}` is not a parameter of this space")
        elif any(isinstance(s, Derived) and s.key == name for s in model.symbols):
            problems.append(f"`{name}` has no value here, so it must be left out")
        else:
            problems.append(f"`{name}` is inactive here, so it must be left out")
    return row.columns, problems


def checked(model: Model, config: Mapping[str, object]) -> tuple[Row, list[str]]:
    """The columns of a configuration, and every reason why it does not belong to the space."""
    columns, problems = enter(model, config)
    return columns, problems or [f"violates `{r.message}`" for r in broken(model.requirements, columns)]


def violations(model: Model, config: Mapping[str, object]) -> list[str]:
    """Every reason why a configuration does not belong to the space."""
    return checked(model, config)[1]


def _set(p: Parameter, piece: Piece, given: object, row: Evaluator) -> list[str]:
    try:
        value, code = columns_of_value(p, piece, given, row)
    except UnfitError as error:
        return [str(error)]
    put(p, value, code, row)
    if contains(p, piece, row) == 1.0:
        return []
    put(p, None, None, row)
    return [f"`{p.key}` = {show(given)} is outside {_support(piece, row)}"]


def _support(piece: Piece, row: Evaluator) -> str:
    dist = piece.dist
    if isinstance(dist, Items):
        return "its alternatives"
    if isinstance(dist, Place):
        return f"the {dist.free} values that the places before it leave"
    inner = dist.exponent if isinstance(dist, Power) else dist.law if isinstance(dist, Ranked) else dist
    ends = [row.value(t) if t is not None else sign * math.inf for t, sign in ((inner.lo, -1.0), (inner.hi, 1.0))]
    if isinstance(dist, Power):
        ends = [2.0**e for e in ends]
    text = f"{number(ends[0])} .. {number(ends[1])}"
    if isinstance(dist, Power):
        return f"the powers of two in {text}"
    if isinstance(dist, Ranked):
        return f"{text}, or out of order"
    if inner.lattice is not None:
        return (
            f"the integers {text}" if inner.lattice.step == 1.0 else f"{text} in steps of {number(inner.lattice.step)}"
        )
    return text


def columns_of_value(
    p: Parameter, piece: Piece, given: object, row: Evaluator | None = None
) -> tuple[float | None, float | None]:
    """The (value, code) of a Python value; raises `UnfitError` with the reason where there is none.

    `row` knows what ranges depend on; without it one that may have the value is taken to have it.
    """
    dist = piece.dist
    if not isinstance(dist, Items):
        return _number(p, given, whole=dist.integer), None
    if isinstance(given, numbers.Real) and not isinstance(given, (bool, float, int)):
        given = float(given)
    if hasattr(given, "item"):  # numpy scalars: strings, truth values
        given = given.item()
    for k, item in enumerate(dist.items):
        if isinstance(item, Range) or isinstance(item, bool) != isinstance(given, bool):
            continue
        if item == given and isinstance(item, str) == isinstance(given, str):
            number_of_it = dist.values[k]
            value = None if math.isnan(number_of_it) else number_of_it
            return (value if not dist.coded or dist.ranged else None), (float(k) if dist.coded else None)
    if dist.ranged and isinstance(given, (int, float)) and not isinstance(given, bool):
        # The first range that has it, else the first that could have it if what it depends on were different.
        asked = {k: i.dist.contains(const(float(given))) for k, i in enumerate(dist.items) if isinstance(i, Range)}
        having = [k for k, has in asked.items() if (has.constant if row is None else row.value(has)) == 1.0]
        for k in (*having, *(k for k, has in asked.items() if has.constant is None)):
            return float(given), float(k)
    shown = ", ".join(show(i) if not isinstance(i, Range) else "a range" for i in dist.items[:12])
    raise UnfitError(f"`{p.key}` = {given!r} is not one of its alternatives: {shown}")


def _number(p: Parameter, given: object, *, whole: bool) -> float:
    if isinstance(given, bool) or not isinstance(given, numbers.Real):
        raise UnfitError(f"`{p.key}` = {given!r} must be {'an integer' if whole else 'a number'}")
    try:
        x = float(given)
    except OverflowError:
        raise UnfitError(f"`{p.key}` is larger than any double") from None
    if not math.isfinite(x):
        raise UnfitError(f"`{p.key}` = {given!r} is not finite")
    return x


def _compare(symbol: Derived, given: object, row: Evaluator) -> list[str]:
    x = row.columns[symbol.column]
    if symbol.labels:
        expected: object = symbol.labels[int(x)] if math.isfinite(x) else None
        same = given == expected
    else:
        expected = bool(x) if symbol.kind == "bool" else x
        same = isinstance(given, (numbers.Real, bool)) and math.isclose(
            float(given), x, rel_tol=TOLERANCE, abs_tol=TOLERANCE
        )
    return [] if same else [f"`{symbol.key}` = {_told(given)}, but it follows as {_told(expected)}"]


def _told(value: object) -> str:
    """A value as a .hp file writes it; texts in quotes, since "3" is not 3."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else show(value)
