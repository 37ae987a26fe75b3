"""Laws about rows: a sample is a pure function of seed, parameter and row number."""

from __future__ import annotations

import numpy as np

from hpdsl.diagnostics import counted
from hpdsl.testing.builder import Matrix
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.subject import Subject

# (first row, rows): a prefix, single ones, odd beginnings, and across the blocks in which rows are drawn.
RANGES = ((0, 10), (0, 1), (1, 1), (7, 13), (100, 1), (255, 258), (1023, 3))


@law("prefix", "sample(100)[:10] is sample(10): a row depends on seed and number alone, whoever asks for it")
def prefix(subject: Subject) -> Result:
    """See `says`."""
    model, whole = subject.model, subject.sample
    if not model.parameters:
        return Skipped("there is no parameter")
    n = whole.shape[1]
    asked = [(first, min(count, n - first)) for first, count in RANGES if first < n]
    for first, count in asked:
        part = subject.space.sample(count, seed=subject.seed, start=first).matrix
        difference = _first_difference(whole[:, first : first + count], part)
        if difference is not None:
            column, k = difference
            path = model.by_column()[column].path
            said = (
                f"`{path}` of row {first + k} is another one where rows {first} .. {first + count - 1} are drawn alone"
            )
            return Fault(said, row=part[:, k])
    single = subject.space.sample(seed=subject.seed)
    if repr(single) != repr(subject.configs(whole[:, :1])[0]):
        return Fault("sample() is another configuration than the first of sample(n)", row=whole[:, 0])
    if n > 8 and not any(np.unique(row[~np.isnan(row)]).size > 1 for row in whole):
        return Held(f"{counted(len(asked), 'range')} of {counted(n, 'row')}, all of which are one configuration")
    return Held(f"{counted(len(asked), 'range')} of {counted(n, 'row')}")


def _first_difference(one: Matrix, other: Matrix) -> tuple[int, int] | None:
    """The column and the lane of the first number that differs; None where there is none."""
    bad = ~((one == other) | (np.isnan(one) & np.isnan(other)))
    if not bad.any():
        return None
    lane = int(np.flatnonzero(bad.any(axis=0))[0])
    return int(np.flatnonzero(bad[:, lane])[0]), lane
