"""`TPE`: what told configurations that were good have in common, against the others (Bergstra et al. 2011)."""

from __future__ import annotations

import numbers
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hpdsl.backends.base import Backend, Observation, number_of
from hpdsl.backends.bayes.design import Design, recommended_size
from hpdsl.backends.tpe.parzen import Parzen
from hpdsl.configs import Config
from hpdsl.errors import UsageError
from hpdsl.space import Space

# Purposes of random streams.
_DRAW = 11


class TPE(Backend):
    """Proposes where the density of good configurations is largest against that of the others.

    Options: `candidates` drawn for each proposal; `gamma`, the share of configurations that count as good;
    `n_start`, trials before the first model (None: by the number of parameters); `blur`, how much of an unordered
    parameter's kernel is the prior's.
    """

    name: ClassVar[str] = "tpe"
    OPTIONS: ClassVar[dict[str, Any]] = {"candidates": None, "gamma": 0.15, "n_start": None, "blur": None}

    def __init__(self, space: Space, *, seed: int = 0, **options: Any) -> None:
        super().__init__(space, seed=seed, **options)
        _check(self.options)
        given = self.options["candidates"], self.options["blur"]
        self._parzen = Parzen(
            space,
            self.seed,
            float(self.options["gamma"]),
            None if given[0] is None else int(given[0]),
            None if given[1] is None else float(given[1]),
        )

    # ---- the next configuration ------------------------------------------------------------------

    def _propose(self, index: int) -> Config:
        if index < self.design.size or self._parzen.n_good < 2:
            config = self._by_design(index)
        else:
            config = self._parzen.propose(index, self.generator(_DRAW, index), self.pending, self.is_new)
        return config if config is not None else self.fresh(index)

    def _by_design(self, index: int) -> Config | None:
        before = [o.config for o in self.told] + self.pending if self.design.roots else []
        taken = self.space.encode(before) if before else np.empty((0, len(self.space.code_names)))
        return self.design.propose(index, taken, self.is_new)

    @cached_property
    def design(self) -> Design:
        """The start design."""
        given = self.options["n_start"]
        return Design(self.space, self.seed, recommended_size(self.space) if given is None else int(given))

    def _observe(self, observation: Observation) -> None:
        self._parzen.append(observation)


def _check(options: dict[str, Any]) -> None:
    for name in ("candidates", "n_start"):
        n = options[name]
        if n is not None and (isinstance(n, bool) or not isinstance(n, numbers.Integral) or int(n) < 1):
            raise UsageError(f"{name} must be a positive integer, or None for the default, not {n!r}")
    for name, empty in (("gamma", False), ("blur", True)):
        x = options[name]
        number = number_of(x)
        if (x is None and empty) or (number is not None and 0.0 < number <= 1.0):
            continue
        raise UsageError(f"{name} must be a number above 0, at most 1{', or None' if empty else ''}, not {x!r}")
