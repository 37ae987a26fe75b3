"""Optuna's distributions, as objects or as the JSON that `optuna.distributions.distribution_to_json` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hpdsl.errors import UsageError
from hpdsl.interop.domains import is_finite
from hpdsl.interop.draft import Draft, Law, Listed, Parameter

# The kind each class is of; the older classes are still read.
_FLOATS = ("FloatDistribution", "UniformDistribution", "LogUniformDistribution", "DiscreteUniformDistribution")
_INTEGERS = ("IntDistribution", "IntUniformDistribution", "IntLogUniformDistribution")
_CHOICES = ("CategoricalDistribution",)


def read(distributions: Mapping[str, Any]) -> Draft:
    """The space of distributions by name."""
    if not isinstance(distributions, Mapping):
        raise UsageError(f"expected a dict of distributions by name, not {type(distributions).__name__}")
    draft = Draft()
    for name, distribution in distributions.items():
        kind = type(distribution).__name__
        fields = ("choices",) if kind in _CHOICES else ("low", "high", "log", "step", "q")
        found = {f: getattr(distribution, f) for f in fields if hasattr(distribution, f)}
        _add(draft, name, kind, found)
    return draft


def read_text(text: str) -> Draft:
    """The space of a JSON object of distributions by name."""
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is no JSON: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("distributions"), dict):
        data = data["distributions"]
    if not isinstance(data, dict):
        raise UsageError("expected a JSON object of distributions by name")
    draft = Draft()
    for name, entry in data.items():
        if isinstance(entry, str):
            try:
                entry = json.loads(entry)
            except ValueError:
                raise UsageError(f"parameter `{name}`: {entry[:60]!r} is no distribution in JSON") from None
        if not isinstance(entry, dict) or not isinstance(entry.get("attributes"), dict):
            raise UsageError(f'parameter `{name}`: expected {{"name": "FloatDistribution", "attributes": {{...}}}}')
        _add(draft, name, str(entry.get("name")), entry["attributes"])
    return draft


def _add(draft: Draft, name: Any, kind: str, fields: Mapping[str, Any]) -> None:
    if not isinstance(name, str):
        raise UsageError(f"a parameter is called {name!r}; names are strings")
    what = f"parameter `{name}`"
    if kind in _CHOICES:
        choices = fields.get("choices")
        if not isinstance(choices, (list, tuple)) or not choices:
            raise UsageError(f"{what}: expected its choices, a list of values")
        for value in choices:
            if not isinstance(value, (str, bool, int, float, type(None))):
                raise UsageError(f"{what}: {value!r} is no value of a .hp file; use strings or numbers")
        if len(choices) == 1:
            draft.constants[name] = choices[0]
        else:
            draft.parameters.append(Parameter(name, Listed(tuple(choices))))
        return
    if kind not in _FLOATS + _INTEGERS:
        known = ", ".join((*_FLOATS, *_INTEGERS, *_CHOICES))
        raise UsageError(f"{what}: `{kind}` is no distribution that can be read; these are: {known}")
    low, high = (_number(fields.get(end), f"{what}: {end}") for end in ("low", "high"))
    integer = kind in _INTEGERS
    log = bool(fields.get("log", False)) or "Log" in kind
    step = fields.get("q" if "Discrete" in kind else "step")
    if step is not None:
        step = _number(step, f"{what}: step")
    if high < low:
        raise UsageError(f"{what}: low {low} is above high {high}")
    if step and (not integer or step != 1):
        if step < 0:
            raise UsageError(f"{what}: the step {step} is negative")
        last = _last(low, high, step)
        if last != high:
            draft.notes.append(
                f"{name}: the upper end {high:g} is no multiple of the step, and {last:g} the last value"
            )
        high = last
    else:
        step = None
    if integer:
        low, high = int(low), int(high)
        step = int(step) if step else None
    if low == high:
        draft.constants[name] = low
        return
    draft.parameters.append(Parameter(name, Law("loguniform" if log else "uniform", (low, high), integer, step=step)))


def _number(value: Any, what: str) -> int | float:
    if not is_finite(value):
        raise UsageError(f"{what}: expected a finite number, not {value!r}")
    return value


def _last(low: float, high: float, step: float) -> int | float:
    """The last multiple of the step above `low`, in decimals, as they were written."""
    first, width = Fraction(repr(low)), Fraction(repr(step))
    count = (Fraction(repr(high)) - first) // width
    last = first + count * width
    return int(last) if isinstance(low, int) and isinstance(step, int) else float(last)
