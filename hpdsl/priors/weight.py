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
        return apply("beta_ppf", u, self.alpha, self.beta)

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
