"""A space as SMAC's new .pcs format: parameters, conditions, forbidden combinations of values."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted
from hpdsl.interop.domains import same
from hpdsl.interop.formulas import (
    ALWAYS,
    TEST,
    Among,
    Compare,
    Every,
    Formula,
    InexpressibleError,
    Literal,
    Relation,
    Some,
    Value,
    clauses,
    some,
)
from hpdsl.interop.portable import Forbidden, Law, Listed, Portable, Variable, portable
from hpdsl.interop.written import Written

if TYPE_CHECKING:
    from hpdsl.space import Space

_TARGET = "the .pcs format"
_ILLEGAL = re.compile(r"[^A-Za-z0-9_\-@.:;\\/?!$%*+]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
# A forbidden clause names one combination of values, so ranges are spelled out.
_MOST_COMBINATIONS = 1000


def write(space: Space, lossy: bool = False) -> Written:
    """The space in the new .pcs syntax.

    Priors that the format lacks are replaced, with a note. Raises `UsageError` where a bound, a condition or a
    requirement would be lost; with `lossy` such sentences are left out, with a note.
    """
    flat = portable(space)
    text = _Writer(flat).build()
    return Written(text, flat.settle(_TARGET, lossy))


class _Writer:
    def __init__(self, flat: Portable) -> None:
        self.flat = flat
        self.names: dict[str, str] = {}
        self.values: dict[str, tuple[Value, ...]] = {}
        """The values of what is written as a list."""
        self.texts: dict[str, dict[tuple[str, object], str]] = {}
        """Their texts, by what is the same: `0` is not `false`."""
        self.ranges: dict[str, Law] = {}

    def build(self) -> str:
        """The whole file."""
        for v in self.flat.variables:
            self.names[v.name] = self._name(v.name)
        parameters = [self._parameter(v) for v in self.flat.variables]
        conditions = [line for v in self.flat.variables if (line := self._condition(v))]
        forbidden = list(dict.fromkeys(line for f in self.flat.forbidden for line in self._forbidden(f)))
        blocks = [parameters, conditions, forbidden]
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    # ---- names and values ----------------------------------------------------------------------------

    def _name(self, name: str) -> str:
        legal = _ILLEGAL.sub("_", name.replace("[", ".").replace("]", ""))
        while legal in self.names.values():
            legal += "_"
        if legal != name:
            self.flat.note(f"`{name}` is called `{legal}`: the format has fewer characters for names")
        return legal

    def _labels(self, v: Variable, values: tuple[Value, ...]) -> str:
        texts: dict[tuple[str, object], str] = {}
        for value in values:
            text = _ILLEGAL.sub("_", _text(value)) or "_"
            while text in texts.values():
                text += "_"
            if not isinstance(value, str):
                self.flat.note(f"the values of `{v.name}` become text: the format has no others in lists")
            elif text != value:
                self.flat.note(f"the value {value!r} of `{v.name}` becomes `{text}`: the format has fewer characters")
            texts[same(value)] = text
        self.texts[v.name], self.values[v.name] = texts, values
        return "{" + ", ".join(texts.values()) + "}"

    # ---- parameters ----------------------------------------------------------------------------------

    def _parameter(self, v: Variable) -> str:
        name = self.names[v.name]
        law = v.law
        if isinstance(law, Law) and v.constant:
            law = Listed((int(law.lo) if law.integer else law.lo,), (1.0,))
        if isinstance(law, Law) and law.stepped:
            points = law.points()
            if points is None:
                self.flat.refuse(v.where, v.said, "the format has no steps, and these are too many values to list")
            else:
                if law.name != "uniform" or law.log:
                    self.flat.note(f"`{v.said}` is drawn uniformly: the format has no such law")
                law = Listed(points, (1.0 / len(points),) * len(points), ordered=True)
        if isinstance(law, Listed):
            if not law.even:
                self.flat.note(f"`{v.said}` is drawn uniformly: the format has no weights")
            listed = self._labels(v, law.values)
            default = min(law.values, key=lambda x: abs(float(x) - float(v.default))) if law is not v.law else v.default  # type: ignore[arg-type]  # numbers
            kind = "ordinal" if law.ordered else "categorical"
            return f"{name} {kind} {listed} [{self.texts[v.name][same(default)]}]"
        return self._numeric(v, law, name)

    def _numeric(self, v: Variable, law: Law, name: str) -> str:
        self.ranges[v.name] = law
        if law.name != "uniform":
            became = "log-uniform" if law.log else "uniform"
            self.flat.note(f"`{v.said}` becomes {became} between its bounds: the format has no such law")
        elif law.integer and law.log:
            self.flat.note(f"`{v.said}`: the programs that read the format have other log-uniform laws of integers")
        kind = "integer" if law.integer else "real"
        ends = [_text(int(x) if law.integer else x) for x in (law.lo, law.hi)]
        log = " log" if law.log else ""
        return f"{name} {kind} [{', '.join(ends)}] [{_text(v.default)}]{log}"

    # ---- conditions ----------------------------------------------------------------------------------

    def _condition(self, v: Variable) -> str:
        if v.guard == ALWAYS:
            return ""
        try:
            found = [[self._tests(x) for x in c] for c in clauses(_strict(v.guard))]
            if len(found) == 1:
                tests = [t[0] if len(t) == 1 else self._one_of(t) for t in found[0]]
                return f"{self.names[v.name]} | " + " && ".join(tests)
            # Readers lose the braces of `in` where `&&` and `||` meet, so its values are spelled out there.
            spelled = [c for sets in found for c in product(*sets)]
            return f"{self.names[v.name]} | " + " || ".join(" && ".join(c) for c in spelled)
        except InexpressibleError as error:
            self.flat.refuse(v.where, f"{v.said} when …", str(error))
            return ""

    def _tests(self, f: Literal) -> list[str]:
        """Tests of which one must hold."""
        if isinstance(f, Relation):
            raise InexpressibleError("the format compares parameters with constants only")
        values = self._listed(f)
        name = self.names[f.name]
        if values is not None:
            return [f"{name} == {self.texts[f.name][same(x)]}" for x in values]
        assert isinstance(f, Compare)
        return [f"{name} {f.op} {_text(f.value)}"]

    def _one_of(self, tests: list[str]) -> str:
        name = tests[0].partition(" ")[0]
        return f"{name} in {{{', '.join(t.rpartition(' ')[2] for t in tests)}}}"

    def _listed(self, f: Among | Compare) -> list[Value] | None:
        """The values that a test allows, where its variable is a list."""
        values = self.values.get(f.name)
        if values is None:
            return None
        if isinstance(f, Among):
            return [values[i] for i in f.indices]
        return [x for x in values if TEST[f.op](float(x), f.value)]  # type: ignore[arg-type]  # numbers

    # ---- forbidden clauses ---------------------------------------------------------------------------

    def _forbidden(self, f: Forbidden) -> list[str]:
        try:
            return [line for clause in clauses(f.formula) for line in self._combinations(clause)]
        except InexpressibleError as error:
            self.flat.refuse(f.where, f.said, str(error))
            return []

    def _combinations(self, parts: tuple[Literal, ...]) -> list[str]:
        """One line for every combination of values that a clause forbids."""
        sets: dict[str, list[Value]] = {}
        relations = []
        for p in parts:
            if isinstance(p, Relation):
                relations.append(p)
                for name in (p.left, p.right):
                    sets.setdefault(name, self._every(name))
                continue
            allowed = self._listed(p)
            if allowed is None:
                assert isinstance(p, Compare)
                allowed = [x for x in self._every(p.name) if TEST[p.op](float(x), p.value)]  # type: ignore[arg-type]  # numbers
            kept = {same(x) for x in allowed}
            sets[p.name] = [x for x in sets.get(p.name, allowed) if same(x) in kept]
        lines = []
        count = 1
        for s in sets.values():
            count *= len(s)
        if count > _MOST_COMBINATIONS:
            raise InexpressibleError(f"it forbids {counted(count, 'combination')}, and the format lists every one")
        for combination in product(*sets.values()):
            at = dict(zip(sets, combination, strict=True))
            if all(TEST[r.op](float(at[r.left]), float(at[r.right])) for r in relations):  # type: ignore[arg-type]  # numbers
                inside = ", ".join(f"{self.names[n]}={self._word(n, x)}" for n, x in at.items())
                lines.append(f"{{{inside}}}")
        return lines

    def _every(self, name: str) -> list[Value]:
        if name in self.values:
            return list(self.values[name])
        law = self.ranges[name]
        if not law.integer:
            raise InexpressibleError(f"the format forbids single values only, and `{name}` is continuous")
        if law.hi - law.lo >= _MOST_COMBINATIONS:
            raise InexpressibleError(f"the format forbids single values only, and `{name}` has too many")
        return list(range(int(law.lo), int(law.hi) + 1))

    def _word(self, name: str, value: Value) -> str:
        text = self.texts[name][same(value)] if name in self.texts else _text(value)
        found = _NUMBER.match(text)
        if found is not None and found.end() < len(text):
            raise InexpressibleError(f"readers of the format take `{text}` in a forbidden combination for a number")
        return text


def _strict(f: Formula) -> Formula:
    """The formula without `<=` and `>=`, which the format's conditions lack."""
    if isinstance(f, (Every, Some)):
        return type(f)(tuple(_strict(p) for p in f.parts))
    if isinstance(f, Compare) and f.op in ("<=", ">="):
        return some([Compare(f.name, f.op[0], f.value), Compare(f.name, "==", f.value)])
    return f


def _text(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)
