"""`random`: configurations from the prior."""

from __future__ import annotations

from typing import ClassVar

from hpdsl.backends.base import Backend, identity
from hpdsl.configs import Config
from hpdsl.errors import SpaceExhausted

# A finite space this small is watched for repeats; in larger ones they are rare, and cheap.
WATCHED = 10_000


class RandomSearch(Backend):
    """Row k of the seed's sample is proposal k; a small finite space is walked without repeats."""

    name: ClassVar[str] = "random"

    def _propose(self, index: int) -> Config:
        if self.space.size > WATCHED:
            return self.space.sample(1, seed=self.seed, start=index)[0]
        seen = self.seen()
        if len(seen) >= self.space.size:
            raise SpaceExhausted(f"all {self.space.size} configurations of this space have been proposed")
        start, step = index, 64
        while True:
            for config in self.space.sample(step, seed=self.seed, start=start):
                if identity(config) not in seen:
                    return config
            start += step
            if start > index + 100 * WATCHED:
                # Hardly likely values are left: take the first of them in order.
                return next(c for c in self.space.grid(levels=WATCHED) if identity(c) not in seen)
