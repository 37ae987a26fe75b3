"""`grid`: every point of an exact grid, in order, once."""

from __future__ import annotations

from typing import Any, ClassVar

from hpdsl.backends.base import Backend
from hpdsl.configs import Config
from hpdsl.errors import SpaceExhausted
from hpdsl.space import Space


class GridSearch(Backend):
    """Walks `space.grid(levels)`; ends with `SpaceExhausted`."""

    name: ClassVar[str] = "grid"
    OPTIONS: ClassVar[dict[str, Any]] = {"levels": 5}

    def __init__(self, space: Space, *, seed: int = 0, **options: Any) -> None:
        super().__init__(space, seed=seed, **options)
        self.points = space.grid(levels=self.options["levels"])
        self._passed = 0

    def _propose(self, index: int) -> Config:
        # Points told without being asked for, and configurations off the grid, make index and position differ.
        k = self.first_new(self.points, range(self._passed, self.points.size))
        if k is None:
            raise SpaceExhausted(
                f"all {self.points.size} points of the grid with {self.options['levels']} levels have been proposed"
            )
        self._passed = k
        return self.points[k]
