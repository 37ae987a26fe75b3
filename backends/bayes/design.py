"""The start design: the default configuration, then scrambled Sobol' points through the prior's quantiles."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from hpdsl.backends.base import identity
from hpdsl.backends.bayes import sobol
from hpdsl.configs import Config
from hpdsl.space import Space

# Rows of the sequence looked through for a feasible, new configuration before the prior takes over.
PATIENCE = 64


def size(space: Space, d_active: float) -> int:
    """How many trials come before the first model."""
    return int(np.clip(round(d_active) + 2, 5, 12))


def propose(space: Space, seed: int, index: int, seen: set[Hashable]) -> Config | None:
    """Design point `index`: feasible and new, or None where the sequence offers none in time."""
    default = space.default
    if default is not None:
        if identity(default) not in seen:
            return default
        index = max(index - 1, 0)
    d = len(space.names)
    configs = space.decode(sobol.points(seed, index * PATIENCE, PATIENCE, d)) if _tight(space) else None
    if configs is None:
        configs = space.decode(sobol.points(seed, index, PATIENCE, d))
    feasible = space.satisfies(configs)
    for k in np.flatnonzero(feasible):
        config = configs[int(k)]
        if identity(config) not in seen:
            return config
    return None


def _tight(space: Space) -> bool:
    """True where requirements reject, so that neighbouring indices would share their first feasible row."""
    return bool(space.compilation.model.requirements)
