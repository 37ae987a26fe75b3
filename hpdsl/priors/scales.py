"""Scales: the monotone transformations under which priors are uniform, normal, …, and models see values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpdsl.terms import Term, apply, const

# What stands for the edge of a scale's domain, which has no finite place on it; nothing lies beyond anyway.
_SMALLEST = const(2.0**-1022)
ONE = const(1.0)


def _log(x: Term) -> Term:
    return apply("log", apply("max", x, _SMALLEST))


@dataclass(frozen=True)
class Scale:
    """A transformation with its inverse, its domain, and the logarithm of its derivative."""

    name: str
    to: Callable[[Term], Term]
    back: Callable[[Term], Term]
    log_slope: Callable[[Term], Term]
    low: float | None = None
    high: float | None = None

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scale) and self.name == other.name

    def at(self, x: float) -> float:
        """The place of a number on the scale."""
        return _value(self.to(const(x)))

    def inverse(self, y: float) -> float:
        """The number at a place on the scale."""
        return _value(self.back(const(y)))


def _value(term: Term) -> float:
    value = term.constant
    assert value is not None
    return value


LINEAR = Scale("linear", lambda x: x, lambda y: y, lambda x: const(0.0))
LOG = Scale("log", _log, lambda y: apply("exp", y), lambda x: -apply("log", x), low=0.0)
REVLOG = Scale("revlog", lambda x: -_log(ONE - x), lambda y: ONE - apply("exp", -y), lambda x: -_log(ONE - x), high=1.0)
LOGIT = Scale(
    "logit",
    lambda x: _log(x) - _log(ONE - x),
    lambda y: ONE / (ONE + apply("exp", -y)),
    lambda x: -_log(x) - _log(ONE - x),
    low=0.0,
    high=1.0,
)
SCALES = {s.name: s for s in (LINEAR, LOG, REVLOG, LOGIT)}


__all__ = ["LINEAR", "LOG", "LOGIT", "REVLOG", "SCALES", "Scale"]
