"""The table of priors: one entry each, with its arguments, their rules and the map it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpdsl.priors.bases import Base, Beta, Normal, Uniform
from hpdsl.terms import Term, apply, const


@dataclass(frozen=True)
class Shape:
    """What a numeric prior is before truncation: x = T⁻¹(loc + scale · t), t from `base`, support lo .. hi."""

    base: Base
    log: bool
    loc: Term
    scale: Term
    lo: Term | None
    hi: Term | None


@dataclass(frozen=True)
class Entry:
    """A numeric prior: argument names, lower limits the arguments must exceed, and its shape.

    `bounds` says that the two arguments are the bounds of the support, so that integers widen them.
    """

    arguments: tuple[str, ...]
    above: tuple[float | None, ...]
    shape: Callable[[tuple[Term, ...]], Shape]
    bounds: bool = False
    example: str = ""


ZERO, ONE = const(0.0), const(1.0)

NUMERIC: dict[str, Entry] = {
    "uniform": Entry(
        ("low", "high"),
        (None, None),
        lambda a: Shape(Uniform(), False, ZERO, ONE, a[0], a[1]),
        bounds=True,
        example="uniform(0, 1)",
    ),
    "loguniform": Entry(
        ("low", "high"),
        (0.0, 0.0),
        lambda a: Shape(Uniform(), True, ZERO, ONE, a[0], a[1]),
        bounds=True,
        example="loguniform(1e-5, 1e-1)",
    ),
    "normal": Entry(
        ("mean", "sd"),
        (None, 0.0),
        lambda a: Shape(Normal(), False, a[0], a[1], None, None),
        example="normal(0, 1)",
    ),
    "lognormal": Entry(
        ("median", "factor"),
        (0.0, 1.0),
        lambda a: Shape(Normal(), True, apply("log", a[0]), apply("log", a[1]), None, None),
        example="lognormal(2, 1.5)",
    ),
    "beta": Entry(
        ("alpha", "beta"),
        (0.0, 0.0),
        lambda a: Shape(Beta(a[0], a[1]), False, ZERO, ONE, ZERO, ONE),
        example="beta(1, 10)",
    ),
}

# Priors over listed or derived values; the checker builds them.
DISCRETE: dict[str, str] = {
    "ordinal": "ordinal(1, 2, 5)",
    "pow2": "pow2(4, 256)",
    "bool": "bool(0.5)",
    "choice": "choice(a, b)",
    "subset": "subset(a, b, c, size = 1 .. 2)",
    "permutation": "permutation(a, b, c)",
    "dirichlet": "dirichlet(1, 1, 1)",
}

# Named in the language, given a meaning by a later version.
LATER: tuple[str, ...] = (
    "revloguniform",
    "logituniform",
    "gamma",
    "exponential",
    "triangular",
)
