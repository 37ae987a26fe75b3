"""The output transform: the bad tail compressed, the good side left linear, then standardised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.doubles import LARGE, in_reach

Floats = NDArray[np.float64]


def squeeze(y: Floats) -> Floats:
    """Values to minimise, with what is worse than the median growing only logarithmically.

    With m the median and c = m - (10 % quantile): y' = m + c log(1 + (y - m) / c) above m. Monotone, with a
    continuous slope; improvements keep their units.
    """
    # 1e300 and the like: differences must not overflow, and those of 1e-300 not vanish.
    largest = float(np.abs(y).max())
    if largest > 0.0 and not 1e-100 < largest < 1e100:
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
    # The quotient stays finite.
    c = max(c, float(above.max()) * 1e-300)
    return np.asarray(np.where(y > m, c * np.log1p(above / c), y - m))


def standardise(y: Floats) -> Floats:
    """Mean 0 and standard deviation 1; zeros where all values are equal."""
    centred = y - y.mean()
    largest = float(np.abs(centred).max())
    if largest == 0.0 or y.min() == y.max():
        return np.zeros_like(y)
    # Squares of tiny numbers must not vanish.
    centred = centred / largest
    return np.asarray(centred / centred.std())


def targets(values: Sequence[float]) -> Floats:
    """What the process models: values squeezed and standardised."""
    return standardise(squeeze(np.array(values)))


def restore(t: Floats, values: Sequence[float]) -> Floats:
    """The values that the transform of `values` takes to t: by interpolation, linear beyond the best and the worst.

    Beyond the best, whose side is linear, they go on as from the median, or the next value on a plateau, to the best;
    beyond the worst as from the median, or the last value before a plateau.
    """
    (y, unit), z = in_reach(np.array(values)), targets(values)
    order = np.argsort(y, kind="stable")
    y, z = y[order], z[order]
    n, found = len(z), np.interp(t, z, y)
    if z[0] < z[-1]:
        above = max(n // 2, int(np.searchsorted(z, z[0], side="right")))
        below = min(n // 2, int(np.searchsorted(z, z[-1], side="left")) - 1)
        # What is infinite here is taken back below.
        with np.errstate(over="ignore"):
            best, worst = (y[above] - y[0]) / (z[above] - z[0]), (y[-1] - y[below]) / (z[-1] - z[below])
            found = found + np.minimum(t - z[0], 0.0) * min(best, LARGE)
            found = found + np.maximum(t - z[-1], 0.0) * min(worst, LARGE)
    largest = np.finfo(np.float64).max / unit
    return np.asarray(np.clip(found, -largest, largest) * unit)
