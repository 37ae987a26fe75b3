"""`random`: configurations from the prior."""

from __future__ import annotations

from typing import ClassVar

from hpdsl.backends.base import Backend, identity
from hpdsl.configs import Config
from hpdsl.errors import SpaceExhausted

# A finite space up to this size is walked in order once random rows bring little news.
LISTED = 100_000
# Where rows that replace repeats start: far from any row that is proposed as it is.
REPLACEMENTS = 2**48


class RandomSearch(Backend):
    """Row k of the seed's sample is proposal k; a repeat, possible in discrete spaces, is replaced by a new row."""

    name: ClassVar[str] = "random"

    def _propose(self, index: int) -> Config:
        seen = self.seen()
        config = self.space.sample(1, seed=self.seed, start=index)[0]
        if identity(config) not in seen:
            return config
        if len(seen) >= self.space.size:
            raise SpaceExhausted(f"all {self.space.size} configurations of this space have been proposed")
        for config in self.space.sample(1024, seed=self.seed, start=REPLACEMENTS + 1024 * index):
            if identity(config) not in seen:
                return config
        if self.space.size <= LISTED:
            return next(c for c in self.space.grid(levels=LISTED) if identity(c) not in seen)
        raise SpaceExhausted("1024 draws brought no configuration that has not been proposed")
