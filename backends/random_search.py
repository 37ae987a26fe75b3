"""`random`: configurations from the prior."""

from __future__ import annotations

from typing import ClassVar

from hpdsl.backends.base import Backend
from hpdsl.configs import Config


class RandomSearch(Backend):
    """Row k of the seed's sample is proposal k; a repeat, possible in discrete spaces, is replaced by a new row."""

    name: ClassVar[str] = "random"

    def _propose(self, index: int) -> Config:
        config = self.space.sample(1, seed=self.seed, start=index)[0]
        return config if self.is_new(config) else self.fresh(index)
