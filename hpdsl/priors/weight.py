"""`Weight`: a simplex weight given those before it, and `Share`, the beta law of its share of the rest."""

from __future__ import annotations

from dataclasses import dataclass

from hpdsl.priors.bases import Beta
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.table import NUMERIC
from hpdsl.terms import Term, apply, const

ZERO, ONE = const(0.0), const(1.0)
# Where the weights before it leave nothing, a share of nothing must still be a number.
TINY = const(2.0**-1022)
# Half the distance of the last probability below 1 from it.
_LAST = const(2.0**-54)
# Shapes whose quantiles stay within the doubles, and whose tables take less than a tenth of a second to make.
_LEAST, _MOST = 0.05, 1000.0


@dataclass(frozen=True)
class Share(Beta):
    """A beta law on all of 0 .. 1, by closed forms where a shape is 1."""

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        return ONE

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        if self.alpha.constant == 1.0 and self.beta.constant == 1.0:
            return u
        if self.beta.constant == 1.0:
            return apply("pow", u, 1.0 / self.alpha)
        if self.alpha.constant == 1.0:
            return 1.0 - apply("pow", 1.0 - u, 1.0 / self.beta)
        quick = self._interpolated(u)
        return quick if quick is not None else apply("beta_ppf", u, self.alpha, self.beta)

    def _interpolated(self, u: Term) -> Term | None:
        """The inverse from a table of polynomials, a tenth of the cost; None where the shapes don't allow it."""
        a, b = self.alpha.constant, self.beta.constant
        if a is None or b is None or not (min(a, b) >= _LEAST and max(a, b) <= _MOST):
            return None
        from hpdsl.kernels import quantiles  # arrays are for those who draw from general weights

        table = quantiles.beta_log_odds(a, b)
        if table is None:
            return None
        w = apply("log", apply("max", u, TINY)) - apply("log", apply("max", 1.0 - u, _LAST))
        place = (w + quantiles.REACH) * (quantiles.PIECES / (2.0 * quantiles.REACH)) + 1.0
        piece = apply("clip", apply("floor", place), data=(0.0, quantiles.PIECES + 1.0))
        t = (place - piece) * 2.0 - 1.0
        z: Term = apply("take", piece, data=table[-1])
        for row in reversed(table[:-1]):
            z = z * t + apply("take", piece, data=row)
        # exp(700) is a double, and its inverse is as good as 0.
        x = 1.0 / (1.0 + apply("exp", apply("clip", -z, data=(-700.0, 700.0))))
        x = apply("if", apply("le", u, ZERO), ZERO, x)
        return apply("if", apply("le", ONE, u), ONE, x)

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        return self._cdf(t)

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        return self._cdf(t) - self._cdf(s)

    def _ends(self, a: Term | None, b: Term | None) -> tuple[Term, Term]:
        return ZERO, ONE


@dataclass(frozen=True)
class Weight(Numeric):
    """A share of what other weights leave."""

    @classmethod
    def of(cls, share: Share, rest: Term) -> Weight:
        """The weight that is a share of `rest`."""
        shape = NUMERIC["beta"].shape((share.alpha, share.beta))
        scale = rest if rest.constant is not None else apply("max", rest, TINY)
        return cls(share, shape.warp, ZERO, scale, ZERO, rest)
