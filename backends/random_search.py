"""`random`: configurations from the prior."""

from __future__ import annotations

from typing import ClassVar

from hpdsl.backends.base import Backend
from hpdsl.configs import Config
from hpdsl.errors import SamplingError


class RandomSearch(Backend):
    """Row k of the seed's sample is proposal k; one that repeats another or finds nothing feasible is replaced."""

    name: ClassVar[str] = "random"

    def _propose(self, index: int) -> Config:
        try:
            config = self.space.sample(1, seed=self.seed, start=index)[0]
        except SamplingError:
            return self.fresh(index)
        return config if self.is_new(config) else self.fresh(index)
