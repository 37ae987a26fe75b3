"""What the functions of a user's prior are written with: they take terms or numbers, and return terms.

Python's `+ - * / ** -x abs()` work on terms too. `where(less(a, b), …, …)` takes the place of `if`.
"""

from __future__ import annotations

import math

from hpdsl.terms import Term, apply, as_term

pi = math.pi

Value = Term | float


def _unary(op: str, x: Value) -> Term:
    return apply(op, as_term(x))


def exp(x: Value) -> Term:
    """E to the x."""
    return _unary("exp", x)


def log(x: Value) -> Term:
    """Natural logarithm."""
    return _unary("log", x)


def sqrt(x: Value) -> Term:
    """Square root."""
    return _unary("sqrt", x)


def absolute(x: Value) -> Term:
    """|x|."""
    return _unary("abs", x)


def floor(x: Value) -> Term:
    """Largest integer not above x."""
    return _unary("floor", x)


def minimum(a: Value, b: Value) -> Term:
    """The smaller of two."""
    return apply("min", as_term(a), as_term(b))


def maximum(a: Value, b: Value) -> Term:
    """The larger of two."""
    return apply("max", as_term(a), as_term(b))


def normal_cdf(x: Value) -> Term:
    """Standard normal distribution function."""
    return _unary("normal_cdf", x)


def normal_ppf(p: Value) -> Term:
    """Standard normal quantile."""
    return _unary("normal_ppf", p)


def gamma_cdf(x: Value, shape: Value) -> Term:
    """Distribution function of the gamma law of scale 1."""
    return apply("gamma_cdf", as_term(x), as_term(shape))


def gamma_ppf(p: Value, shape: Value) -> Term:
    """Quantile of the gamma law of scale 1."""
    return apply("gamma_ppf", as_term(p), as_term(shape))


def log_gamma(a: Value) -> Term:
    """Log Gamma(a)."""
    return _unary("log_gamma", a)


def beta_cdf(x: Value, a: Value, b: Value) -> Term:
    """Regularised incomplete beta function."""
    return apply("beta_cdf", as_term(x), as_term(a), as_term(b))


def beta_ppf(p: Value, a: Value, b: Value) -> Term:
    """Its inverse."""
    return apply("beta_ppf", as_term(p), as_term(a), as_term(b))


def less(a: Value, b: Value) -> Term:
    """1 where a < b, else 0; for `where`."""
    return apply("lt", as_term(a), as_term(b))


def where(test: Term, yes: Value, no: Value) -> Term:
    """One value where a test holds, else the other."""
    return apply("if", test, as_term(yes), as_term(no))
