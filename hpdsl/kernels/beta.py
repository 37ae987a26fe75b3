"""The regularised incomplete beta function, its inverse in the first argument, and log B.

The distribution function is the prefix x**a (1 - x)**b / (a B(a, b)) over a continued fraction evaluated by
Lentz's rule (Didonato & Morris 1992 for the prefix). The inverse is a Newton iteration for log I as a function
of log x, which is concave, kept within a bracket; both tails are solved from their own end.
"""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels import stirling as corrections
from hpdsl.kernels.primitives import INF, NAN, Primitives, Real, Truth

_TERMS = 500
_STEPS = 100
_SMALL = 0.05
# Beyond this shape too few digits are left of 1 - x.
_FAR = 1e8
_HALF_LOG_2PI = 0.9189385332046728


def build(p: Primitives, e: SimpleNamespace) -> SimpleNamespace:
    """The functions `cdf(x, a, b)`, `ppf(u, a, b)` and `log_beta(a, b)`; marks and bad shapes propagate."""
    where, divide, every = p.where, p.divide, p.every
    log, log1p, exp = e.log, e.log1p, e.exp
    parts = corrections.build(p, e)
    stirling, rlog1 = parts.stirling, parts.rlog1

    @p.routine
    def raised(a: Real, b: Real) -> tuple[Real, Real, Real]:
        """Shapes of at least 8, a + i and b + j, and B(a, b) / B(a + i, b + j)."""
        factor = 1.0
        for _ in range(8):
            low = a < 8.0
            factor = where(low, factor * divide(a + b, a), factor)
            a = where(low, a + 1.0, a)
        for _ in range(8):
            low = b < 8.0
            factor = where(low, factor * divide(a + b, b), factor)
            b = where(low, b + 1.0, b)
        return a, b, factor

    @p.routine
    def raw_log_beta(shape_a: Real, shape_b: Real) -> Real:
        a, b, factor = raised(shape_a, shape_b)
        correction = stirling(a) + stirling(b) - stirling(a + b)
        # The larger shape takes the logarithm near 1, the smaller one the ratio.
        large, small = where(a > b, a, b), where(a > b, b, a)
        ratio = divide(small, large)
        body = -small * (log1p(ratio) - log(ratio)) - large * log1p(ratio)
        root = 0.5 * (log(divide(1.0 + ratio, small)))
        return log(factor) + (body + (_HALF_LOG_2PI + root) + correction)

    @p.routine
    def log_prefix(x: Real, y: Real, a: Real, b: Real, log_b: Real) -> Real:
        """The logarithm of x**a y**b / B(a, b), where x + y = 1 and the smaller of them is exact."""
        total = a + b
        shift = where(x < y, a - total * x, total * y - b)
        spread = 0.5 * log(divide(a * b, total)) - _HALF_LOG_2PI
        correction = stirling(a) + stirling(b) - stirling(total)
        wide = spread - (a * rlog1(divide(-shift, a)) + b * rlog1(divide(shift, b))) - correction
        log_x = where(x < y, log(x), log1p(-y))
        log_y = where(x < y, log1p(-x), log(y))
        plain = a * log_x + b * log_y - log_b
        return where((a >= 8.0) & (b >= 8.0), wide, plain)

    @p.routine
    def fraction(x: Real, a: Real, b: Real, skip: Truth) -> Real:
        """I_x(a, b) a B(a, b) / (x**a (1 - x)**b), for x below about the mean."""
        d = divide(1.0, away(1.0 - divide((a + b) * x, a + 1.0)))
        c = 1.0
        h = d
        done = skip
        for i in range(1, _TERMS + 1):
            m = 1.0 * i
            twice = a + 2.0 * m
            even = divide(m * (b - m) * x, (twice - 1.0) * twice)
            odd = divide(-(a + m) * (a + b + m) * x, twice * (twice + 1.0))
            d = divide(1.0, away(1.0 + even * d))
            c = away(1.0 + divide(even, c))
            first = d * c
            d = divide(1.0, away(1.0 + odd * d))
            c = away(1.0 + divide(odd, c))
            change = d * c
            h = where(done, h, h * first * change)
            done = done | (abs(change - 1.0) < 2e-16)
            if every(done):
                break
        return h

    @p.routine
    def far_fraction(x: Real, y: Real, a: Real, b: Real, skip: Truth) -> Real:
        """As `fraction`, by the differences from the mean, which keep their digits where a is large and y small."""
        above = where(x < y, a - (a + b) * x, (a + b) * y - b) + 1.0
        ratio, start = divide(b, a), 1.0 + divide(1.0, a)
        numerator, denominator = 0.0 * a, 1.0 + 0.0 * a
        value = divide(start, above)
        p_n, s = 1.0 + 0.0 * a, a + 1.0
        next_numerator, next_denominator = 1.0 + 0.0 * a, divide(above, start)
        done = skip
        for i in range(1, _TERMS + 1):
            n = 1.0 * i
            t = divide(n, a)
            w = n * (b - n) * x
            e = divide(a, s)
            alpha = p_n * (p_n + ratio) * e * e * (w * x)
            beta = n + divide(w, s) + divide(1.0 + t, start + 2.0 * t) * (above + n * (1.0 + y))
            p_n, s = 1.0 + t, s + 2.0
            top = alpha * numerator + beta * next_numerator
            bottom = alpha * denominator + beta * next_denominator
            following = divide(top, bottom)
            change = following - value
            value = where(done, value, following)
            done = done | (abs(change) <= 2e-16 * abs(following))
            if every(done):
                break
            numerator, denominator = divide(next_numerator, bottom), divide(next_denominator, bottom)
            next_numerator, next_denominator = following, 1.0 + 0.0 * a
        return a * value

    @p.function
    def away(v: Real) -> Real:
        """V, kept off 0."""
        return where(abs(v) < 1e-300, 1e-300, v)

    @p.routine
    def lower(x: Real, y: Real, a: Real, b: Real, log_b: Real) -> tuple[Real, Real]:
        """Log I_x(a, b) by the fraction that suits x below the mean, and d log I / d log x."""
        prefix = log_prefix(x, y, a, b, log_b)
        # At y = 0 the derivative has no meaning; callers stay below the mean.
        far = a > _FAR
        h = fraction(x, a, b, far)
        if not every(a <= _FAR):
            h = where(far, far_fraction(x, y, a, b, a <= _FAR), h)
        return prefix + log(divide(h, a)), divide(divide(a, h), y)

    @p.routine
    def raw_cdf(x: Real, a: Real, b: Real) -> Real:
        log_b = raw_log_beta(a, b)
        y = 1.0 - x
        mirrored = x * (a + b + 2.0) > a + 1.0
        near, far = where(mirrored, y, x), where(mirrored, x, y)
        shape, other = where(mirrored, b, a), where(mirrored, a, b)
        log_i, _ = lower(near, far, shape, other, log_b)
        part = exp(log_i)
        part = where(part > 1.0, 1.0, part)
        return where(mirrored, 1.0 - part, part)

    @p.function
    def bad(v: Real, a: Real, b: Real) -> Truth:
        return (v != v) | (a != a) | (b != b)

    @p.function
    def usable(v: Real, a: Real, b: Real) -> Truth:
        return (a > 0.0) & (b > 0.0) & (a < INF) & (b < INF) & (abs(v) < INF)

    @p.function
    def cdf(x: Real, a: Real, b: Real) -> Real:
        fine = usable(x, a, b)
        inside = fine & (x > 0.0) & (x < 1.0)
        result = raw_cdf(where(inside, x, 0.5), where(fine, a, 1.0), where(fine, b, 1.0))
        result = where(inside, result, where(x > 0.5, 1.0, 0.0))
        return where(bad(x, a, b), NAN, where(fine, result, INF))

    @p.routine
    def raw_ppf(u: Real, a: Real, b: Real) -> Real:
        log_b = raw_log_beta(a, b)
        # Beside a small shape the fraction does not settle at the mean; it does where `raw_cdf` divides.
        small = where((a < _SMALL) | (b < _SMALL), 1.0, 0.0)
        right = u > raw_cdf(divide(a + small, a + b + 2.0 * small), a, b)
        # v, up to its mean, is the x or 1 - x whose lower tail is sought.
        shape, other = where(right, b, a), where(right, a, b)
        goal = log(where(right, 1.0 - u, u))
        total = shape + other
        # s = exp(t) is the smaller one of v and 1 - v.
        log_half, _ = lower(0.5 + 0.0 * u, 0.5 + 0.0 * u, shape, other, log_b)
        turned = (shape > other) & (goal > log_half)
        end = log(divide(where(turned, other, shape) + small, total + 2.0 * small))
        middle = -0.6931471805599453
        low = where(turned, end, -800.0)
        high = where(turned | (end > middle), middle, end)
        # v**shape / (shape B) bounds the tail from above where the other shape is at least 1.
        t = where(turned, end, divide(goal + log(shape) + log_b, shape))
        t = where(t < high, t, high)
        done = t < -750.0
        t = where(done, -800.0, t)
        for _ in range(_STEPS):
            s = exp(t)
            v, w = where(turned, 1.0 - s, s), where(turned, s, 1.0 - s)
            log_i, slope = lower(v, w, shape, other, log_b)
            slope = where(turned, -divide(slope * w, v), slope)
            gap = log_i - goal
            above = (gap > 0.0) != turned
            high = where(above, t, high)
            low = where(above, low, t)
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
        s = exp(t)
        return where(right != turned, 1.0 - s, s)

    @p.function
    def ppf(u: Real, a: Real, b: Real) -> Real:
        fine = usable(u, a, b)
        inside = fine & (u > 0.0) & (u < 1.0)
        result = raw_ppf(where(inside, u, 0.5), where(fine, a, 1.0), where(fine, b, 1.0))
        result = where(inside, result, where(u > 0.5, 1.0, 0.0))
        return where(bad(u, a, b), NAN, where(fine, result, INF))

    @p.function
    def log_beta(a: Real, b: Real) -> Real:
        fine = usable(0.0, a, b)
        result = raw_log_beta(where(fine, a, 1.0), where(fine, b, 1.0))
        return where(bad(0.0, a, b), NAN, where(fine, result, INF))

    return SimpleNamespace(cdf=cdf, ppf=ppf, log_beta=log_beta)
