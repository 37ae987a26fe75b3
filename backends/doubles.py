"""Numbers near the largest double, of which differences and means overflow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGE, UNIT = 1e300, 1024.0


def in_reach(y: Floats) -> tuple[Floats, float]:
    """Values whose differences, means and small multiples are finite, and the power of two that makes them y again.

    That costs no digits: of what vanishes beside 1e300 nothing was seen before.
    """
    unit = UNIT if np.abs(y).max(initial=0.0) > LARGE else 1.0
    return y / unit, unit
