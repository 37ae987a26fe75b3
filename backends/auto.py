"""`auto`: the model while it pays, ranks beyond."""

from __future__ import annotations

from typing import Any, ClassVar

from hpdsl.backends.bayes.backend import HEAVY, Bayes
from hpdsl.configs import Config
from hpdsl.space import Space

# Trials from which proposals come from ranks alone. By then the Gaussian process rests on a tenth of them.
HANDOVER = 10_000


class Auto(Bayes):
    """`bayes`, which under heavy noise turns to ranks every other time, and `tpe` from `handover` trials on.

    Options: `handover`, and those of `bayes`.
    """

    name: ClassVar[str] = "auto"
    OPTIONS: ClassVar[dict[str, Any]] = {**Bayes.OPTIONS, "handover": HANDOVER}
    COUNTS: ClassVar[tuple[str, ...]] = ("n_start", "handover")

    def _beside(self) -> Config | None:
        return None if self._data.n_good >= int(self.options["handover"]) else super()._beside()

    def _doubtful(self, index: int) -> bool:
        return self._data.n_good >= int(self.options["handover"]) or super()._doubtful(index)


def rules(space: Space) -> str:
    """How a space is searched by default, in a sentence."""
    opt = Auto(space)
    return (
        f"auto: {opt.design.size} trials spread over the prior, then bayes (a Gaussian process); every other trial by "
        f"ranks (tpe) where noise is above {HEAVY:.0%} of the variance, and all of them from {HANDOVER:,} trials on"
    )
