"""What a backend is told, read into values to minimise and violations of bounds."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.configs import Config, Configs
from hpdsl.diagnostics import suggest
from hpdsl.errors import InvalidConfiguration, UnknownNameError, UsageError
from hpdsl.semantics.entry import checked
from hpdsl.semantics.model import Objective, Outcome
from hpdsl.space import Space

# A strict bound is broken by what equals it, by as little as can be.
_LEAST = math.nextafter(0.0, 1.0)
_LARGEST = math.nextafter(math.inf, 0.0)


@dataclass(frozen=True)
class Observation:
    """One told configuration.

    `values` holds one number for each objective, to be minimised, NaN where there is none; `violations` one for
    each bound (`subject to`), at most 0 where it is kept, NaN where that is not known. `outcomes` are the numbers
    behind them, by name, as told. `columns` is the configuration as the space holds it, which spares reading it again.
    """

    config: Config
    values: tuple[float, ...]
    violations: tuple[float, ...] = ()
    outcomes: dict[str, float] = field(default_factory=dict)
    columns: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)

    @property
    def value(self) -> float:
        """The value of the first objective, which in most spaces is the only one."""
        return self.values[0]

    @property
    def failed(self) -> bool:
        """True where an objective has no value to learn from."""
        return any(math.isnan(v) for v in self.values)

    @property
    def feasible(self) -> bool:
        """True where every objective has a value and every bound is known to be kept."""
        return not self.failed and all(v <= 0.0 for v in self.violations)


def configs_of(space: Space, observations: Sequence[Observation]) -> Configs | list[Config]:
    """The configurations of observations, as columns where these are known."""
    columns = [o.columns for o in observations if o.columns is not None]
    if not columns or len(columns) < len(observations):
        return [o.config for o in observations]
    return Configs(space.compilation.model, np.column_stack(columns))


def columns_of(space: Space, configs: Iterable[Mapping[str, Any]] | Configs) -> Configs:
    """What a user asks about, as columns; raises `InvalidConfiguration` with every violation of the first at fault.

    `Configs` are taken as they are, though they may break requirements.
    """
    if isinstance(configs, Configs):
        space.satisfies(configs)  # raises where they are of another space
        return configs
    if isinstance(configs, str) or not isinstance(configs, Iterable):
        raise UsageError(f"configurations are a list of mappings of names to values, not {configs!r:.60}")
    dicts = [configs] if isinstance(configs, Mapping) else list(configs)
    model = space.compilation.model
    matrix = np.full((model.n_columns, len(dicts)), math.nan)
    for k, config in enumerate(dicts):
        row, problems = checked(model, config)
        if problems:
            raise InvalidConfiguration([f"configuration {k}: {p}" if len(dicts) > 1 else p for p in problems])
        matrix[list(row), k] = list(row.values())
    return Configs(model, matrix)


class Goals:
    """What a space measures: its objectives, and its bounds on outcomes."""

    def __init__(self, space: Space) -> None:
        self.named = bool(space.objectives)
        self.objectives = space.objectives or (Objective("value", maximize=False),)
        self.bounds = space.outcomes
        self.signs = tuple(-1.0 if o.maximize else 1.0 for o in self.objectives)

    @property
    def needed(self) -> tuple[str, ...]:
        """The names without which outcomes are incomplete."""
        return tuple(dict.fromkeys([*(o.name for o in self.objectives if self.named), *(b.name for b in self.bounds)]))

    def number(self, name: str | None) -> int:
        """The number of an objective, the first where None; `UnknownNameError` where there is none of this name."""
        names = [o.name for o in self.objectives]
        if name is None:
            return 0
        if name not in names:
            raise UnknownNameError(f"there is no objective `{name}`; there are {', '.join(names)}")
        return names.index(name)

    def observation(self, config: Config, told: Any) -> Observation:
        """An observation; `UsageError` or `UnknownNameError` for what is no outcome of this space."""
        outcomes = self._by_name(told)
        values = tuple(
            sign * x if math.isfinite(x := outcomes.get(o.name, math.nan)) else math.nan
            for o, sign in zip(self.objectives, self.signs, strict=True)
        )
        violations = tuple(violation(b, outcomes.get(b.name, math.nan)) for b in self.bounds)
        return Observation(config, values, violations, outcomes)

    def _by_name(self, told: Any) -> dict[str, float]:
        """Numbers by name, NaN for None; empty for a trial that failed as a whole."""
        if told is None:
            return {}
        if not isinstance(told, Mapping):
            number = _real(told)
            if len(self.needed) > 1 or (self.bounds and not self.named):
                raise UsageError(f"one number, {told!r}, does not do here: {self._wanted()}")
            return {self.objectives[0].name: number}
        if not self.named:
            if len(told) != 1:
                raise UsageError(
                    f"{len(told)} outcomes, but the space does not say which one to optimise; "
                    "add `minimize NAME` or `maximize NAME` to it"
                )
            told = {self.objectives[0].name: next(iter(told.values())), **told}
        missing = [name for name in self.needed if name not in told]
        if missing:
            raise self._missing(missing, [str(name) for name in told])
        wanted = dict.fromkeys([*(o.name for o in self.objectives), *self.needed])
        return {name: _real(told[name]) for name in wanted}

    def _missing(self, missing: list[str], came: list[str]) -> UnknownNameError:
        """The error for outcomes without one that is needed."""
        name = missing[0]
        goals = {o.name for o in self.objectives}
        what = "objective" if name in goals else "bounded outcome"
        near = suggest(name, [c for c in came if c not in self.needed])
        hint = f"; did you mean `{name}` by `{near}`?" if near else ""
        more = f"; {self._wanted()}" if len(self.needed) > 1 else ""
        return UnknownNameError(
            f"the outcomes lack the {what} `{name}`; they are {', '.join(came) or 'nothing'}{hint}{more}"
        )

    def _wanted(self) -> str:
        """What to tell, in words."""
        if not self.named:
            return "the space bounds an outcome but does not say what to optimise; add `minimize NAME` to it"
        parts = [f"{'maximize' if o.maximize else 'minimize'} {o.name}" for o in self.objectives]
        parts += [f"subject to {b.text}" for b in self.bounds]
        shape = ", ".join(f'"{name}": …' for name in self.needed)
        return f"the space says {', '.join(parts)}; write {{{shape}}}, or None for a failed trial"


def violation(bound: Outcome, measured: float) -> float:
    """By how much a measured value breaks a bound; at most 0 where it keeps it, NaN where it is NaN."""
    gap = measured - bound.bound if bound.op in ("<", "<=") else bound.bound - measured
    if math.isinf(gap) and math.isfinite(measured):
        gap = math.copysign(_LARGEST, gap)
    return _LEAST if gap == 0.0 and bound.op in ("<", ">") else gap


def _real(told: Any) -> float:
    """A number as told, NaN for None; `UsageError` for anything else."""
    number = math.nan if told is None else number_of(told)
    if number is None:
        raise UsageError(f"tell() takes a number, outcomes by name, or None; not {told!r}")
    return number


def _signed(value: Any) -> float:
    return math.inf if value > 0 else -math.inf


def number_of(value: Any) -> float | None:
    """A real scalar as a float, None for anything else; integers too large are infinite.

    Truth is refused: an objective that returns it has compared something by mistake.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).all():  # it holds a number all the same
        return math.nan
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # 0-d arrays, numpy scalars, tensors
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (numbers.Real, Decimal)):
        return None
    try:
        return float(value)
    except OverflowError:
        return _signed(value)
    except ValueError:  # a signalling NaN
        return math.nan
