"""`Subject`: a space under examination, with what its laws look at, each computed when first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.compiler import Compilation
from hpdsl.configs import Configs
from hpdsl.semantics.model import Model
from hpdsl.source import Source
from hpdsl.space import Space
from hpdsl.testing.arguments import TRIES, space_of
from hpdsl.testing.landmarks import Landmarks
from hpdsl.testing.laws.positions import Standing, standings

Matrix = NDArray[np.float64]

# Rows of the statistical laws for each try: they cost nanoseconds a value, and a law that is off by one part in
# twenty shows in that many.
STATISTICAL = 16
# Configurations at landmarks.
MARKED = 400


class Subject:
    """One space, and how hard it is examined. Batches are matrices (columns of the model, rows)."""

    def __init__(self, space: Space | str, tries: int = TRIES, seed: int = 0) -> None:
        self.space = space_of(space, type(self).__name__, defer=True)
        self.tries = max(int(tries), 1)
        self.seed = int(seed)
        self.model: Model = self.space.compilation.model
        self.program = self.space.compilation.program

    def configs(self, matrix: Matrix) -> Configs:
        """A matrix as configurations."""
        return Configs(self.model, matrix)

    def recompiled(self, text: str) -> Space:
        """The space of another text with the same inputs, imports and edits."""
        own = self.space.compilation
        source = Source(own.source.name, text)
        return Compilation(source, own.folder, own.given, own.edits, own.texts, own.defer).space

    # ---- configurations --------------------------------------------------------------------------

    @cached_property
    def marks(self) -> Landmarks:
        """What is special about each parameter."""
        return Landmarks(self.space)

    @cached_property
    def sample(self) -> Matrix:
        """`tries` rows of the space's sample."""
        return self.space.sample(self.tries, seed=self.seed).matrix

    @cached_property
    def marked(self) -> Matrix:
        """Configurations at landmarks: the simplest one, and those that differ from it in one parameter."""
        special = self.marks.special
        return self._built([(p.index, u) for p in self.marks.free for u in special[p.index][1:]])

    @cached_property
    def rows(self) -> Matrix:
        """Configurations at landmarks, then the sample."""
        return np.concatenate([self.marked, self.sample], axis=1)

    @cached_property
    def ends(self) -> Matrix:
        """Configurations at the ends and cells of parameters, then the sample: none at a boundary of a condition.

        There the last digit of a value decides what is active, and a code has no digit to spare.
        """
        built = self._built([(p.index, u) for p in self.marks.free for u in self.marks.plain(p)])
        return np.concatenate([built, self.sample], axis=1)

    def _built(self, changes: list[tuple[int, float]]) -> Matrix:
        """The simplest configuration, and with each of some codes changed; at most `MARKED` of them."""
        changes = changes[:: max(1, -(-len(changes) // MARKED))]
        codes = np.repeat(self.marks.base[:, None], len(changes) + 1, axis=1)
        for k, (index, u) in enumerate(changes):
            codes[index, k + 1] = u
        return self.marks.builder.build(codes, np.arange(len(changes) + 1))

    @cached_property
    def prior(self) -> Matrix:
        """Many rows of the prior, before requirements condition it."""
        return self.program.loose(STATISTICAL * self.tries, self.seed)

    @cached_property
    def standings(self) -> list[Standing]:
        """Where the values of `prior` stand in their priors."""
        return standings(self.model, self.prior, self.seed)

    @cached_property
    def many(self) -> Matrix:
        """As many rows of the sample, conditioned."""
        if not self.model.requirements:
            return self.prior
        return self.space.sample(STATISTICAL * self.tries, seed=self.seed).matrix
