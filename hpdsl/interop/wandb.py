"""Sweep configurations of Weights & Biases, as YAML."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from hpdsl.errors import UsageError
from hpdsl.interop.domains import is_finite
from hpdsl.interop.draft import Draft, Law, Listed, Parameter, Value

_MOST = 10_000
_DEPTH = 20
_IGNORED = (
    "method",
    "program",
    "command",
    "early_terminate",
    "name",
    "description",
    "project",
    "entity",
    "run_cap",
    "job",
)
# Distributions by a normal law, and their parameters.
_SPREAD = {"normal": ("mu", "sigma"), "log_normal": ("mu", "sigma"), "beta": ("a", "b")}


def read(text: str) -> Draft:
    """The space of a sweep configuration."""
    data = _yaml(text)
    if not isinstance(data, dict) or not isinstance(data.get("parameters"), dict):
        raise UsageError("a sweep has `parameters:`, a mapping of names")
    draft = Draft()
    if isinstance(data.get("description"), str):
        draft.doc = data["description"]
    for name, entry in _flat(data["parameters"], "", 0):
        _parameter(draft, name, entry)
    metric = data.get("metric")
    if isinstance(metric, dict) and isinstance(metric.get("name"), str):
        draft.objectives.append((metric["name"], metric.get("goal", "minimize") == "maximize"))
    left = [key for key in data if key in _IGNORED and key not in ("name", "description")]
    if left:
        draft.notes.append(f"{', '.join(left)}: belongs to the run, and left out")
    for key in data:
        if key not in (*_IGNORED, "parameters", "metric"):
            draft.notes.append(f"{key}: unknown, and left out")
    return draft


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise UsageError("reading YAML needs a package: pip install hpdsl[interop]") from None
    try:
        # An alias repeats its anchor: without them nothing grows beyond the text.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise UsageError("the YAML uses aliases (*name); write the values out")
        return yaml.load(text, Loader=_numbers(yaml))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        raise UsageError(f"{place}this is no YAML: {getattr(error, 'problem', None) or error}") from None
    except RecursionError:
        raise UsageError("the YAML is nested too deeply") from None
    except ValueError as error:  # such as the date 2001-02-30
        raise UsageError(f"this is no YAML: {error}") from None


def _numbers(yaml: Any) -> Any:
    """A safe loader that takes `1e-3` for a number, as users and YAML 1.2 do."""
    import re

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # its base is known at run time only
        pass

    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
    )
    return Loader


def _flat(parameters: Mapping[Any, Any], prefix: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if depth > _DEPTH:
        raise UsageError(f"parameters are nested more than {_DEPTH} deep")
    for key, entry in parameters.items():
        name = f"{prefix}{key}"
        if not isinstance(entry, dict):
            raise UsageError(f"parameter `{name}`: expected a mapping such as {{min: 0, max: 1}}, not {entry!r}")
        if isinstance(entry.get("parameters"), dict):
            yield from _flat(entry["parameters"], f"{name}.", depth + 1)
        else:
            yield name, entry


def _parameter(draft: Draft, name: str, entry: Mapping[str, Any]) -> None:
    what = f"parameter `{name}`"
    kind = entry.get("distribution") or _implied(entry, what)
    if "value" in entry and kind == "constant":
        draft.constants[name] = _value(entry["value"], what)
        return
    if kind in ("categorical", "categorical_w_probabilities"):
        _choice(draft, name, entry, what)
        return
    base = str(kind).removeprefix("q_")
    quantised = base != kind
    q = _number(entry.get("q", 1), f"{what}: q") if quantised else None
    law = _law(draft, name, base, entry, what)
    if q is not None:
        law = _stepped(draft, name, law, q, what)
    if law.within is None and law.arguments[0] == law.arguments[-1] and law.name in ("uniform", "loguniform"):
        draft.constants[name] = law.arguments[0]
        return
    draft.parameters.append(Parameter(name, law))


def _implied(entry: Mapping[str, Any], what: str) -> str:
    """The distribution where none is named."""
    if "value" in entry:
        return "constant"
    if "values" in entry:
        return "categorical_w_probabilities" if "probabilities" in entry else "categorical"
    if "min" in entry and "max" in entry:
        both = (entry["min"], entry["max"])
        return "int_uniform" if all(isinstance(v, int) and not isinstance(v, bool) for v in both) else "uniform"
    if "mu" in entry or "sigma" in entry:
        return "normal"
    raise UsageError(f"{what}: expected value, values, min and max, or distribution")


def _choice(draft: Draft, name: str, entry: Mapping[str, Any], what: str) -> None:
    values = entry.get("values")
    if not isinstance(values, list) or not values or len(values) > _MOST:
        raise UsageError(f"{what}: expected values, a list of 1 to {_MOST}")
    items = tuple(_value(v, what) for v in values)
    weights = entry.get("probabilities")
    if weights is not None:
        if not isinstance(weights, list) or len(weights) != len(items):
            raise UsageError(f"{what}: {len(items)} values need as many probabilities")
        weights = tuple(float(_number(w, f"{what}: probabilities")) for w in weights)
    if len(items) == 1:
        draft.constants[name] = items[0]
        return
    draft.parameters.append(Parameter(name, Listed(items, weights)))


def _law(draft: Draft, name: str, kind: str, entry: Mapping[str, Any], what: str) -> Law:
    if kind in _SPREAD:
        first, second = _SPREAD[kind]
        a = _number(entry.get(first, 0.0 if kind != "beta" else None), f"{what}: {first}")
        b = _number(entry.get(second, 1.0 if kind != "beta" else None), f"{what}: {second}")
        ends = None
        if "min" in entry or "max" in entry:
            found = [_number(entry[e], f"{what}: {e}") if e in entry else None for e in ("min", "max")]
            ends = (found[0], found[1])
        if kind == "log_normal":
            return Law("lognormal", (_exp(a, what), _exp(b, what)), within=ends)
        return Law(kind, (a, b), within=ends)
    low, high = (_number(entry.get(end), f"{what}: {end}") for end in ("min", "max"))
    if high < low:
        raise UsageError(f"{what}: min {low} is above max {high}")
    if kind == "int_uniform":
        return Law("uniform", (int(low), int(high)), integer=True)
    if kind == "uniform":
        return Law("uniform", (float(low), float(high)))
    if kind == "log_uniform":
        return Law("loguniform", (_exp(low, what), _exp(high, what)))
    if kind == "log_uniform_values":
        return Law("loguniform", (low, high))
    if kind in ("inv_log_uniform", "inv_log_uniform_values"):
        # 1/x is log-uniform, so that x is.
        ends = (_exp(-high, what), _exp(-low, what)) if kind == "inv_log_uniform" else (low, high)
        return Law("loguniform", ends)
    raise UsageError(f"{what}: `{kind}` is no distribution that can be read")


def _stepped(draft: Draft, name: str, law: Law, q: int | float, what: str) -> Law:
    """A law on multiples of q: W&B rounds what it draws, hpdsl gives every multiple the mass of its cell."""
    if q <= 0:
        raise UsageError(f"{what}: q must be positive")
    whole = float(q).is_integer()
    if law.name in ("normal", "lognormal", "beta") and law.within is None:
        if law.name == "beta" or not whole or q != 1:
            draft.notes.append(
                f"{name}: multiples of {q} of an unbounded law have no first one; the rounding is left out"
            )
            return law
        return Law(law.name, law.arguments, integer=True)
    low, high = law.within if law.within is not None else (law.arguments[0], law.arguments[-1])
    if low is None or high is None:
        draft.notes.append(f"{name}: multiples of {q} need two ends; the rounding is left out")
        return law
    assert not isinstance(low, str) and not isinstance(high, str), "sweeps have numbers only"
    if not all(math.isfinite(end / q) for end in (low, high)):
        raise UsageError(f"{what}: q = {q} is too fine for the range")
    first, last = round(low / q), round(high / q)
    if law.name == "loguniform":
        if first < 1:
            draft.notes.append(f"{name}: W&B rounds what is small to 0, which has no logarithm; here {q} is the least")
        first = max(first, 1)
    ends: tuple[int | float, int | float] = (_multiple(first, q), _multiple(last, q))
    if first >= last:
        return Law("uniform", (ends[1], ends[1]))
    draft.notes.append(f"{name}: W&B rounds to multiples of {q}; here each has the mass of its cell, the ends too")
    if whole and q == 1:
        inner = law.arguments if law.within is not None else (int(ends[0]), int(ends[1]))
        return Law(law.name, inner, integer=True, within=None if law.within is None else ends)
    if law.within is not None:
        return Law(law.name, law.arguments, integer=whole, within=ends, step=q)
    return Law(law.name, ends, integer=whole, step=q)


def _multiple(k: int, q: int | float) -> int | float:
    from decimal import Decimal

    return int(k * q) if float(q).is_integer() else float(Decimal(k) * Decimal(repr(q)))


def _exp(x: float, what: str) -> float:
    """E to the x, to ten digits: exponents are seldom exact."""
    if abs(x) > 700:
        raise UsageError(f"{what}: {x} is an exponent of e; `log_uniform_values` takes the values themselves")
    return float(f"{math.exp(x):.10g}")


def _value(value: Any, what: str) -> Value:
    if not isinstance(value, (str, bool, int, float, type(None))):
        raise UsageError(f"{what}: {value!r} is no single value; give strings or numbers")
    result: Value = value
    return result


def _number(value: Any, what: str) -> int | float:
    if not is_finite(value):
        raise UsageError(f"{what}: expected a finite number, not {value!r}")
    return value
