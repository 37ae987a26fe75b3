"""A space as the JSON of ConfigSpace, as its `to_json` prints it (format 0.4, ConfigSpace 1.2)."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from hpdsl.diagnostics import counted
from hpdsl.errors import UsageError
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
    clauses,
)
from hpdsl.interop.portable import Law, Listed, Portable, Variable, portable
from hpdsl.interop.written import Written
from hpdsl.semantics.typed import number

if TYPE_CHECKING:
    from ConfigSpace import ConfigurationSpace  # type: ignore[import-not-found,unused-ignore]  # an optional package

    from hpdsl.space import Space

_TARGET = "ConfigSpace"
_PLACES = 13  # ConfigSpace rounds floats to so many decimals
_CLAUSE = {"<": "CLAUSE_LT", ">": "CLAUSE_GT", "==": "EQUALS"}
_SIDES = {"<=": ("<", "=="), ">=": (">", "=="), "!=": ("<", ">")}
_RELATION = {"<": "RELATION_LT", "<=": "RELATION_LE", ">": "RELATION_GT", ">=": "RELATION_GE", "==": "RELATION_EQ"}
_CONDITION = {"<": "LT", ">": "GT", "==": "EQ", "!=": "NEQ"}


def write(space: Space, lossy: bool = False) -> Written:
    """The space as ConfigSpace's JSON.

    Priors that ConfigSpace lacks are replaced, with a note. Raises `UsageError` where a bound, a condition or a
    requirement would be lost; with `lossy` such sentences are left out, with a note.
    """
    flat = portable(space)
    data = _Writer(flat).build()
    notes = flat.settle(_TARGET, lossy)
    return Written(json.dumps(data, indent=2, ensure_ascii=False) + "\n", notes)


def space(space: Space, lossy: bool = False) -> ConfigurationSpace:
    """The space as a `ConfigurationSpace`; needs the package ConfigSpace."""
    try:
        from ConfigSpace import ConfigurationSpace
    except ImportError:
        raise UsageError("ConfigSpace is not installed; install it with `pip install ConfigSpace`") from None
    made: ConfigurationSpace = ConfigurationSpace.from_serialized_dict(json.loads(write(space, lossy).text))
    return made


class _Writer:
    def __init__(self, flat: Portable) -> None:
        self.flat = flat
        self.variables = {v.name: v for v in flat.variables}
        self.sequences: dict[str, tuple[Any, ...]] = {}
        """The values of what is written as a list."""

    def build(self) -> dict[str, Any]:
        """The whole document."""
        parameters = [self._parameter(v) for v in self.flat.variables]
        conditions = [c for v in self.flat.variables if (c := self._condition(v)) is not None]
        forbidden: list[dict[str, Any]] = []
        for f in self.flat.forbidden:
            try:
                forbidden += [self._clause(c) for c in clauses(f.formula)]
            except InexpressibleError as error:
                self.flat.refuse(f.where, f.said, str(error))
        return {
            "name": None,
            "hyperparameters": parameters,
            "conditions": conditions,
            "forbiddens": forbidden,
            "python_module_version": "1.2.2",
            "format_version": 0.4,
        }

    # ---- parameters ----------------------------------------------------------------------------------

    def _parameter(self, v: Variable) -> dict[str, Any]:
        meta = {"doc": v.doc} if v.doc else None
        if v.constant:
            value = v.law.values[0] if isinstance(v.law, Listed) else _number(v.law, v.law.lo)
            self.sequences[v.name] = (value,)
            return {"type": "constant", "name": v.name, "value": value, "meta": meta}
        if isinstance(v.law, Listed):
            return self._listed(v, v.law, meta)
        if v.law.stepped:
            return self._stepped(v, v.law, meta)
        return self._numeric(v, v.law, meta)

    def _listed(self, v: Variable, law: Listed, meta: Any) -> dict[str, Any]:
        self.sequences[v.name] = law.values
        if law.ordered:
            if not law.even:
                self.flat.note(f"`{v.said}` is drawn uniformly: ConfigSpace has no weights for ordinals")
            head: dict[str, Any] = {"type": "ordinal", "name": v.name, "sequence": list(law.values)}
        else:
            if law.weights is None:
                self.flat.note(f"`{v.said}` is drawn uniformly: ConfigSpace has no weights that depend on parameters")
            weights = None if law.even or law.weights is None else list(law.weights)
            head = {"type": "categorical", "name": v.name, "choices": list(law.values), "weights": weights}
        return {**head, "default_value": v.default, "meta": meta}

    def _stepped(self, v: Variable, law: Law, meta: Any) -> dict[str, Any]:
        points = law.points()
        if points is None:
            self.flat.refuse(v.where, v.said, "ConfigSpace has no steps, and these are too many values to list")
            return self._numeric(v, law, meta)
        even = law.name == "uniform" and not law.log
        drawn = "" if even else ", drawn uniformly"
        self.flat.note(
            f"`{v.said}` becomes an ordinal of {counted(len(points), 'value')}{drawn}: ConfigSpace has no steps"
        )
        self.sequences[v.name] = points
        at = float(v.default)  # type: ignore[arg-type]  # a number
        default = min(points, key=lambda x: abs(x - at))
        return {"type": "ordinal", "name": v.name, "sequence": list(points), "default_value": default, "meta": meta}

    def _numeric(self, v: Variable, law: Law, meta: Any) -> dict[str, Any]:
        kind = "int" if law.integer else "float"
        lo, hi = self._ends(v, law)
        ends = {"lower": _number(law, lo), "upper": _number(law, hi)}
        tail = {**ends, "default_value": self._default(v, law, lo, hi)}
        if law.name == "normal" and not law.log:
            head: dict[str, Any] = {"type": f"normal_{kind}", "name": v.name, "mu": law.a, "sigma": law.b}
            if law.integer:
                self.flat.note(
                    f"`{v.said}`: ConfigSpace rounds another normal law to integers, so masses differ a little"
                )
            return {**head, **tail, "log": False, "meta": meta}
        whole = (law.lo, law.hi) == (0.0, 1.0)
        if law.name == "beta" and whole and law.a >= 1.0 and law.b >= 1.0:
            return {
                "type": "beta_float",
                "name": v.name,
                "alpha": law.a,
                "beta": law.b,
                **tail,
                "log": False,
                "meta": meta,
            }
        if law.name != "uniform":
            became = "log-uniform" if law.log else "uniform"
            self.flat.note(f"`{v.said}` becomes {became} between its bounds: ConfigSpace has no such law")
        elif law.integer and law.log:
            self.flat.note(
                f"`{v.said}`: ConfigSpace has another log-uniform law of integers, so masses differ a little"
            )
        return {"type": f"uniform_{kind}", "name": v.name, **tail, "log": law.log, "meta": meta}

    def _ends(self, v: Variable, law: Law) -> tuple[float, float]:
        """The bounds as ConfigSpace will round them."""
        if law.integer:
            return law.lo, law.hi
        lo, hi = round(law.lo, _PLACES), round(law.hi, _PLACES)
        if (law.log and lo <= 0.0) or lo >= hi:
            self.flat.refuse(v.where, v.said, f"ConfigSpace rounds bounds to {_PLACES} decimals, which leaves no range")
            return (10.0**-_PLACES, max(hi, 2.0 * 10.0**-_PLACES)) if law.log else (lo, lo + 10.0**-_PLACES)
        if (lo, hi) != (law.lo, law.hi):
            self.flat.note(
                f"the bounds of `{v.name}` become {number(lo)} .. {number(hi)}: ConfigSpace keeps {_PLACES} decimals"
            )
        return lo, hi

    def _default(self, v: Variable, law: Law, lo: float, hi: float) -> int | float:
        value = min(max(float(v.default), lo), hi)  # type: ignore[arg-type]  # a number
        return int(value) if law.integer else min(max(round(value, _PLACES), lo), hi)

    # ---- conditions ----------------------------------------------------------------------------------

    def _condition(self, v: Variable) -> dict[str, Any] | None:
        if v.guard == ALWAYS:
            return None
        try:
            return self._tree(v.name, v.guard)
        except InexpressibleError as error:
            self.flat.refuse(v.where, f"{v.said} when …", str(error))
            return None

    def _tree(self, child: str, f: Formula) -> dict[str, Any]:
        if isinstance(f, (Every, Some)):
            parts = [self._tree(child, p) for p in f.parts]
            return {"type": "AND" if isinstance(f, Every) else "OR", "child": child, "conditions": parts}
        if isinstance(f, Relation):
            raise InexpressibleError(
                "ConfigSpace compares parameters with constants only where it decides what is active"
            )
        if isinstance(f, Among):
            return {"child": child, "parent": f.name, **self._values(f)}
        if f.op in ("<=", ">="):
            strict = self._tree(child, Compare(f.name, f.op[0], f.value))
            return {
                "type": "OR",
                "child": child,
                "conditions": [strict, self._tree(child, Compare(f.name, "==", f.value))],
            }
        if f.name in self.sequences:
            return {"child": child, "parent": f.name, **self._listed_values(f)}
        return {"type": _CONDITION[f.op], "child": child, "parent": f.name, "value": f.value}

    def _values(self, f: Among) -> dict[str, Any]:
        values = [self.sequences[f.name][i] for i in f.indices]
        return {"type": "EQ", "value": values[0]} if len(values) == 1 else {"type": "IN", "values": values}

    def _listed_values(self, f: Compare) -> dict[str, Any]:
        """A comparison with a number that is written as a list of its values."""
        values = [x for x in self.sequences[f.name] if TEST[f.op](x, f.value)]
        if not values:
            raise InexpressibleError("it never holds on the steps")
        return {"type": "EQ", "value": values[0]} if len(values) == 1 else {"type": "IN", "values": values}

    # ---- forbidden clauses -----------------------------------------------------------------------------

    def _clause(self, parts: tuple[Literal, ...]) -> dict[str, Any]:
        if not parts:
            raise InexpressibleError("nothing would be left")
        made = [self._literal(p) for p in parts]
        return made[0] if len(made) == 1 else {"type": "AND", "clauses": made}

    def _literal(self, f: Literal) -> dict[str, Any]:
        if isinstance(f, Relation):
            for name in (f.left, f.right):
                if name in self.sequences:
                    raise InexpressibleError(f"ConfigSpace compares no listed values such as those of `{name}`")
            if f.op == "!=":
                raise InexpressibleError("ConfigSpace cannot forbid that two parameters differ")
            return {"type": _RELATION[f.op], "left": f.left, "right": f.right}
        if isinstance(f, Among) or f.name in self.sequences:
            found = self._values(f) if isinstance(f, Among) else self._listed_values(f)
            kind = "EQUALS" if found.pop("type") == "EQ" else "IN"
            return {"type": kind, "name": f.name, **found}
        if f.op in _SIDES:
            # ConfigSpace 1.2 mistakes `<=` for `>=` while it samples, so the strict sign and equality stand for it.
            sides = [{"type": _CLAUSE[op], "name": f.name, "value": f.value} for op in _SIDES[f.op]]
            return {"type": "OR", "clauses": sides}
        return {"type": _CLAUSE[f.op], "name": f.name, "value": f.value}


def _number(law: Law, value: float) -> int | float:
    return int(value) if law.integer and math.isfinite(value) else value
