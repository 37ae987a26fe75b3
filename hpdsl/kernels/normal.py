"""The standard normal distribution function and its inverse.

The distribution function is exp(-x**2 / 2) times a smooth factor, one polynomial in (|x| - 6) / (|x| + 6) for all
of 0 .. 40, which keeps the left tail's relative accuracy. The inverse is Wichura's algorithm AS 241 (1988).
"""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels.primitives import INF, Primitives, Real, Truth


def build(p: Primitives, e: SimpleNamespace) -> SimpleNamespace:
    """The functions `cdf` and `ppf`, from the steps and the elementary functions; NaN and +inf stay.

    `ppf_near` is `ppf` for arguments at which `is_far` is false: nearly all, in two thirds of the time.
    """
    where, divide, sqrt = p.where, p.divide, p.sqrt
    exp, log, two_product, cubic = e.exp, e.log, e.two_product, e.cubic

    @p.function
    def smooth(t: Real) -> Real:
        """(1 + x) exp(x**2 / 2) (1 - cdf(x)) at t = (x - 6) / (x + 6)."""
        t2 = t * t
        t4 = t2 * t2
        part_0 = cubic(t, t2, 0.45345520027112796, -0.08502536230577072, 0.03981142456242982, -0.004373386779593226)
        part_1 = cubic(t, t2, -0.016141517332197368, 0.022592467062783016, -0.01976647921997029, 0.013246864154012135)
        part_2 = cubic(
            t, t2, -0.007059819421068707, 0.0029356555179146167, -0.0008689946656167478, 0.00011948965571717959
        )
        part_3 = cubic(
            t, t2, 3.779490167737176e-05, -2.6353393572409072e-05, 4.412404543912898e-06, 1.7838116022958124e-06
        )
        part_4 = cubic(
            t, t2, -9.995898526491916e-07, -4.2913658269661417e-10, 1.3236790158938167e-07, -2.0027893278270845e-08
        )
        part_5 = (-1.5639864942746644e-08 + 2.9426390752797887e-09 * t) + t2 * 1.5695921634584025e-09
        t8 = t4 * t4
        return (part_0 + t4 * part_1) + t8 * ((part_2 + t4 * part_3) + t8 * (part_4 + t4 * part_5))

    @p.function
    def cdf(x: Real) -> Real:
        a = where(abs(x) > 40.0, 40.0, abs(x))
        square, rest = two_product(a, a)
        gauss = exp(-0.5 * square) * (1.0 - 0.5 * rest)
        tail = divide(smooth(divide(a - 6.0, a + 6.0)) * gauss, 1.0 + a)
        return where(x == INF, INF, where(x > 0.0, 1.0 - tail, tail))

    @p.function
    def central(q: Real) -> Real:
        """The inverse at 1/2 + q for |q| <= 0.425."""
        r = 0.180625 - q * q
        r2 = r * r
        r4 = r2 * r2
        above = cubic(
            r, r2, 3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946
        ) + r4 * cubic(r, r2, 45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227)
        below = cubic(r, r2, 1.0, 42.31333070160091, 687.1870074920579, 5394.196021424751) + r4 * cubic(
            r, r2, 21213.794301586597, 39307.89580009271, 28729.085735721943, 5226.495278852854
        )
        return divide(q * above, below)

    @p.function
    def middle(s: Real) -> Real:
        """Minus the inverse at exp(-s**2) for s <= 5."""
        r = s - 1.6
        r2 = r * r
        r4 = r2 * r2
        above = cubic(r, r2, 1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045) + r4 * cubic(
            r, r2, 1.2704582524523684, 0.2417807251774506, 0.022723844989269184, 0.0007745450142783414
        )
        below = cubic(r, r2, 1.0, 2.053191626637759, 1.6763848301838038, 0.6897673349851) + r4 * cubic(
            r, r2, 0.14810397642748008, 0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-09
        )
        return divide(above, below)

    @p.function
    def far(s: Real) -> Real:
        """Minus the inverse at exp(-s**2) for s > 5."""
        r = s - 5.0
        r2 = r * r
        r4 = r2 * r2
        above = cubic(
            r, r2, 6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487
        ) + r4 * cubic(
            r, r2, 0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-05, 2.0103343992922881e-07
        )
        below = cubic(r, r2, 1.0, 0.599832206555888, 0.1369298809227358, 0.014875361290850615) + r4 * cubic(
            r, r2, 0.0007868691311456133, 1.8463183175100548e-05, 1.421511758316446e-07, 2.0442631033899397e-15
        )
        return divide(above, below)

    @p.function
    def ppf(u: Real) -> Real:
        # The ends themselves give the quantiles of the outermost doubles.
        inside = where(u < 5e-324, 5e-324, where(u > 0.9999999999999999, 0.9999999999999999, u))
        q = inside - 0.5
        tail = where(q < 0.0, inside, 1.0 - inside)
        s = sqrt(-log(tail))
        return assemble(u, q, where(s > 5.0, far(s), middle(s)))

    @p.function
    def assemble(u: Real, q: Real, size: Real) -> Real:
        outer = where(q < 0.0, -size, size)
        return where(u == INF, INF, where(abs(q) <= 0.425, central(q), outer))

    @p.function
    def ppf_near(u: Real) -> Real:
        """`ppf` where `is_far` is false."""
        q = u - 0.5
        return assemble(u, q, middle(sqrt(-log(where(q < 0.0, u, 1.0 - u)))))

    @p.function
    def is_far(u: Real) -> Truth:
        return (u < 1.4e-11) | ((1.0 - u < 1.4e-11) & (u < INF))

    return SimpleNamespace(cdf=cdf, ppf=ppf, ppf_near=ppf_near, is_far=is_far)
