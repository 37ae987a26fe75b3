"""Quasi-Newton descent within bounds, from several starts at once; for fits and for acquisition functions.

The starts know nothing of each other, but every evaluation is one of all that still move: a few large matrix
products instead of many small ones. Written once, for Python and for compiled code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels.primitives import Primitives

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Fills values (m,) and slopes (m, p) at m points (m, p), given a task and which start each point belongs to.
Evaluate = Callable[[Any, Floats, Ints, Floats, Floats], None]
Descend = Callable[..., Floats]

# Of the decrease that the slope promises a step must bring at least this share (Armijo's rule); a step that fails
# is shortened, by no more than the first factor and no less than the second, until it is shorter than the last.
SHARE, LEAST, MOST, SHORTEST = 1e-4, 0.1, 0.5, 1e-3


def build(p: Primitives, evaluate: Evaluate, add: Callable[[Floats, float, Floats], None]) -> Descend:
    """The function `descend`, which minimises what `evaluate` computes; `add(y, a, x)` is y += a x."""

    @p.function
    def _is_free(x: float, slope: float, low: float, high: float, unit: float) -> bool:
        """False for a coordinate at a bound that the slope pushes against, and for one that may not move."""
        return unit > 0.0 and not (x <= low and slope > 0.0) and not (x >= high and slope < 0.0)

    @p.routine
    def direct(x: Floats, slope: Floats, H: Floats, low: Floats, high: Floats, unit: Floats, step: Floats) -> float:
        """The quasi-Newton step from x, and how fast the function falls along it; 0.0 where it does not."""
        q = len(x)
        step[:] = 0.0
        for k in range(q):
            if _is_free(x[k], slope[k], low[k], high[k], unit[k]):
                add(step, -slope[k] * unit[k], H[k])
        rate = 0.0
        for k in range(q):
            if _is_free(x[k], slope[k], low[k], high[k], unit[k]):
                rate += step[k] * slope[k] * unit[k]
            else:
                step[k] = 0.0
        return rate if rate < 0.0 else 0.0

    @p.routine
    def learn(H: Floats, s: Floats, y: Floats, fresh: bool) -> bool:
        """The BFGS update of an inverse Hessian (Nocedal & Wright 2006, eq. 6.17); whether it could be made."""
        q = len(s)
        sy, yy, ss = 0.0, 0.0, 0.0
        for k in range(q):
            sy += s[k] * y[k]
            yy += y[k] * y[k]
            ss += s[k] * s[k]
        if not sy > 1e-10 * np.sqrt(ss * yy):
            return False
        if fresh:
            for k in range(q):
                H[k, k] = sy / yy  # eq. 6.20
        Hy = np.zeros(q)
        for k in range(q):
            add(Hy, y[k], H[k])
        yHy = 0.0
        for k in range(q):
            yHy += y[k] * Hy[k]
        a = (1.0 + yHy / sy) / sy
        for k in range(q):
            add(H[k], a * s[k] - Hy[k] / sy, s)
            add(H[k], -s[k] / sy, Hy)
        return True

    @p.routine
    def descend(
        task: Any,
        x: Floats,
        H: Floats,
        fresh: NDArray[np.bool_],
        low: Floats,
        high: Floats,
        unit: Floats,
        gain: float,
        reach: tuple[float, float],
        most: int,
    ) -> Floats:
        """Move points (m, p) downhill, in place; the values (m,) where they end.

        Steps are measured in `unit` (m, p), which is 0 for coordinates that may not move. `reach` is how far the
        largest component of a first step goes at least, and that of any at most. `H` (m, p, p) are inverse Hessians
        in these units, kept up to date; of those that are `fresh` only the unit matrix is known. A start rests
        where a step has gained, or promises, less than `gain`; `most` limits the evaluations.
        """
        m, q = x.shape
        value, slope, step = np.empty(m), np.empty((m, q)), np.zeros((m, q))
        there, value_there, slope_there = np.empty((m, q)), np.empty(m), np.empty((m, q))
        which = np.arange(m)
        evaluate(task, x, which, value, slope)
        moving, turned = np.ones(m, dtype=np.bool_), np.ones(m, dtype=np.bool_)
        rate, part = np.zeros(m), np.ones(m)
        s, y = np.empty(q), np.empty(q)
        for _ in range(most):
            count = 0
            for i in range(m):
                if not moving[i]:
                    continue
                if turned[i]:
                    rate[i] = direct(x[i], slope[i], H[i], low, high, unit[i], step[i])
                    if rate[i] == 0.0 or (not fresh[i] and -0.5 * rate[i] < gain):
                        moving[i] = False
                        continue
                    longest = 0.0
                    for j in range(q):
                        longest = max(longest, abs(step[i, j]))
                    wanted = min(max(longest, reach[0]) if fresh[i] else longest, reach[1])
                    for j in range(q):
                        step[i, j] *= wanted / longest
                    rate[i] *= wanted / longest
                    part[i] = 1.0
                for j in range(q):
                    goal = x[i, j] + part[i] * step[i, j] * unit[i, j]
                    there[count, j] = min(max(goal, low[j]), high[j])
                which[count] = i
                count += 1
            if count == 0:
                break
            evaluate(task, there[:count], which[:count], value_there[:count], slope_there[:count])
            for k in range(count):
                i = which[k]
                promised = part[i] * rate[i]
                rise = value_there[k] - value[i]
                if rise <= SHARE * promised:
                    for j in range(q):
                        moved = there[k, j] - x[i, j]
                        s[j] = moved / unit[i, j] if unit[i, j] > 0.0 else 0.0
                        y[j] = (slope_there[k, j] - slope[i, j]) * unit[i, j] if s[j] != 0.0 else 0.0
                        x[i, j], slope[i, j] = there[k, j], slope_there[k, j]
                    if learn(H[i], s, y, fresh[i]):
                        fresh[i] = False
                    value[i] = value_there[k]
                    turned[i] = True
                    moving[i] = -rise >= gain
                    continue
                turned[i] = False
                # The lowest point of the parabola through both values; where there is none, as short as may be.
                bend = rise - promised
                factor = -0.5 * promised / bend if bend > 0.0 else LEAST
                part[i] *= min(max(factor, LEAST), MOST)
                moving[i] = part[i] >= SHORTEST
        return value

    return descend
