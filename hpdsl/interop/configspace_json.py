"""Reader of ConfigSpace's JSON, of its format versions 0.2 to 0.4.

The laws are ConfigSpace's, but for the lowest values of logarithmic integers: .hp files have one law for integers,
and ConfigSpace gives the lowest value half a cell.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from hpdsl.diagnostics import counted, suggest
from hpdsl.errors import UsageError
from hpdsl.interop.domains import FALSE, every, is_finite, is_number, some
from hpdsl.interop.draft import Among, Compare, Draft, Formula, Law, Listed, Parameter, Relation, Value

_SIGNS = {"EQ": "==", "NEQ": "!=", "LT": "<", "GT": ">", "LE": "<=", "GE": ">=", "EQUALS": "=="}
_LEGACY = {"LESS": "LT", "EQUAL": "EQ", "GREATER": "GT"}
_TEST: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "=="}
_NUMERIC = ("uniform", "normal", "beta")
_DEPTH = 50


def read(text: str) -> Draft:
    """The space in a JSON text; raises `UsageError` that names the wrong entry."""
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except ValueError as error:
        raise UsageError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise UsageError("not valid JSON: nested too deeply") from None
    return from_data(data)


def from_data(data: object) -> Draft:
    """The space in parsed JSON."""
    if not isinstance(data, dict) or not isinstance(data.get("hyperparameters"), list):
        raise UsageError('expected an object with a list "hyperparameters", as ConfigSpace writes it')
    reader = _Reader(_old(data))
    for i, entry in enumerate(data["hyperparameters"]):
        reader.hyperparameter(_Entry(entry, f"hyperparameters[{i}]"))
    for i, entry in enumerate(_listed(data, "conditions")):
        reader.condition(_Entry(entry, f"conditions[{i}]"))
    for i, entry in enumerate(_listed(data, "forbiddens")):
        reader.draft.forbidden.append(reader.forbidden(_Entry(entry, f"forbiddens[{i}]"), 0))
    if isinstance(data.get("name"), str):
        reader.draft.doc = data["name"]
    if data.get("meta"):
        reader.draft.notes.append(f"the meta data of the space is left out: {json.dumps(data['meta'])[:200]}")
    return reader.finished()


def _listed(data: Mapping[str, Any], key: str) -> list[Any]:
    """A list that may be left out."""
    found = data.get(key) or []
    if not isinstance(found, list):
        raise UsageError(f'expected a list "{key}", found {json.dumps(found)[:60]}')
    return found


def _old(data: Mapping[str, Any]) -> bool:
    """True for the formats before 0.4, where a log-normal's parameters are those of the logarithm."""
    version = data.get("format_version", data.get("json_format_version"))
    return not is_number(version) or version < 0.4


class _Entry:
    """One object of the file, with its place for messages."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, dict):
            raise UsageError(f"{place}: expected an object, found {json.dumps(data)[:60]}")
        self.data: dict[str, Any] = data
        self.place = place

    def error(self, message: str) -> UsageError:
        """An error here."""
        name = self.data.get("name", self.data.get("child"))
        return UsageError(f"{self.place}" + (f" (`{name}`)" if isinstance(name, str) else "") + f": {message}")

    def text(self, key: str) -> str:
        """A string."""
        value = self.data.get(key)
        if not isinstance(value, str):
            raise self.error(f'expected a string "{key}", found {json.dumps(value)[:60]}')
        return value

    def number(self, key: str) -> int | float:
        """A finite number."""
        value = self.data.get(key)
        if not is_finite(value):
            raise self.error(f'expected a number "{key}", found {json.dumps(value)[:60]}')
        return value

    def values(self, *keys: str) -> list[Value]:
        """A list of plain values, under the first of the keys that is there."""
        key = next((k for k in keys if k in self.data), keys[0])
        found = self.data.get(key)
        if not isinstance(found, list) or not found:
            raise self.error(f'expected a list "{key}" with at least one value, found {json.dumps(found)[:60]}')
        return [self.plain(v) for v in found]

    def plain(self, value: object) -> Value:
        """A value that a .hp file can hold."""
        if value is None or isinstance(value, (str, bool, int)):
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        raise self.error(f"{json.dumps(value)[:60]} is neither text, a finite number, true, false nor null")

    def parts(self, key: str, depth: int) -> list[_Entry]:
        """Inner objects."""
        found = self.data.get(key)
        if not isinstance(found, list) or not found:
            raise self.error(f'expected a list "{key}" of conditions')
        if depth > _DEPTH:
            raise self.error("nested too deeply")
        return [_Entry(v, f"{self.place}.{key}[{i}]") for i, v in enumerate(found)]


class _Reader:
    def __init__(self, old: bool) -> None:
        self.old = old
        self.draft = Draft()
        self.parameters: dict[str, Parameter] = {}
        self.guards: dict[str, list[Formula]] = {}

    def finished(self) -> Draft:
        """The draft with its conditions."""
        for name, guards in self.guards.items():
            self.parameters[name].condition = every(guards)
        return self.draft

    # ---- hyperparameters ---------------------------------------------------------------------------

    def hyperparameter(self, entry: _Entry) -> None:
        """Add one."""
        name, kind = entry.text("name"), entry.text("type")
        if name in self.parameters:
            raise entry.error("there is another hyperparameter of this name before")
        if kind == "constant":
            prior: Law | Listed = Listed((entry.plain(entry.data.get("value")),))
        elif kind == "categorical":
            prior = self._categorical(entry)
        elif kind == "ordinal":
            prior = Listed(tuple(entry.values("sequence", "values")), ordered=True)
        elif kind.endswith(("_float", "_int")) and kind.rpartition("_")[0] in _NUMERIC:
            prior = self._numeric(entry, name, kind)
        else:
            raise entry.error(
                f"unknown type `{kind}`; known are constant, categorical, ordinal, and uniform, normal or beta "
                "with _float or _int"
            )
        parameter = Parameter(name, prior)
        default = entry.data.get("default_value", entry.data.get("default"))
        if kind != "constant" and (default is not None or (isinstance(prior, Listed) and None in prior.items)):
            parameter.default, parameter.has_default = entry.plain(default), True
        if entry.data.get("meta"):
            self.draft.notes.append(f"`{name}`: its meta data is left out: {json.dumps(entry.data['meta'])[:200]}")
        self.parameters[name] = parameter
        self.draft.parameters.append(parameter)

    def _categorical(self, entry: _Entry) -> Listed:
        items = entry.values("choices")
        given = entry.data.get("weights", entry.data.get("probabilities"))
        if given is None:
            return Listed(tuple(items))
        if not isinstance(given, list) or len(given) != len(items):
            raise entry.error(f"expected {counted(len(items), 'weight')}, one for each choice")
        for w in given:
            if not is_finite(w) or w < 0:
                raise entry.error(f"a weight must be a number from 0 up, not {json.dumps(w)}")
        # What never occurs is no choice in a .hp file.
        pairs = [(i, w) for i, w in zip(items, given, strict=True) if w > 0]
        if not pairs:
            raise entry.error("all weights are 0")
        weights = None if len({w for _, w in pairs}) == 1 else tuple(w for _, w in pairs)
        return Listed(tuple(i for i, _ in pairs), weights)

    def _numeric(self, entry: _Entry, name: str, kind: str) -> Law:
        base, integer, log = kind.rpartition("_")[0], kind.endswith("_int"), entry.data.get("log", False) is True
        bounded = entry.data.get("lower") is not None or entry.data.get("upper") is not None or base != "normal"
        low, high = (entry.number("lower"), entry.number("upper")) if bounded else (None, None)
        if low is not None and high is not None:
            if integer and (low != int(low) or high != int(high)):
                raise entry.error(f"the bounds of an integer must be integers, not {low} and {high}")
            low, high = (int(low), int(high)) if integer else (low, high)
            if low > high:
                raise entry.error(f"the range is empty: lower {low} is greater than upper {high}")
            if log and low <= 0:
                raise entry.error(f"the lower bound of a logarithmic parameter must be greater than 0, not {low}")
        step = self._step(entry, name, low, high)
        if base == "normal":
            return self._normal(entry, log, integer, (low, high), step)
        assert low is not None and high is not None
        if base == "beta":
            return self._beta(entry, log, integer, (low, high), step)
        return Law("loguniform" if log else "uniform", (low, high), integer, step=step)

    def _step(self, entry: _Entry, name: str, low: float | None, high: float | None) -> int | float | None:
        if entry.data.get("q") is None:
            return None
        step = entry.number("q")
        if step == 1 and entry.text("type").endswith("_int"):
            return None
        if low is None or high is None or step <= 0 or abs((high - low) / step - round((high - low) / step)) > 1e-9:
            self.draft.notes.append(f"`{name}`: the step q = {step} doesn't divide its range; left out")
            return None
        return step

    def _normal(
        self,
        entry: _Entry,
        log: bool,
        integer: bool,
        within: tuple[int | float | None, int | float | None],
        step: int | float | None,
    ) -> Law:
        mean, spread = entry.number("mu"), entry.number("sigma")
        if spread <= 0:
            raise entry.error(f"sigma must be greater than 0, not {spread}")
        if not log:
            return Law("normal", (mean, spread), integer, within, step)
        if self.old:
            return Law("lognormal", (math.exp(mean), math.exp(spread)), integer, within, step)
        if mean <= 0:
            raise entry.error(f"mu of a logarithmic normal must be greater than 0, not {mean}")
        # ConfigSpace draws the logarithm from a normal around log(mu) whose standard deviation is
        # |log(lower + sigma)|, cut to the bounds.
        size = entry.number("lower") + spread
        factor = max(size, 1 / size)
        if factor == 1:
            raise entry.error("lower + sigma is 1, for which ConfigSpace's logarithmic normal has no spread")
        return Law("lognormal", (mean, factor), integer, within, step)

    def _beta(
        self,
        entry: _Entry,
        log: bool,
        integer: bool,
        bounds: tuple[int | float, int | float],
        step: int | float | None,
    ) -> Law:
        """A beta over its bounds: exact over 0 .. 1, else a normal of the same mean and spread."""
        a, b = entry.number("alpha"), entry.number("beta")
        if a <= 0 or b <= 0:
            raise entry.error(f"alpha and beta must be greater than 0, not {a} and {b}")
        if a == b == 1:
            return Law("loguniform" if log else "uniform", bounds, integer, step=step)
        if bounds == (0, 1) and not log and not integer:
            return Law("beta", (a, b), step=step)
        low, high = (math.log(bounds[0]), math.log(bounds[1])) if log else bounds
        mean = low + (high - low) * a / (a + b)
        spread = (high - low) * math.sqrt(a * b / (a + b + 1)) / (a + b)
        if log:
            mean, spread = math.exp(mean), math.exp(spread)
        law = Law("lognormal" if log else "normal", (_rounded(mean), _rounded(spread)), integer, bounds, step)
        name = entry.text("name")
        self.draft.notes.append(
            f"`{name}`: a beta prior over other bounds than 0 .. 1 is now a {law.name} of the same mean and spread"
        )
        return law

    # ---- conditions --------------------------------------------------------------------------------

    def known(self, entry: _Entry, key: str) -> str:
        """A name of a hyperparameter."""
        name = entry.text(key)
        if name not in self.parameters:
            near = suggest(name, self.parameters)
            raise entry.error(f"no hyperparameter `{name}`" + (f"; did you mean `{near}`?" if near else ""))
        return name

    def condition(self, entry: _Entry) -> None:
        """Add one; several of one child must all hold."""
        self.guards.setdefault(self.known(entry, "child"), []).append(self._guard(entry, 0))

    def _guard(self, entry: _Entry, depth: int) -> Formula:
        kind = entry.text("type")
        if kind in ("AND", "OR"):
            parts = [self._guard(e, depth + 1) for e in entry.parts("conditions", depth)]
            return every(parts) if kind == "AND" else some(parts)
        parent = self.known(entry, "parent")
        if kind == "IN":
            return Among(parent, tuple(entry.values("values")))
        if kind not in ("EQ", "NEQ", "LT", "GT"):
            raise entry.error(f"unknown condition `{kind}`; known are EQ, NEQ, IN, LT, GT, AND, OR")
        return Compare(parent, _SIGNS[kind], entry.plain(entry.data.get("value")))

    # ---- forbidden clauses -------------------------------------------------------------------------

    def forbidden(self, entry: _Entry, depth: int) -> Formula:
        """What must not hold."""
        kind = entry.text("type")
        if kind in ("AND", "OR"):
            parts = [self.forbidden(e, depth + 1) for e in entry.parts("clauses", depth)]
            return every(parts) if kind == "AND" else some(parts)
        if kind == "RELATION":
            kind = f"RELATION_{_LEGACY.get(entry.text('lambda'), entry.text('lambda'))}"
        if kind.startswith("RELATION_") and kind[9:] in ("LT", "LE", "EQ", "GT", "GE"):
            return self._relation(self.known(entry, "left"), _SIGNS[kind[9:]], self.known(entry, "right"))
        name = self.known(entry, "name")
        if kind == "IN":
            return Among(name, tuple(entry.values("values")))
        sign = _SIGNS.get(kind.removeprefix("CLAUSE_"))
        if sign is None or sign == "!=":
            raise entry.error(f"unknown clause `{kind}`; known are EQUALS, IN, AND, OR, CLAUSE_LT …, RELATION_LT …")
        return Compare(name, sign, entry.plain(entry.data.get("value")))

    def _relation(self, left: str, sign: str, right: str) -> Formula:
        """Of two hyperparameters; a listed one is compared value by value, as Python compares."""
        one, other = self.parameters[left].prior, self.parameters[right].prior
        if isinstance(one, Listed):
            return self._listed(left, one, sign, right)
        if isinstance(other, Listed):
            return self._listed(right, other, _TURNED[sign], left)
        if sign == "==" and not (one.integer and other.integer):
            self.draft.notes.append(f"`{left}` == `{right}`: continuous parameters never are equal; clause left out")
            return FALSE
        return Relation(left, sign, right)

    def _listed(self, name: str, prior: Listed, sign: str, other: str) -> Formula:
        against = self.parameters[other].prior
        parts: list[Formula] = []
        for item in prior.items:
            assert not isinstance(item, Law)
            if isinstance(against, Law):
                met: Formula = Compare(other, _TURNED[sign], item) if is_number(item) else FALSE
            else:
                met = Among(other, tuple(v for v in against.items if not isinstance(v, Law) and _holds(item, sign, v)))
            parts.append(every([Compare(name, "==", item), met]))
        return some(p for p in parts if p != FALSE)


def _holds(left: Value, sign: str, right: Value) -> bool:
    try:
        return _TEST[sign](left, right)
    except TypeError:
        return False


def _rounded(value: float) -> float:
    """Six digits, enough for an approximation."""
    return float(f"{value:.6g}")
