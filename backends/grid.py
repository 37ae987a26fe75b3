"""`grid`: every point of an exact grid, in order, once."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from hpdsl.backends.base import Backend, identity
from hpdsl.configs import Config
from hpdsl.errors import SpaceExhausted
from hpdsl.grid.grid import Grid


class GridSearch(Backend):
    """Walks `space.grid(levels)`; ends with `SpaceExhausted`."""

    name: ClassVar[str] = "grid"
    OPTIONS: ClassVar[dict[str, Any]] = {"levels": 5}

    @cached_property
    def points(self) -> Grid:
        """The grid that is walked."""
        return self.space.grid(levels=self.options["levels"])

    def _propose(self, index: int) -> Config:
        # Told points that lie off the grid, or before it, make the walk shorter than its index.
        seen = self.seen()
        first = self._first_unseen if self._first_unseen is not None else 0
        for k in range(first, self.points.size):
            config = self.points[k]
            if identity(config) not in seen:
                self._first_unseen = k
                return config
        raise SpaceExhausted(f"all {self.points.size} points of the grid have been proposed")

    _first_unseen: int | None = None
