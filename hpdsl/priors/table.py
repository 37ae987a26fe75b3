"""The table of priors: one entry each, with its arguments, their rules and the map it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpdsl.priors.bases import Base, Beta, Normal, Uniform
from hpdsl.priors.scales import LINEAR, LOG, LOGIT, REVLOG, Scale
from hpdsl.priors.tails import Exponential, Gamma, Triangular
from hpdsl.terms import Term, apply, const


@dataclass(frozen=True)
class Shape:
    """What a numeric prior is before truncation: x = T⁻¹(loc + scale · t) within lo .. hi.

    t follows `base`, and T is the scale `warp`.
    """

    base: Base
    warp: Scale
    loc: Term
    scale: Term
    lo: Term | None
    hi: Term | None


@dataclass(frozen=True)
class Entry:
    """A numeric prior: argument names, lower limits the arguments must exceed, and its shape.

    `bounds` says that the first and the last argument are the bounds of the support, so that integers widen them.
    `below` limits arguments from above likewise, `least_below` the smallest of them; where `sorted`, they must not
    fall from the first to the last.
    """

    arguments: tuple[str, ...]
    above: tuple[float | None, ...]
    shape: Callable[[tuple[Term, ...]], Shape]
    bounds: bool = False
    example: str = ""
    below: tuple[float | None, ...] = ()
    least_below: float | None = None
    sorted: bool = False
    seen: Scale | None = None
    """The scale on which models see a registered prior, whose law is about the values themselves."""


ZERO, ONE = const(0.0), const(1.0)
# Beyond such shapes series and fractions need more terms than they are given, and the laws are all but normal.
LARGEST_SHAPE = 1e6

NUMERIC: dict[str, Entry] = {
    "uniform": Entry(
        ("low", "high"),
        (None, None),
        lambda a: Shape(Uniform(), LINEAR, ZERO, ONE, a[0], a[1]),
        bounds=True,
        example="uniform(0, 1)",
    ),
    "loguniform": Entry(
        ("low", "high"),
        (0.0, 0.0),
        lambda a: Shape(Uniform(), LOG, ZERO, ONE, a[0], a[1]),
        bounds=True,
        example="loguniform(1e-5, 1e-1)",
    ),
    "revloguniform": Entry(
        ("low", "high"),
        (None, None),
        lambda a: Shape(Uniform(), REVLOG, ZERO, ONE, a[0], a[1]),
        bounds=True,
        example="revloguniform(0.9, 0.9999)",
        below=(1.0, 1.0),
    ),
    "logituniform": Entry(
        ("low", "high"),
        (0.0, 0.0),
        lambda a: Shape(Uniform(), LOGIT, ZERO, ONE, a[0], a[1]),
        bounds=True,
        example="logituniform(0.01, 0.99)",
        below=(1.0, 1.0),
    ),
    "normal": Entry(
        ("mean", "sd"),
        (None, 0.0),
        lambda a: Shape(Normal(), LINEAR, a[0], a[1], None, None),
        example="normal(0, 1)",
    ),
    "lognormal": Entry(
        ("median", "factor"),
        (0.0, 1.0),
        lambda a: Shape(Normal(), LOG, apply("log", a[0]), apply("log", a[1]), None, None),
        example="lognormal(2, 1.5)",
    ),
    "beta": Entry(
        ("alpha", "beta"),
        (0.0, 0.0),
        lambda a: Shape(Beta(a[0], a[1]), LINEAR, ZERO, ONE, ZERO, ONE),
        example="beta(1, 10)",
        least_below=LARGEST_SHAPE,
    ),
    "gamma": Entry(
        ("shape", "scale"),
        (0.0, 0.0),
        lambda a: Shape(Gamma(a[0]), LINEAR, ZERO, a[1], ZERO, None),
        example="gamma(2, 1)",
        below=(LARGEST_SHAPE, None),
    ),
    "exponential": Entry(
        ("mean",),
        (0.0,),
        lambda a: Shape(Exponential(), LINEAR, ZERO, a[0], ZERO, None),
        example="exponential(1)",
    ),
    "triangular": Entry(
        ("low", "mode", "high"),
        (None, None, None),
        lambda a: Shape(Triangular((a[1] - a[0]) / (a[2] - a[0])), LINEAR, a[0], a[2] - a[0], a[0], a[2]),
        bounds=True,
        example="triangular(0, 0.3, 1)",
        sorted=True,
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
