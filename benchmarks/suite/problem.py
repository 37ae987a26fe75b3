"""`Problem`: a space, a function to minimise, and what its values are measured against."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

SPACES = Path(__file__).parent / "spaces"


class UnavailableError(Exception):
    """What a problem needs, a package or a folder, is not there."""


@dataclass
class Problem:
    """A function to minimise over a space; `best` and `median` (of random configurations) scale its values."""

    name: str
    group: str
    text: str
    function: Callable[[Mapping[str, Any]], float]
    best: float | None = None
    median: float | None = None
    # Held as long as the function is: some libraries free a problem with the suite it came from.
    holds: Any = field(default=None, repr=False)
    # The values of many configurations, where that is faster than one by one.
    batch: Callable[[list[Mapping[str, Any]]], Any] | None = None

    def noise(self, seed: int, n: int) -> np.ndarray:
        """The errors of n evaluations: zero unless the name ends in ~ and a fraction of `median - best`.

        The same for every optimiser: a function of problem and seed.
        """
        fraction = float(self.name.partition("~")[2] or 0)
        if not fraction:
            return np.zeros(n)
        if self.best is None or self.median is None:
            raise UnavailableError(f"{self.name}: noise is a fraction of reference values; run reference.py first")
        stream = np.random.default_rng([zlib.crc32(self.name.encode()), seed])
        return stream.normal(size=n) * fraction * (self.median - self.best)

    def values(self, configs: list[Mapping[str, Any]]) -> np.ndarray:
        """The noise-free values of configurations."""
        if self.batch is not None:
            return np.asarray(self.batch(configs), float)
        return np.array([self.function(c) for c in configs])


def text_of(name: str) -> str:
    """The .hp text of a problem of the suite."""
    return (SPACES / f"{name}.hp").read_text(encoding="utf-8")


def linear(value: float, low: float, high: float) -> float:
    """The place of a value between two ends, 0 to 1."""
    return (value - low) / (high - low)


def logarithmic(value: float, low: float, high: float) -> float:
    """The place of a value between two ends on a logarithmic scale."""
    return math.log(value / low) / math.log(high / low)
