"""The T1 format of kernel tuners: parameters with listed values, and conditions as Python expressions."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

from hpdsl.errors import UsageError
from hpdsl.interop.draft import Draft, Law, Listed, Parameter, Text, Value
from hpdsl.interop.expressions import condition, conjuncts, names_in, parse, values


def read(text: str) -> Draft:
    """The space of a T1 file."""
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is no JSON: {error}") from None
    space = data.get("ConfigurationSpace") if isinstance(data, dict) else None
    if not isinstance(space, dict) or not isinstance(space.get("TuningParameters"), list):
        raise UsageError('a T1 file has {"ConfigurationSpace": {"TuningParameters": [...]}}')
    draft = Draft()
    general = data.get("General")
    if isinstance(general, dict) and isinstance(general.get("BenchmarkName"), str):
        draft.doc = general["BenchmarkName"]
    for k, entry in enumerate(space["TuningParameters"]):
        _parameter(entry, k, draft)
    conditions = space.get("Conditions") or []
    if not isinstance(conditions, list):
        raise UsageError("Conditions: expected a list")
    for k, entry in enumerate(conditions):
        _condition(entry, k, draft)
    return draft


def _parameter(entry: Any, k: int, draft: Draft) -> None:
    name = entry.get("Name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        raise UsageError(f"TuningParameters[{k}]: expected an object with a Name and Values")
    what = f"parameter `{name}`"
    if name in draft.constants or any(p.name == name for p in draft.parameters):
        raise UsageError(f"{what} is declared twice")
    written = entry.get("Values")
    if isinstance(written, str):
        found = values(written, what)
    elif isinstance(written, list):
        found = list(written)
    else:
        raise UsageError(f"{what}: expected Values, a list or a Python expression that gives one")
    items = [_value(v, str(entry.get("Type", "")), what) for v in found]
    items = list(dict.fromkeys(items)) if len({(type(v), v) for v in items}) < len(items) else items
    if len(items) < len(found):
        draft.notes.append(f"{name}: repeated values are listed once")
    if not items:
        raise UsageError(f"{what} has no values")
    if len(items) == 1:
        draft.constants[name] = items[0]
        return
    parameter = Parameter(name, _prior(items))
    default = entry.get("Default")
    if default is not None:
        default = _value(default, str(entry.get("Type", "")), what)
        if default in items:
            parameter.default, parameter.has_default = default, True
        else:
            draft.notes.append(f"{name}: the default {default} is none of its values, and left out")
    draft.parameters.append(parameter)


def _value(value: Any, kind: str, what: str) -> Value:
    if isinstance(value, (list, dict)):
        raise UsageError(f"{what}: {json.dumps(value)[:60]} is no single value")
    if kind in ("int", "uint") and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind in ("float", "double") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    result: Value = value
    return result


def _prior(items: list[Value]) -> Law | Listed:
    """Every value as likely: as a range or powers of two where the values are those, else in their order."""
    numbers = [v for v in items if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(numbers) < len(items) or numbers != sorted(numbers):
        return Listed(tuple(items))
    if all(isinstance(v, int) for v in numbers):
        if len(numbers) > 2 and all(b == a + 1 for a, b in itertools.pairwise(numbers)):
            return Law("uniform", (numbers[0], numbers[-1]), integer=True)
        steps = {b - a for a, b in itertools.pairwise(numbers)}
        if len(numbers) > 3 and len(steps) == 1:
            return Law("uniform", (numbers[0], numbers[-1]), integer=True, step=steps.pop())
        doubled = numbers[0] > 0 and all(b == 2 * a for a, b in itertools.pairwise(numbers))
        if len(numbers) > 2 and doubled and int(numbers[0]) & (int(numbers[0]) - 1) == 0:
            return Law("pow2", (numbers[0], numbers[-1]))
    return Listed(tuple(items), ordered=True)


def _condition(entry: Any, k: int, draft: Draft) -> None:
    what = f"Conditions[{k}]"
    expression = entry.get("Expression") if isinstance(entry, Mapping) else entry
    if not isinstance(expression, str):
        raise UsageError(f"{what}: expected an object with an Expression")
    known = {p.name for p in draft.parameters} | draft.constants.keys()
    for part in conjuncts(parse(expression, what)):
        text = condition(part, known, what)
        if not set(names_in(part)) - draft.constants.keys():
            draft.notes.append(f"{what}: `{text}` speaks of constants only")
        draft.required.append((Text(text), ""))
