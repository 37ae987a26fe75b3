"""Reader of SMAC's .pcs files, the old and the new syntax.

Both have a line for each parameter, condition and forbidden clause, in any order:

    name {a, b} [a]            name categorical {a, b} [a]
    name [1, 10] [3]il         name integer [1, 10] [3] log
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hpdsl.errors import UsageError
from hpdsl.interop.domains import every
from hpdsl.interop.draft import Draft, Formula, Law, Listed, Parameter, Value
from hpdsl.interop.pcs_conditions import Conditions, clean, number, values

_PARAMETER = re.compile(
    r"""(?P<name>[^\s\[\]{}|=,]+)\s*
        (?:(?<=\s)(?P<kind>categorical|ordinal|integer|real|[coir])\s*(?=[\[{]))?
        (?P<domain>\{[^{}]*\}|\[[^\[\]]*\])\s*+
        (?P<default>\[[^\[\]]*\]|\{[^{}]*\})?\s*+
        (?P<flags>.*)""",
    re.VERBOSE,
)
_HEADING = re.compile(r"[A-Za-z][A-Za-z ]*:|conditions?|conditionals?|forbidden|parameters", re.IGNORECASE)
_MOST_ERRORS = 10


def read(text: str) -> Draft:
    """The space in a .pcs file; raises `UsageError` that lists the wrong lines."""
    reader = _Reader()
    lines = text.removeprefix("\ufeff").splitlines()
    conditions: list[tuple[int, str]] = []
    clauses: list[tuple[int, str]] = []
    for at, raw in enumerate(lines, 1):
        line = raw.partition("#")[0].strip()
        if not line or _HEADING.fullmatch(line):
            continue
        if line.startswith("{"):
            clauses.append((at, line))
        elif "|" in line:
            conditions.append((at, line))
        else:
            reader.attempt(at, line, reader.parameter)
    for at, line in conditions:
        reader.attempt(at, line, reader.condition)
    for at, line in clauses:
        reader.attempt(at, line, reader.clause)
    if not reader.parameters and not reader.errors:
        raise UsageError("no parameters; expected lines like `name {a, b} [a]` or `name integer [1, 9] [3]`")
    return reader.draft()


class _Reader:
    def __init__(self) -> None:
        self.parameters: dict[str, Parameter] = {}
        self.lines: dict[str, int] = {}
        self.guards: dict[str, list[Formula]] = {}
        self.forbidden: list[Formula] = []
        self.notes: list[str] = []
        self.errors: list[str] = []
        self.found: list[str] = []
        self.conditions = Conditions(self.parameters, self.found)

    def attempt(self, at: int, line: str, action: Callable[[str, int], None]) -> None:
        """Read a line; what is wrong with it is kept for the end."""
        try:
            action(line, at)
        except UsageError as error:
            self.errors.append(f"line {at}: {error}\n    {line}")
        self.notes += [f"line {at}: {note}" for note in self.found]
        self.found.clear()

    def draft(self) -> Draft:
        """All that was read."""
        if self.errors:
            more = len(self.errors) - _MOST_ERRORS
            tail = [f"… and {more} more lines"] if more > 0 else []
            raise UsageError("\n".join(self.errors[:_MOST_ERRORS] + tail))
        for name, guards in self.guards.items():
            self.parameters[name].condition = every(guards)
        return Draft(list(self.parameters.values()), forbidden=self.forbidden, notes=self.notes)

    # ---- lines -------------------------------------------------------------------------------------

    def parameter(self, line: str, at: int) -> None:
        """`name domain [default] flags`."""
        match = _PARAMETER.fullmatch(line)
        if match is None:
            raise UsageError(
                "expected `name {values} [default]`, `name [low, high] [default]`, or a type after the name"
            )
        name = match["name"]
        if name in self.parameters:
            raise UsageError(f"`{name}` stands in line {self.lines[name]} already")
        kind, domain = (match["kind"] or "")[:1], match["domain"]
        if domain[0] == "{":
            if kind in ("i", "r"):
                raise UsageError(f"expected `[low, high]` after `{match['kind']}`, found `{domain}`")
            if match["flags"]:
                raise UsageError(f"expected the end after the default, found `{match['flags']}`")
            items = values(domain)
            if not items:
                raise UsageError("expected values between the braces, found none")
            if len(set(items)) < len(items):
                self.found.append(f"`{name}`: a value stands twice; it counts once")
            prior: Law | Listed = Listed(tuple(dict.fromkeys(items)), ordered=kind == "o")
            default: Value = clean(match["default"][1:-1]) if match["default"] else None
        else:
            if kind in ("c", "o"):
                raise UsageError(f"expected `{{values}}` after `{match['kind']}`, found `{domain}`")
            integer, log = _flags(match["flags"], kind)
            prior = _law(domain, integer, log)
            default = number(clean(match["default"][1:-1]), "the default") if match["default"] else None
        self.lines[name] = at
        self.parameters[name] = Parameter(name, prior, default, match["default"] is not None)

    def condition(self, line: str, at: int) -> None:
        """`child | condition`; several for one child must all hold."""
        child, _, rest = line.partition("|")
        name = child.strip()
        if not name or not rest.strip():
            raise UsageError("expected `child | parent in {values}`")
        self.conditions.parameter(name)
        self.guards.setdefault(name, []).append(self.conditions.condition(rest.strip()))

    def clause(self, line: str, at: int) -> None:
        """`{a=1, b=2}`."""
        if not line.endswith("}"):
            raise UsageError("expected `}` at the end of a forbidden clause")
        self.forbidden.append(self.conditions.clause(line))


def _flags(text: str, kind: str) -> tuple[bool, bool]:
    """Whether a numeric parameter is an integer, and whether it is logarithmic."""
    flags = "".join(text.split())
    if flags.lower() == "log":
        return kind == "i", True
    if set(flags) - {"i", "l"} or len(set(flags)) < len(flags) or (kind and flags):
        wanted = "`log` or nothing" if kind else "`i`, `l`, `il` or nothing"
        raise UsageError(f"expected {wanted} after the default, found `{text}`")
    return kind == "i" or "i" in flags, "l" in flags


def _law(domain: str, integer: bool, log: bool) -> Law:
    parts = [clean(p) for p in domain[1:-1].split(",")]
    if len(parts) != 2:
        raise UsageError(f"expected `[low, high]`, found `{domain}`")
    low, high = (number(p, "a bound") for p in parts)
    if integer and (low != int(low) or high != int(high)):
        raise UsageError(f"the bounds of an integer parameter must be integers, not {domain}")
    if low > high:
        raise UsageError(f"the range is empty: {low} is greater than {high}")
    if log and low <= 0:
        raise UsageError(f"the lower bound of a logarithmic parameter must be greater than 0, not {low}")
    if integer:
        low, high = int(low), int(high)
    return Law("loguniform" if log else "uniform", (low, high), integer)
