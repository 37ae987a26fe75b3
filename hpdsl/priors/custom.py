"""`register_prior`: a user's own prior, from its distribution function, quantile function and density.

The functions are written in Python with `hpdsl.priors.functions`, and called once with terms: what they build
runs in the same compiled kernels as the built-in priors, can be truncated, takes `int` and `step`, and may depend
on other parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpdsl.diagnostics import counted
from hpdsl.errors import UsageError
from hpdsl.priors.bases import choose, linear
from hpdsl.priors.scales import SCALES
from hpdsl.priors.table import DISCRETE, NUMERIC, Entry, Shape
from hpdsl.terms import Evaluator, Term, apply, as_term, const, draw

Function = Callable[..., Any]
ZERO, ONE = const(0.0), const(1.0)
# From here on a side is open: such bounds stand for none.
_OPEN = 1e300

_BUILT_IN = frozenset(NUMERIC)
# Uniforms at which the functions of a prior are held against each other.
_CHECKED = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)


@dataclass(frozen=True)
class Custom:
    """A law given by its three functions, which take a number and the arguments."""

    law: Law
    arguments: tuple[Term, ...]

    def _cdf(self, t: Term) -> Term:
        return as_term(self.law.cdf(t, *self.arguments))

    def _ends(self, a: Term | None, b: Term | None) -> tuple[Term, Term]:
        # A user's function may overflow where bounds stand for open sides.
        below = ZERO if a is None else choose(apply("le", a, const(-_OPEN)), ZERO, self._cdf(a))
        above = ONE if b is None else choose(apply("le", const(_OPEN), b), ONE, self._cdf(b))
        return below, above

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._ends(a, b)
        return above - below

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._ends(a, b)
        p = u if below.constant == 0.0 and above.constant == 1.0 else linear(u, below, above - below)
        return as_term(self.law.ppf(p, *self.arguments))

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._ends(a, b)
        return (self._cdf(t) - below) / (above - below)

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        density = as_term(self.law.log_density(t, *self.arguments))
        return density - apply("log", self.total(a, b))

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        return (self._cdf(t) - self._cdf(s)) / self.total(a, b)


@dataclass(frozen=True)
class Law:
    """The functions of a registered prior."""

    name: str
    cdf: Function
    ppf: Function
    log_density: Function


def register_prior(
    name: str,
    arguments: Sequence[str],
    *,
    cdf: Function,
    ppf: Function,
    log_density: Function,
    support: tuple[float | None, float | None] = (None, None),
    above: Mapping[str, float] | None = None,
    scale: str = "linear",
    example: Sequence[float],
) -> None:
    """Make `name(arguments)` a prior of the language in this process.

    `cdf(x, *arguments)`, `ppf(p, *arguments)` and `log_density(x, *arguments)` are written with
    `hpdsl.priors.functions`. `support` bounds the values, None where a side is open; `above` gives lower limits
    that arguments must exceed; `scale` ("linear", "log", "revlog", "logit") is how models see the values. At the
    `example` arguments the three functions are held against each other; `UsageError` says where they disagree.
    """
    names = tuple(arguments)
    _check_names(name, names, above or {}, scale, support)
    law = Law(name, cdf, ppf, log_density)
    if len(example) != len(names):
        raise UsageError(f"the prior `{name}` takes {counted(len(names), 'argument')}; the example has {len(example)}")
    _check_functions(law, tuple(float(e) for e in example), support)
    low, high = (None if end is None else const(float(end)) for end in support)
    warp = SCALES[scale]

    def shape(terms: tuple[Term, ...]) -> Shape:
        # The functions are about values; the scale is only how they are seen, so that it stays outside the law.
        return Shape(Custom(law, terms), SCALES["linear"], ZERO, ONE, low, high)

    shown = ", ".join(f"{e:g}" for e in example)
    limits = tuple((above or {}).get(n) for n in names)
    NUMERIC[name] = Entry(names, limits, shape, example=f"{name}({shown})", seen=warp)


def unregister_prior(name: str) -> None:
    """Forget a registered prior."""
    if name in _BUILT_IN or name not in NUMERIC:
        raise UsageError(f"`{name}` is no registered prior")
    del NUMERIC[name]


def _check_names(
    name: str,
    names: tuple[str, ...],
    above: Mapping[str, float],
    scale: str,
    support: tuple[float | None, float | None],
) -> None:
    if not name.isidentifier():
        raise UsageError(f"{name!r} can't name a prior; use letters, digits and _")
    if name in _BUILT_IN or name in DISCRETE or name == "int":
        raise UsageError(f"`{name}` is a prior of the language; choose another name")
    if len(set(names)) < len(names) or not all(n.isidentifier() for n in names):
        raise UsageError(f"the arguments of a prior need different names, not {names!r}")
    unknown = [n for n in above if n not in names]
    if unknown:
        raise UsageError(f"`above` names {unknown[0]!r}, which is no argument; they are {', '.join(names)}")
    if scale not in SCALES:
        raise UsageError(f"there is no scale {scale!r}; they are {', '.join(SCALES)}")
    low, high = support
    if low is not None and high is not None and not low < high:
        raise UsageError(f"the support {support!r} is empty")


def _check_functions(law: Law, example: tuple[float, ...], support: tuple[float | None, float | None]) -> None:
    """Raise `UsageError` where the three functions do not belong to one law."""
    arguments = tuple(const(e) for e in example)
    functions = {"cdf": law.cdf, "ppf": law.ppf, "log_density": law.log_density}
    built: dict[str, Term] = {}
    for name, function in functions.items():
        try:
            built[name] = as_term(function(draw(0), *arguments))
        except Exception as error:
            raise UsageError(
                f"the {name} of `{law.name}` can't be traced: it {type(error).__name__}: {error}; write it with "
                "hpdsl.priors.functions, without `if` and without math or numpy"
            ) from error
        if not isinstance(built[name], Term):
            raise UsageError(f"the {name} of `{law.name}` must return a number made of its arguments")

    def value(name: str, x: float) -> float:
        return Evaluator({}, {0: x}).value(built[name])

    quantiles = [value("ppf", u) for u in _CHECKED]
    for before, x in zip([-math.inf, *quantiles], quantiles, strict=False):
        if not math.isfinite(x) or x <= before:
            raise UsageError(f"the ppf of `{law.name}` does not rise: {x:g} follows {before:g}")
    for u, x in zip(_CHECKED, quantiles, strict=True):
        if (support[0] is not None and x < support[0]) or (support[1] is not None and x > support[1]):
            raise UsageError(f"the ppf of `{law.name}` leaves the support: it is {x:g} at {u:g}")
        back = value("cdf", x)
        if not abs(back - u) < 1e-6:
            raise UsageError(f"cdf(ppf({u:g})) of `{law.name}` is {back:g}; the two must be inverse to each other")
        step = 1e-5 * max(abs(x), 1e-3)
        slope = (value("cdf", x + step) - value("cdf", x - step)) / (2.0 * step)
        density = math.exp(value("log_density", x))
        if not abs(density - slope) <= 1e-3 * max(density, slope):
            raise UsageError(
                f"the density of `{law.name}` is {density:g} at {x:g}, where its cdf has the slope {slope:g}"
            )
