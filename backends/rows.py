"""`Rows`: a matrix that grows by rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Rows:
    """Rows of `width` numbers; room is doubled where it runs out, so that a row costs what it takes to copy it."""

    def __init__(self, width: int) -> None:
        self._all = np.empty((64, width))
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def extend(self, rows: Floats) -> None:
        """Append rows (m, width)."""
        n = self._n + len(rows)
        while n > len(self._all):
            self._all = np.vstack([self._all, np.empty_like(self._all)])
        self._all[self._n : n] = rows
        self._n = n

    def first(self, n: int) -> Floats:
        """The first n rows: a view, not to be written to."""
        return self._all[: min(n, self._n)]
