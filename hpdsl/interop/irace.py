"""The parameter files of irace: a line `name "switch" type (domain) [| condition]` each."""

from __future__ import annotations

import re

from hpdsl.errors import UsageError
from hpdsl.interop.domains import is_finite
from hpdsl.interop.draft import Draft, Law, Listed, Negation, Parameter, Value
from hpdsl.interop.r_expressions import RExpression, number_of

_LINE = re.compile(
    r"\s*(?P<name>[^\s\"'()|]+)\s+(?P<switch>\"[^\"]*\"|'[^']*')\s+(?P<type>[a-z]+(?:\s*,\s*log)?)\s*"
    r"\((?P<domain>(?:\"[^\"]*\"|'[^']*'|[^\"'()]|\((?:[^()]|\([^()]*\))*\))*)\)\s*(?:\|(?P<condition>.*))?"
)
_ITEM = re.compile(r"\s*+(\"[^\"]*\"|'[^']*'|(?:[^,\"'()]|\((?:[^()]|\([^()]*\))*\))*+)\s*+(?:,|$)")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_FORM = 'name "switch" type (values) [| condition], with a type of c, o, i, r, `i,log` or `r,log`'


def read(text: str) -> Draft:
    """The space of a parameter file."""
    draft = Draft()
    conditions: list[tuple[Parameter, str, int]] = []
    bounds: list[tuple[Parameter, list[str], bool, bool, int]] = []
    forbidden: list[tuple[str, int]] = []
    section = ""
    for k, whole in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        line = _uncommented(whole).strip()
        if not line:
            continue
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
            if section not in ("parameters", "conditions", "forbidden", "global"):
                raise UsageError(f"line {k}: no section is called [{section}]; these are [forbidden] and [global]")
        elif section == "forbidden":
            forbidden.append((line, k))
        elif section == "global":
            _global(draft, line, k)
        else:
            _declared(draft, line, k, conditions, bounds)
    kinds = {p.name: _listed(p) for p in draft.parameters} | {n: (v,) for n, v in draft.constants.items()}
    for parameter, ends, integer, log, k in bounds:
        texts = [RExpression(e, kinds, f"line {k}: {parameter.name}").arithmetic() for e in ends]
        low, high = (number_of(t) if _NUMBER.fullmatch(t) else t for t in texts)
        parameter.prior = Law("loguniform" if log else "uniform", (low, high), integer)
    for parameter, condition, k in conditions:
        formula = RExpression(condition, kinds, f"line {k}: {parameter.name}").condition()
        parameter.condition = formula
    for condition, k in forbidden:
        formula = RExpression(condition, kinds, f"line {k}").condition()
        # What is forbidden "not" is required, as a person would say it.
        if isinstance(formula, Negation):
            draft.required.append((formula.part, ""))
        else:
            draft.forbidden.append(formula)
    if any(isinstance(p.prior, Law) and p.prior.integer and p.prior.name == "loguniform" for p in draft.parameters):
        draft.notes.append(
            "irace rounds log-integers down; hpdsl gives each the mass of its cell, half a unit around it"
        )
    return draft


def _uncommented(line: str) -> str:
    quote = ""
    for i, c in enumerate(line):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c == "#":
            return line[:i]
    return line


def _global(draft: Draft, line: str, k: int) -> None:
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        raise UsageError(f"line {k}: expected `digits = 4`, not {line[:60]!r}")
    if key == "digits":
        draft.notes.append(f"irace rounds reals to {value} digits; hpdsl does not")
    else:
        draft.notes.append(f"{key} = {value}: belongs to the run, and left out")


def _declared(
    draft: Draft,
    line: str,
    k: int,
    conditions: list[tuple[Parameter, str, int]],
    bounds: list[tuple[Parameter, list[str], bool, bool, int]],
) -> None:
    match = _LINE.fullmatch(line)
    if match is None:
        raise UsageError(f"line {k}: {line[:60]!r} is no parameter; expected {_FORM}")
    name, kind = match["name"], re.sub(r"\s", "", match["type"])
    if name in draft.constants or any(p.name == name for p in draft.parameters):
        raise UsageError(f"line {k}: the parameter `{name}` is declared twice")
    items = _items(match["domain"], k, name)
    condition = (match["condition"] or "").strip()
    if kind in ("c", "o"):
        values = tuple(dict.fromkeys(i[1:-1] if i[0] in "\"'" else i for i in items))
        if len(values) < len(items):
            raise UsageError(f"line {k}: `{name}` lists a value twice")
        parameter = Parameter(name, Listed(values, ordered=kind == "o"))
    elif kind in ("i", "r", "i,log", "r,log"):
        if len(items) != 2:
            raise UsageError(f"line {k}: `{name}` needs a lower and an upper end, as in (0, 1)")
        ends = [i[1:-1] if i[0] in "\"'" else i for i in items]
        integer, log = kind[0] == "i", kind.endswith("log")
        parameter = Parameter(name, Law("uniform", (0, 1)))
        if all(_NUMBER.fullmatch(e) for e in ends):
            parameter.prior = _range(name, ends, integer, log, k)
        else:
            bounds.append((parameter, ends, integer, log, k))
    else:
        raise UsageError(f"line {k}: `{kind}` is no type; expected {_FORM}")
    if condition:
        conditions.append((parameter, condition, k))
    draft.parameters.append(parameter)


def _range(name: str, ends: list[str], integer: bool, log: bool, k: int) -> Law:
    low, high = (number_of(e) for e in ends)
    if not (is_finite(low) and is_finite(high)):
        raise UsageError(f"line {k}: an end of `{name}` is too large for a number")
    if integer and not (float(low).is_integer() and float(high).is_integer()):
        raise UsageError(f"line {k}: the ends of the integer `{name}` are not whole")
    if integer:
        low, high = int(low), int(high)
    if not low <= high or not is_finite(high - low):
        raise UsageError(f"line {k}: the range of `{name}` is ({low}, {high}); the lower end comes first")
    if log and low <= 0:
        raise UsageError(f"line {k}: `{name}` is on a logarithmic scale, and its lower end {low} is not positive")
    return Law("loguniform" if log else "uniform", (low, high), integer)


def _items(domain: str, k: int, name: str) -> list[str]:
    found, position, end = [], 0, len(domain.rstrip())
    while position < end:
        match = _ITEM.match(domain, position)
        if match is None:
            raise UsageError(f"line {k}: the values of `{name}` are not understood at {domain[position:][:30]!r}")
        found.append(match[1].strip())
        if not found[-1]:
            raise UsageError(f"line {k}: a value of `{name}` is missing at {domain[position:][:30]!r}")
        position = match.end()
    if not found:
        raise UsageError(f"line {k}: `{name}` has no values")
    return found


def _listed(parameter: Parameter) -> tuple[Value, ...] | None:
    prior = parameter.prior
    return tuple(i for i in prior.items if not isinstance(i, Law)) if isinstance(prior, Listed) else None
