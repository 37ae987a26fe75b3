"""The regularised incomplete gamma functions of both tails, their inverses, and log Gamma.

Below about its mean the lower tail is a power series, above it the upper tail a continued fraction by Lentz's
rule, both times the prefix x**a exp(-x) / Gamma(a) (Didonato & Morris 1986). The inverses are Newton iterations
for the logarithm of a tail as a function of log x, kept within a bracket.
"""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels import stirling
from hpdsl.kernels.primitives import INF, NAN, Primitives, Real, Truth

# About six standard deviations of the largest shapes that matter, 1e6, in terms of the series.
_TERMS = 10000
_STEPS = 100
_HALF_LOG_2PI = 0.9189385332046728


def build(p: Primitives, e: SimpleNamespace) -> SimpleNamespace:
    """The functions `cdf(x, a)`, `sf(x, a)`, `ppf(u, a)`, `isf(q, a)` and `log_gamma(a)`; marks propagate."""
    where, divide, every, sqrt = p.where, p.divide, p.every, p.sqrt
    log, log1p, exp = e.log, e.log1p, e.exp
    parts = stirling.build(p, e)
    correction, rlog1 = parts.stirling, parts.rlog1

    @p.routine
    def raw_log_gamma(a: Real) -> Real:
        product = 1.0
        for _ in range(8):
            low = a < 8.0
            product = where(low, product * a, product)
            a = where(low, a + 1.0, a)
        return (a - 0.5) * log(a) - a + _HALF_LOG_2PI + correction(a) - log(product)

    @p.routine
    def log_prefix(x: Real, a: Real) -> Real:
        """The logarithm of x**a exp(-x) / Gamma(a)."""
        large = where(a < 8.0, 8.0, a)
        ratio = divide(x, large)
        # Far from the mean x / a is what is exact.
        near = (ratio > 0.7) & (ratio < 1.3)
        excess = where(near, rlog1(divide(x - large, large)), ratio - 1.0 - log(where(near, 1.0, ratio)))
        wide = 0.5 * log(large) - _HALF_LOG_2PI - correction(large) - large * excess
        return where(a < 8.0, a * log(x) - x - raw_log_gamma(a), wide)

    @p.routine
    def series(x: Real, a: Real, skip: Truth) -> Real:
        """1 + x / (a + 1) + x**2 / ((a + 1) (a + 2)) + ..."""
        term = 1.0 + 0.0 * x
        total = term
        done = skip
        for i in range(1, _TERMS + 1):
            term = divide(term * x, a + 1.0 * i)
            total = where(done, total, total + term)
            done = done | (term < total * 1e-17)
            if every(done):
                break
        return total

    @p.routine
    def fraction(x: Real, a: Real, skip: Truth) -> Real:
        """Q(x, a) over the prefix, for x > a + 1."""
        b = x + 1.0 - a
        c = 1e300 + 0.0 * x
        d = divide(1.0, b)
        h = d
        done = skip
        for i in range(1, _TERMS + 1):
            m = 1.0 * i
            an = -m * (m - a)
            b = b + 2.0
            d = an * d + b
            d = where(abs(d) < 1e-300, 1e-300, d)
            c = b + divide(an, c)
            c = where(abs(c) < 1e-300, 1e-300, c)
            d = divide(1.0, d)
            change = d * c
            h = where(done, h, h * change)
            done = done | (abs(change - 1.0) < 2e-16)
            if every(done):
                break
        return h

    @p.routine
    def tails(x: Real, a: Real) -> tuple[Real, Real, Real]:
        """Log of the tail that is summed directly, whether times the prefix it is the lower one, and its slope."""
        below = x < a + 1.0
        prefix = log_prefix(x, a)
        low = log(divide(series(where(below, x, 0.5 * a), a, x >= a + 1.0), a))
        high = log(fraction(where(below, a + 2.0, x), a, below))
        return prefix + where(below, low, high), prefix, where(below, 1.0, 0.0)

    @p.routine
    def raw(x: Real, a: Real) -> tuple[Real, Real]:
        """P and Q."""
        log_tail, _, lower = tails(x, a)
        part = exp(log_tail)
        part = where(part > 1.0, 1.0, part)
        return where(lower > 0.5, part, 1.0 - part), where(lower > 0.5, 1.0 - part, part)

    @p.routine
    def log_tail_of(x: Real, a: Real, upper: Truth) -> tuple[Real, Real]:
        """Log of the wanted tail, and the derivative of its logarithm by log x, up to its sign."""
        direct, prefix, lower = tails(x, a)
        other = log1p(-where(direct < -1e-17, exp(direct), 1.0 - 1e-17))
        same = (lower < 0.5) == upper
        value = where(same, direct, other)
        ratio = prefix - value
        return value, exp(where(ratio < 700.0, ratio, 700.0))

    @p.routine
    def inverse(goal: Real, a: Real, upper: Truth) -> Real:
        """The x whose tail has the logarithm `goal`; the tail is the smaller one, up to about a half."""
        far = log(a + 50.0 * sqrt(a) + 800.0)
        middle = log(a)
        # P is at most x**a / Gamma(a + 1), so that this lies left of the root.
        start = divide(goal + raw_log_gamma(a) + middle, a)
        low = where(upper, middle - 5.0 - divide(5.0, a), -800.0)
        high = where(upper, far, middle + 1.0 + divide(1.0, a))
        high = where(high > far, far, high)
        t = where(upper, middle, start)
        t = where(t > high, high, where(t < low, low, t))
        done = (start < -745.0) & (upper == (a != a))
        t = where(done, -800.0, t)
        for _ in range(_STEPS):
            value, slope = log_tail_of(exp(where(t < -740.0, -740.0, t)), a, upper)
            slope = where(upper, -slope, slope)
            gap = value - goal
            beyond = (gap > 0.0) != upper
            high = where(beyond, t, high)
            low = where(beyond, low, t)
            step = t - divide(gap, slope)
            # A step right onto the other end would only lead back.
            inside = ((step > low) & (step < high)) | (step == t)
            following = where(inside, step, 0.5 * (low + high))
            # Newton's error after a step is of the order of the step squared.
            settled = (inside & (abs(following - t) <= 3e-9)) | (high - low <= 1e-15)
            # Large shapes: where no double is left between the ends, going on would not find a better one.
            middle_of = 0.5 * (low + high)
            settled = settled | (middle_of <= low) | (middle_of >= high)
            t = where(done, t, following)
            done = done | settled
            if every(done):
                break
        return exp(t)

    @p.routine
    def half(a: Real) -> Real:
        """P(a, a)."""
        lower, _ = raw(a, a)
        return lower

    @p.function
    def usable(v: Real, a: Real) -> Truth:
        return (a > 0.0) & (a < INF) & (abs(v) < INF)

    @p.function
    def bad(v: Real, a: Real) -> Truth:
        return (v != v) | (a != a)

    @p.function
    def cdf(x: Real, a: Real) -> Real:
        fine = usable(x, a)
        inside = fine & (x > 0.0)
        result, _ = raw(where(inside, x, 0.5), where(fine, a, 1.0))
        return where(bad(x, a), NAN, where(fine, where(inside, result, 0.0), INF))

    @p.function
    def sf(x: Real, a: Real) -> Real:
        fine = usable(x, a)
        inside = fine & (x > 0.0)
        _, result = raw(where(inside, x, 0.5), where(fine, a, 1.0))
        return where(bad(x, a), NAN, where(fine, where(inside, result, 1.0), INF))

    @p.function
    def ppf(u: Real, a: Real) -> Real:
        fine = usable(u, a)
        inside = fine & (u > 0.0) & (u < 1.0)
        v, shape = where(inside, u, 0.5), where(fine, a, 1.0)
        upper = v > half(shape)
        result = inverse(where(upper, log1p(-v), log(v)), shape, upper)
        result = where(inside, result, where(u > 0.5, INF, 0.0))
        return where(bad(u, a), NAN, where(fine, result, INF))

    @p.function
    def isf(q: Real, a: Real) -> Real:
        fine = usable(q, a)
        inside = fine & (q > 0.0) & (q < 1.0)
        v, shape = where(inside, q, 0.5), where(fine, a, 1.0)
        upper = v <= 1.0 - half(shape)
        result = inverse(where(upper, log(v), log1p(-v)), shape, upper)
        result = where(inside, result, where(q > 0.5, 0.0, INF))
        return where(bad(q, a), NAN, where(fine, result, INF))

    @p.function
    def log_gamma(a: Real) -> Real:
        fine = usable(0.0, a)
        return where(bad(0.0, a), NAN, where(fine, raw_log_gamma(where(fine, a, 1.0)), INF))

    return SimpleNamespace(cdf=cdf, sf=sf, ppf=ppf, isf=isf, log_gamma=log_gamma)
