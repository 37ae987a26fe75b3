"""The smallest configuration that breaks a law, near one that was found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpdsl.testing.laws.subject import Matrix, Subject

Fails = Callable[[Matrix], NDArray[np.bool_]]
"""Which columns of a matrix break the law."""

# Parameters that are tried one by one.
MOST = 200


def smallest(subject: Subject, matrix: Matrix, fails: Fails) -> NDArray[np.float64] | None:
    """A column that breaks the law with few active parameters, as many as possible at the simplest; None if none does.

    Configurations are built anew on the way; what no longer breaks the law then is not considered.
    """
    bad = np.flatnonzero(fails(matrix))
    if not bad.size:
        return None
    marks = subject.marks
    active = marks.active(matrix[:, bad])
    best = matrix[:, bad[int(active.argmin())]]
    codes = marks.codes_of(best)
    anchor = np.zeros(1, dtype=np.int64)
    for index in range(min(marks.d, MOST)):
        if codes[index] == marks.base[index]:
            continue
        tried = codes.copy()
        tried[index] = marks.base[index]
        row = marks.builder.build(tried[:, None], anchor)
        if fails(row)[0]:
            codes, best = tried, row[:, 0]
    return np.asarray(best)
