"""exp, the logarithms and pow, within an ulp or so, from additions and multiplications alone.

Polynomials interpolate at Chebyshev nodes; the reductions are the classical ones (powers of two split off, the
logarithm through s = f / (2 + f)). Pairs (hi, lo) are unevaluated sums of about 106 bits (Dekker 1971).
"""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels.primitives import INF, NAN, Integer, Primitives, Real, Truth

# Adding this to |x| < 2**51 rounds x to an integer, which is then found in the lowest bits.
_MAGIC = 6755399441055744.0
_MAGIC_BITS = 0x4338000000000000
_TWO_52 = 4503599627370496.0

_LOG2_E = 1.4426950408889634
_LOG2_E_LOW = 2.0355273740931033e-17
# The high part of ln 2 ends in zeros, so that its products with exponents are exact.
_LN2_HIGH = 0.6931471803691238
_LN2_LOW = 1.9082149292705877e-10
_LN2 = 0.6931471805599453
_LOG10_E = 0.4342944819032518
_LOG10_E_LOW = 1.098319650216765e-17
_LOG10_2 = 0.3010299956639812
_LOG10_2_LOW = -2.8037281277851704e-18
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


def build(p: Primitives) -> SimpleNamespace:
    """The functions `exp log log1p log2 log10 power`, and the steps `two_product rint` others build on."""
    where, divide, bits, value = p.where, p.divide, p.bits, p.value
    floor, sqrt = p.floor, p.sqrt

    @p.function
    def two_product(a: Real, b: Real) -> tuple[Real, Real]:
        product = a * b
        t = 134217729.0 * a
        a_high = t - (t - a)
        a_low = a - a_high
        t = 134217729.0 * b
        b_high = t - (t - b)
        b_low = b - b_high
        return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low

    @p.function
    def two_sum(a: Real, b: Real) -> tuple[Real, Real]:
        total = a + b
        t = total - a
        return total, (a - (total - t)) + (b - t)

    @p.function
    def rint(a: Real) -> Real:
        size = abs(a)
        whole = where(size < _TWO_52, (size + _TWO_52) - _TWO_52, size)
        # Never -0.0: zero is written one way.
        return where(a < 0.0, -whole, where(a != a, a, whole)) + 0.0

    @p.function
    def scale(a: Real, n: Integer) -> Real:
        """A * 2**n in two steps, so that results may be subnormal."""
        half = n >> 1
        return a * value((half + 1023) << 52) * value((n - half + 1023) << 52)

    @p.function
    def cubic(x: Real, x2: Real, c0: float, c1: float, c2: float, c3: float) -> Real:
        """A cubic in two halves (Estrin), so that fewer steps wait for each other."""
        return (c0 + c1 * x) + x2 * (c2 + c3 * x)

    @p.function
    def exp_small(r: Real) -> Real:
        """E ** r for |r| <= ln(2) / 2."""
        r2 = r * r
        r4 = r2 * r2
        first = cubic(r, r2, 0.5000000000000001, 0.16666666666666669, 0.041666666666624066, 0.008333333333330056)
        second = cubic(
            r, r2, 0.0013888888917245787, 0.0001984126986307828, 2.4801521246131495e-05, 2.7557268421682613e-06
        )
        last = 2.7620112139572367e-07 + 2.510040371657669e-08 * r
        return 1.0 + (r + r2 * (first + r4 * (second + r4 * last)))

    @p.function
    def exp(x: Real) -> Real:
        limited = where(x > 710.0, 710.0, where(x < -750.0, -750.0, x))
        t = limited * _LOG2_E + _MAGIC
        k = t - _MAGIC
        r = (limited - k * _LN2_HIGH) - k * _LN2_LOW
        return scale(exp_small(r), bits(t) - _MAGIC_BITS)

    @p.function
    def split(x: Real) -> tuple[Real, Real]:
        """X > 0 as m * 2**k with m in sqrt(1/2) .. sqrt(2)."""
        tiny = x < 2.2250738585072014e-308
        pattern = bits(where(tiny, x * 18014398509481984.0, x)) - _SQRT_HALF_BITS
        exponent = pattern >> 52
        m = value((pattern & 0x000FFFFFFFFFFFFF) + _SQRT_HALF_BITS)
        k = value(exponent + _MAGIC_BITS) - _MAGIC
        return m, where(tiny, k - 54.0, k)

    @p.function
    def log_tail(z: Real) -> Real:
        """(log((1 + s) / (1 - s)) - 2 s) / s**3 at z = s**2."""
        z2 = z * z
        first = cubic(z, z2, 0.6666666666666666, 0.40000000000000885, 0.28571428570799784, 0.22222222392581045)
        second = cubic(z, z2, 0.18181795547521137, 0.15386244737621665, 0.13268638369266825, 0.13088034850927555)
        return first + z2 * z2 * second

    @p.function
    def log(x: Real) -> Real:
        m, k = split(x)
        f = m - 1.0
        s = divide(f, 2.0 + f)
        z = s * s
        half = 0.5 * f * f
        return mark_log(x, k * _LN2_HIGH + (f - (half - (s * (half + z * log_tail(z)) + k * _LN2_LOW))))

    @p.function
    def mark_log(x: Real, result: Real) -> Real:
        return where((x > 0.0) & (x < INF), result, where(x != x, NAN, INF))

    @p.function
    def log1p(x: Real) -> Real:
        """Log(1 + x) for x > -1, accurate near 0."""
        s = divide(x, 2.0 + x)
        z = s * s
        half = 0.5 * x * x
        near = x - (half - s * (half + z * log_tail(z)))
        return where((x > -0.25) & (x < 0.375), near, log(1.0 + x))

    @p.function
    def log_pair(m: Real) -> tuple[Real, Real]:
        """Log m as a pair, for m in sqrt(1/2) .. sqrt(2)."""
        f = m - 1.0
        below = m + 1.0
        below_low = m - (below - 1.0)
        s = divide(f, below)
        product, rest = two_product(s, below)
        s_low = divide(((f - product) - rest) - s * below_low, below)
        z = s * s
        hi, lo = two_sum(2.0 * s, 2.0 * s_low + s * z * log_tail(z))
        return hi, lo

    @p.function
    def times(hi: Real, lo: Real, b: Real, b_low: Real) -> tuple[Real, Real]:
        """The product of two pairs."""
        product, rest = two_product(hi, b)
        return product, rest + (hi * b_low + lo * b)

    @p.function
    def log2(x: Real) -> Real:
        m, k = split(x)
        hi, lo = log_pair(m)
        hi, lo = times(hi, lo, _LOG2_E, _LOG2_E_LOW)
        hi, rest = two_sum(k, hi)
        return mark_log(x, hi + (rest + lo))

    @p.function
    def log10(x: Real) -> Real:
        m, k = split(x)
        hi, lo = log_pair(m)
        hi, lo = times(hi, lo, _LOG10_E, _LOG10_E_LOW)
        whole, whole_low = two_product(k, _LOG10_2)
        hi, rest = two_sum(whole, hi)
        return mark_log(x, hi + (rest + (whole_low + k * _LOG10_2_LOW + lo)))

    @p.function
    def integral_power(m: Real, n: Real) -> Real:
        """M ** n for integral |n| <= 64, rounded once."""
        left = abs(n)
        hi, lo = 1.0, 0.0
        base, base_low = m, 0.0
        for _ in range(7):
            next_left = floor(0.5 * left)
            odd = left != 2.0 * next_left
            more, more_low = times(hi, lo, base, base_low)
            more, more_low = two_sum(more, more_low)
            hi, lo = where(odd, more, hi), where(odd, more_low, lo)
            base, base_low = times(base, base_low, base, base_low)
            base, base_low = two_sum(base, base_low)
            left = next_left
        q = divide(1.0, hi)
        product, rest = two_product(q, hi)
        inverse = q + divide(((1.0 - product) - rest) - q * lo, hi)
        return where(n < 0.0, inverse, hi + lo)

    @p.function
    def real_power(m: Real, k: Real, b: Real) -> tuple[Real, Real]:
        """(m * 2**k) ** b as v * 2**n with v in sqrt(1/2) .. sqrt(2) and |n| <= 1200."""
        hi, lo = log_pair(m)
        hi, lo = times(hi, lo, _LOG2_E, _LOG2_E_LOW)
        hi, lo = times(hi, lo, b, 0.0)
        whole, whole_low = two_product(k, b)
        y, rest = two_sum(whole, hi)
        far = abs(y) > 1200.0
        y = where(y > 1200.0, 1200.0, where(y < -1200.0, -1200.0, y))
        n = rint(y)
        r = where(far, 0.0, (y - n) + (rest + (whole_low + lo)))
        return exp_small(r * _LN2), n

    @p.function
    def power(a: Real, b: Real) -> Real:
        """A ** b; exact where b is integral and the result representable; undefined where not real."""
        m, k = split(where((a != 0.0) & (abs(a) < INF), abs(a), 1.0))
        bounded = where(b > 1e18, 1e18, where(b < -1e18, -1e18, b))
        short = (floor(bounded) == bounded) & (abs(bounded) <= 64.0)
        v, n = real_power(m, k, bounded)
        v = where(short, integral_power(m, where(short, bounded, 0.0)), v)
        n = where(short, k * bounded, n)
        n = where(n > 1200.0, 1200.0, where(n < -1200.0, -1200.0, n))
        n = where(n == n, n, 0.0)
        size = scale(v, bits(n + _MAGIC) - _MAGIC_BITS)
        size = where(b == 0.5, sqrt(abs(a)), size)
        size = where(a == 0.0, where(b > 0.0, 0.0, INF), size)
        size = where(b == 0.0, 1.0, size)
        return mark_power(a, b, size)

    @p.function
    def mark_power(a: Real, b: Real, size: Real) -> Real:
        integral = floor(b) == b
        odd = integral & (floor(0.5 * b) != 0.5 * b)
        signed = where((a < 0.0) & odd, -size, size)
        real: Truth = (a >= 0.0) | integral
        fine = real & (abs(size) < INF) & (abs(b) < INF) & (abs(a) < INF)
        return where(fine, signed, where((a != a) | (b != b), NAN, INF))

    return SimpleNamespace(
        cubic=cubic,
        two_product=two_product,
        two_sum=two_sum,
        rint=rint,
        exp=exp,
        log=log,
        log1p=log1p,
        log2=log2,
        log10=log10,
        power=power,
    )
