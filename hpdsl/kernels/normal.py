"""The standard normal distribution function and its inverse.

The distribution function is exp(-x**2 / 2) times a smooth factor, one polynomial in (|x| - 6) / (|x| + 6) for all
of 0 .. 40, which keeps the left tail's relative accuracy. The inverse is Wichura's algorithm AS 241 (1988).
"""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels.primitives import INF, Primitives, Real


def build(p: Primitives, e: SimpleNamespace) -> SimpleNamespace:
    """The functions `cdf` and `ppf`, from the steps and the elementary functions; NaN and +inf stay."""
    where, divide, sqrt = p.where, p.divide, p.sqrt
    exp, log, two_product = e.exp, e.log, e.two_product

    @p.function
    def smooth(t: Real) -> Real:
        """(1 + x) exp(x**2 / 2) (1 - cdf(x)) at t = (x - 6) / (x + 6)."""
        return (
            0.45345520027112796
            + t * (-0.08502536230577072
            + t * (0.03981142456242982
            + t * (-0.004373386779593226
            + t * (-0.016141517332197368
            + t * (0.022592467062783016
            + t * (-0.01976647921997029
            + t * (0.013246864154012135
            + t * (-0.007059819421068707
            + t * (0.0029356555179146167
            + t * (-0.0008689946656167478
            + t * (0.00011948965571717959
            + t * (3.779490167737176e-05
            + t * (-2.6353393572409072e-05
            + t * (4.412404543912898e-06
            + t * (1.7838116022958124e-06
            + t * (-9.995898526491916e-07
            + t * (-4.2913658269661417e-10
            + t * (1.3236790158938167e-07
            + t * (-2.0027893278270845e-08
            + t * (-1.5639864942746644e-08
            + t * (2.9426390752797887e-09
            + t * 1.5695921634584025e-09)))))))))))))))))))))
        )  # fmt: skip

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
        above = (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
            + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.3871328727963666080)  # fmt: skip
        below = (((((((5226.4952788528545610 * r + 28729.085735721942674) * r + 39307.895800092710610) * r
            + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.18700749205790830) * r
            + 42.313330701600911252) * r + 1.0)  # fmt: skip
        return divide(q * above, below)

    @p.function
    def middle(s: Real) -> Real:
        """Minus the inverse at exp(-s**2) for s <= 5."""
        r = s - 1.6
        above = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r
            + 2.41780725177450611770e-1) * r + 1.27045825245236838258) * r + 3.64784832476320460504) * r
            + 5.76949722146069140550) * r + 4.63033784615654529590) * r + 1.42343711074968357734)  # fmt: skip
        below = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
            + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r
            + 1.67638483018380384940) * r + 2.05319162663775882187) * r + 1.0)  # fmt: skip
        return divide(above, below)

    @p.function
    def far(s: Real) -> Real:
        """Minus the inverse at exp(-s**2) for s > 5."""
        r = s - 5.0
        above = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
            + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r
            + 1.78482653991729133580) * r + 5.46378491116411436990) * r + 6.65790464350110377720)  # fmt: skip
        below = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
            + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r
            + 1.36929880922735805310e-1) * r + 5.99832206555887937690e-1) * r + 1.0)  # fmt: skip
        return divide(above, below)

    @p.function
    def ppf(u: Real) -> Real:
        # The ends themselves give the quantiles of the outermost doubles.
        inside = where(u < 5e-324, 5e-324, where(u > 0.9999999999999999, 0.9999999999999999, u))
        q = inside - 0.5
        tail = where(q < 0.0, inside, 1.0 - inside)
        s = sqrt(-log(tail))
        outer = where(s > 5.0, far(s), middle(s))
        outer = where(q < 0.0, -outer, outer)
        return where(u == INF, INF, where(abs(q) <= 0.425, central(q), outer))

    return SimpleNamespace(cdf=cdf, ppf=ppf)
