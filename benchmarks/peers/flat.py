"""A space as a flat list of numbers and choices, for tools that know nothing else; and the way back.

Which dimensions there are, and when each is active, is learnt from draws of the space, so that whatever the language
can say is covered. On the way back what is inactive is ignored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

import hpdsl
from hpdsl.interop.write_optuna import suggest

DRAWS = 3000


@dataclass(frozen=True)
class Dimension:
    """`kind` is float, int or choice; numbers have bounds and perhaps a logarithmic scale."""

    name: str
    kind: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[Any, ...] = ()

    def value(self, unit: float) -> Any:
        """The value at a place in 0 .. 1."""
        if self.kind == "choice":
            return self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]
        # Every integer has a cell of the same width on its scale.
        pad = 0.5 if self.kind == "int" else 0.0
        low, high = self.low - pad, self.high + pad
        x = math.exp(math.log(low) + unit * math.log(high / low)) if self.log else low + unit * (high - low)
        return int(self.clipped(round(x))) if pad else self.clipped(x)

    def unit(self, value: Any) -> float:
        """The place of a number in 0 .. 1."""
        pad = 0.5 if self.kind == "int" else 0.0
        low, high = self.low - pad, self.high + pad
        if self.log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def clipped(self, value: float) -> float:
        """A number within the bounds."""
        return min(max(value, self.low), self.high)


class Recorder:
    """Stands in for a trial: takes values from a function of dimension, and remembers what was asked for."""

    def __init__(self, choose: Any) -> None:
        self.choose = choose
        self.values: dict[Dimension, Any] = {}

    def _take(self, dimension: Dimension) -> Any:
        self.values[dimension] = self.choose(dimension)
        return self.values[dimension]

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False, step: float | None = None):
        return float(self._take(Dimension(name, "float", low, high, log)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False, step: int = 1):
        value = self._take(Dimension(name, "int", low, high, log))
        return int(low + round((value - low) / step) * step)

    def suggest_categorical(self, name: str, choices: list[Any]):
        return self._take(Dimension(name, "choice", choices=tuple(choices)))

    def set_user_attr(self, name: str, value: object) -> None:
        """Nothing is kept."""


def drawn(space: hpdsl.Space, n: int = DRAWS) -> list[dict[Dimension, Any]]:
    """The active dimensions and their values in each of n uniform draws."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n):
        recorder = Recorder(lambda d: d.value(rng.random()))
        suggest(space, recorder)
        found.append(recorder.values)
    return found


@lru_cache(maxsize=4)
def dimensions(space: hpdsl.Space) -> tuple[Dimension, ...]:
    """Every dimension that is ever active; raises ValueError where bounds or choices depend on others."""
    found = {d.name: d for values in drawn(space) for d in values}
    if len(found) < len({d for values in drawn(space) for d in values}):
        raise ValueError("a dimension whose bounds depend on others is no flat dimension")
    return tuple(found.values())


def configuration(space: hpdsl.Space, values: dict[str, Any]) -> dict[str, Any]:
    """The configuration that flat values stand for; what is inactive is left out."""
    return suggest(space, Recorder(lambda d: values[d.name]))
