"""Whose turn it is: where trials in one branch of a conditional space no longer pay, the next one goes to another.

A branch is a set of parameters that are active together. Of the best one the model knows most, and of a large one there
is always something left to find out: by the acquisition alone one branch can take all trials and another, that a few
unlucky ones have spoken against, none. Polishing the best by less than a trial is worth can wait; so every third trial
is lent to the most promising place in any other branch. While there is gain nothing is lent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.data import Data, judged
from hpdsl.backends.bayes.fitting import worth
from hpdsl.backends.outcomes import Observation
from hpdsl.configs import Config
from hpdsl.space import Space

# So many trials without gain, all in one branch, give a turn to another.
RUN = 2


def branches(space: Space, configs: Sequence[Config]) -> NDArray[np.bool_]:
    """Which parameters are active in each configuration, shape (n, d)."""
    return np.asarray(~np.isnan(space.encode(configs)))


def had_its_turn(
    space: Space, data: Data, told: Sequence[Observation], pending: Sequence[Config], share: float
) -> NDArray[np.bool_] | None:
    """The branch that the next trial must not lie in, by what is active there; None where any may have it.

    `told` are the observations behind `data`, failed ones too; `share` is that of `worth`. Pending trials count as
    taken by their branch, so that of a batch, too, a third is lent.
    """
    last = [*(o.config for o in told[-RUN:]), *pending][-RUN:]
    if not space.conditional or len(last) < RUN or _gained(data, told[-RUN:], share):
        return None
    found = branches(space, last)
    return found[0] if (found == found[0]).all() else None


def _gained(data: Data, last: Sequence[Observation], share: float) -> bool:
    """Whether the last trials are better than all before by what they are worth, or nothing is good enough yet."""
    n = data.n_good
    before = n - sum(map(judged, last))
    levels = np.where(data.feasible, data.targets(n), np.inf)
    if before < 1 or not np.isfinite(levels).any():
        return True
    if before == n:
        return False
    earlier, later = float(levels[:before].min()), float(levels[before:].min())
    return later < earlier and not earlier - later <= worth(data, share)
