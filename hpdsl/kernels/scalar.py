"""The operations on single floats, in pure Python: constant folding, static checks, single configurations.

`SCALAR` has every arithmetic, truth and map operation that needs no table, under its name in the operation
table. `affine`, `clip` and `lattice` take their constants as further arguments.
"""

from __future__ import annotations

from collections.abc import Callable

from hpdsl.kernels.arithmetic import build, formulas
from hpdsl.kernels.primitives import PYTHON

SCALAR: dict[str, Callable[..., float]] = build(PYTHON, *formulas(PYTHON))
