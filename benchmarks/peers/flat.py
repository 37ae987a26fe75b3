"""A space as a flat list of numbers and choices, for tools that know nothing else; and the way back.

Which dimensions there are, and when each is active, is learnt from draws of the space: an array whose length is a
parameter has as many elements as its longest draw. On the way back what is inactive is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

import hpdsl
from hpdsl.interop.portable import portable
from hpdsl.interop.write_optuna import suggest
from hpdsl.priors.power import Power

DRAWS = 3000


class InexpressibleError(ValueError):
    """A space has something that a flat list of numbers and choices cannot say."""


@dataclass(frozen=True)
class Dimension:
    """`kind` is float, int, choice or bool; numbers have bounds and perhaps a logarithmic scale."""

    name: str
    kind: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[Any, ...] = ()

    @property
    def numeric(self) -> bool:
        """True for numbers, False for what has `choices`."""
        return self.kind in ("float", "int")

    @property
    def ends(self) -> tuple[float, float]:
        """Between what the scale runs: every integer has a cell of the same width."""
        pad = 0.5 if self.kind == "int" else 0.0
        return self.low - pad, self.high + pad

    def value(self, unit: float) -> Any:
        """The value at a place in 0 .. 1."""
        if not self.numeric:
            return self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]
        low, high = self.ends
        return self.held(low * (high / low) ** unit if self.log else low + unit * (high - low))

    def unit(self, value: float) -> float:
        """The place of a number in 0 .. 1."""
        low, high = self.ends
        return math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low)

    def held(self, value: float) -> Any:
        """The nearest value of this dimension to a number."""
        value = min(max(float(value), self.low), self.high)
        return round(value) if self.kind == "int" else value


@lru_cache(maxsize=2)
def powers(space: hpdsl.Space) -> dict[str, tuple[int, int]]:
    """The least and the greatest exponent of what is a power of two."""
    return {
        v.name: (round(math.log2(v.law.values[0])), round(math.log2(v.law.values[-1])))
        for v in portable(space).variables
        if v.parameter is not None and isinstance(v.parameter.pieces[v.piece].dist, Power)
    }


class Exponents:
    """Stands before a trial: what is a power of two is suggested as an integer, its exponent."""

    def __init__(self, space: hpdsl.Space, trial: Any) -> None:
        self.powers = powers(space)
        self.trial = trial

    def suggest_float(self, name: str, low: float, high: float, **more: Any) -> float:
        path = name.removesuffix(":u")
        if path == name or path not in self.powers:
            return self.trial.suggest_float(name, low, high, **more)
        least, greatest = self.powers[path]
        # The middle of the exponent's share of 0 .. 1.
        return (self.trial.suggest_int(exponent(path), least, greatest) - least + 0.5) / (greatest - least + 1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.trial, name)


def exponent(name: str) -> str:
    """The name of the dimension that a power of two becomes."""
    return f"{name}:exponent"


class Recorder:
    """Stands in for a trial: takes values from a function of dimension, and remembers what was asked for."""

    def __init__(self, choose: Callable[[Dimension], Any]) -> None:
        self.choose = choose
        self.values: dict[Dimension, Any] = {}

    def _take(self, dimension: Dimension) -> Any:
        self.values[dimension] = self.choose(dimension)
        return self.values[dimension]

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False, step: float | None = None):
        if name.endswith(":u"):
            raise InexpressibleError(f"`{name[:-2]}` has no finite range, or depends on its siblings")
        return float(self._take(Dimension(name, "float", low, high, log)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False, step: int = 1):
        if step != 1:
            raise InexpressibleError(f"`{name}` has steps of {step}")
        return int(self._take(Dimension(name, "int", low, high, log)))

    def suggest_categorical(self, name: str, choices: list[Any]):
        kind = "bool" if all(isinstance(c, bool) for c in choices) else "choice"
        return self._take(Dimension(name, kind, choices=tuple(choices)))

    def set_user_attr(self, name: str, value: object) -> None:
        raise InexpressibleError(f"a requirement excludes configurations: {value}")


@lru_cache(maxsize=2)
def drawn(space: hpdsl.Space) -> tuple[dict[Dimension, Any], ...]:
    """The active dimensions and their values in each of many uniform draws."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(DRAWS):
        recorder = Recorder(lambda d: d.value(rng.random()))
        suggest(space, Exponents(space, recorder))
        found.append(recorder.values)
    return tuple(found)


@lru_cache(maxsize=2)
def dimensions(space: hpdsl.Space) -> tuple[Dimension, ...]:
    """Every dimension that is ever active; raises `InexpressibleError` where these do not say it all."""
    found: dict[str, Dimension] = {}
    for values in drawn(space):
        for d in values:
            if found.setdefault(d.name, d) != d:
                raise InexpressibleError(f"the bounds or the choices of `{d.name}` depend on other parameters")
    return tuple(found.values())


def configuration(space: hpdsl.Space, values: dict[str, Any]) -> dict[str, Any]:
    """The configuration that flat values stand for; what is inactive is left out."""
    return suggest(space, Exponents(space, Recorder(lambda d: values[d.name])))
