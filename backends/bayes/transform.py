"""The output transform: the bad tail compressed, the good side left linear, then standardised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def squeeze(y: Floats) -> Floats:
    """Values to minimise, with what is worse than the median growing only logarithmically.

    With m the median and c = m - (10 % quantile): y' = m + c log(1 + (y - m) / c) above m. Monotone, with a
    continuous slope; improvements keep their units.
    """
    # 1e300 and the like: differences must not overflow.
    largest = float(np.abs(y).max())
    if largest > 1e100:
        y = y / largest
    m = float(np.median(y))
    c = m - float(np.quantile(y, 0.1))
    if c <= 0.0:
        # The good half is a plateau: the smallest step away from it is the scale that matters there.
        steps = np.abs(y - m)
        c = float(steps[steps > 0.0].min(initial=np.inf))
        if not np.isfinite(c):
            return y - m
    above = np.maximum(y - m, 0.0)
    return np.asarray(np.where(y > m, c * np.log1p(above / c), y - m))


def standardise(y: Floats) -> Floats:
    """Mean 0 and standard deviation 1; zeros where all values are equal."""
    spread = float(y.std())
    centred = y - y.mean()
    return centred / spread if spread > 0.0 else np.zeros_like(y)
