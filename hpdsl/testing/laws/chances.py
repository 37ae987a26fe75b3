"""Chances of counts: rigorous bounds for any number of rows, so that false alarms are known and not estimated."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from hpdsl.diagnostics import counted

Array = NDArray[np.float64]

# The probability that a statistical law is refuted although it holds.
FALSE_ALARM = 3e-7


def chance(count: ArrayLike, n: ArrayLike, p: ArrayLike) -> Array:
    """A bound on the probability that a binomial count of n lies as far from n p, on either side, as this one.

    Chernoff's bound; it holds for draws without replacement as well (Hoeffding 1963, theorem 4).
    """
    k, n, p = (np.asarray(x, dtype=np.float64) for x in (count, n, p))
    exponent = special.rel_entr(k, n * p) + special.rel_entr(n - k, n * (1.0 - p))
    return np.asarray(np.minimum(2.0 * np.exp(-np.maximum(exponent, 0.0)), 1.0))


def chance_of_gap(gap: float, n: int) -> float:
    """A bound on the probability that n uniforms' distribution function is off by so much (Massart 1990)."""
    return min(2.0 * float(np.exp(-2.0 * n * gap * gap)), 1.0)


def chance_of_two(count: ArrayLike, n: ArrayLike, other: ArrayLike, m: ArrayLike) -> Array:
    """A bound on the probability that two counts, of n and of m rows of one law, differ as much as these."""
    k, n, o, m = (np.asarray(x, dtype=np.float64) for x in (count, n, other, m))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num((k + o) / (n + m))
    # Given how many there are in all, each of the counts is a draw without replacement.
    return np.asarray(np.minimum(chance(k, n, share), chance(o, m, share)))


@dataclass
class Comparisons:
    """Many comparisons of one law, and the least likely of them."""

    count: int = 0
    least: float = 1.0
    said: str = ""
    about: object = None
    _seen: int = field(default=0, repr=False)

    def add(self, chances: ArrayLike, said: list[str], about: object) -> None:
        """Note comparisons with what to say of each."""
        found = np.atleast_1d(np.asarray(chances, dtype=np.float64))
        self.count += found.size
        k = int(found.argmin())
        if found[k] < self.least:
            self.least, self.said, self.about = float(found[k]), said[k], about

    @property
    def refuted(self) -> bool:
        """True where the least likely comparison is too unlikely for so many of them (Bonferroni)."""
        return self.count > 0 and self.least * self.count <= FALSE_ALARM

    @property
    def power(self) -> str:
        """How many comparisons there are, and how rarely they fail by chance."""
        return f"{counted(self.count, 'count')}; a false alarm once in {1 / FALSE_ALARM:,.0f} runs"

    @property
    def odds(self) -> str:
        """How unlikely the least likely one is."""
        return f"by chance at most once in {1.0 / max(self.least, 1e-300):.1g} times"
