"""`configs`: a Hypothesis strategy for the configurations of a space."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from hpdsl.compiler import loads
from hpdsl.configs import Config, Configs
from hpdsl.semantics.model import Parameter
from hpdsl.space import Space
from hpdsl.testing.atoms import movers
from hpdsl.testing.landmarks import Landmarks, crossings

# From so many parameters on, examples are a few changes to a row instead of a draw for each parameter: Hypothesis
# gives up on examples that need more than 8 kB of choices.
MANY, CHANGES = 120, 40

Change = tuple[int, int | float]
Sweep = tuple[int, float]
Snap = tuple[int, int, int]


def configs(space: Space | str) -> SearchStrategy[Config]:
    """Configurations of a space, as dicts; `space` may be the text of a spec.

    They are built, not filtered: what rejection would discard is moved to the feasible region. Every end of a range,
    alternative, side of a condition, empty and full collection is reached; examples shrink to defaults and to
    fewer active parameters. Raises `SpecError` for a wrong spec, `SamplingError` where nothing feasible is found.
    """
    return _strategy(_compiled(space) if isinstance(space, str) else space)


@lru_cache(maxsize=64)
def _compiled(text: str) -> Space:
    return loads(text)


@lru_cache(maxsize=64)
def _strategy(space: Space) -> SearchStrategy[Config]:
    marks = Landmarks(space)
    plan = _Plan(marks)
    draws = _each(marks) if marks.d <= MANY else _few(marks)
    return st.builds(plan.configuration, draws, plan.sweeps, plan.snaps, st.integers(0, 2**16 - 1))


def _each(marks: Landmarks) -> SearchStrategy[Sequence[Change]]:
    """A code for every parameter: a landmark, or any."""
    codes = [
        st.sampled_from(range(len(marks.special[p.index]))) | st.floats(0.0, 1.0, allow_subnormal=False)
        for p in marks.free
    ]
    return st.tuples(*codes).map(lambda drawn: tuple(enumerate(drawn)))


def _few(marks: Landmarks) -> SearchStrategy[Sequence[Change]]:
    """Codes for some parameters."""
    change = st.tuples(
        st.integers(0, marks.d - 1), st.integers(0, 2**16 - 1) | st.floats(0.0, 1.0, allow_subnormal=False)
    )
    return st.lists(change, max_size=CHANGES).map(tuple)


class _Plan:
    """How what was drawn becomes a configuration of one space."""

    def __init__(self, marks: Landmarks) -> None:
        self.marks = marks
        self.groups = [list(range(marks.d)), *_collections(marks)]

    @property
    def sweeps(self) -> SearchStrategy[Sweep | None]:
        """Parameters that go to one end together, in one example of four."""
        every = [(g, end) for g in range(len(self.groups)) for end in (0.0, 1.0)]
        return st.sampled_from([None] * (3 * len(every)) + every)

    @property
    def snaps(self) -> SearchStrategy[Snap | None]:
        """An atom, the parameter that moves to its boundary, and the side, in one example of eight."""
        joint = [(k, a.parameters) for k, a in enumerate(self.marks.atoms) if len(a.parameters) > 1]
        every = [(k, p, side) for k, parameters in joint for p in parameters for side in (0, 1)]
        return st.sampled_from([None] * max(7 * len(every), 1) + every)

    def configuration(
        self, changes: Sequence[Change], sweep: Sweep | None, snap: Snap | None, anchor: int
    ) -> Config:
        """The configuration of one draw."""
        marks = self.marks
        codes = marks.row(anchor) if marks.d > MANY else marks.base.copy()
        for index, choice in changes:
            special = marks.special[index]
            codes[index] = special[choice % len(special)] if isinstance(choice, int) else choice
        if sweep is not None:
            codes[self.groups[sweep[0]]] = sweep[1]
        if snap is not None:
            self._snap(codes, *snap)
        if marks.default is not None and np.array_equal(codes, marks.base):
            return Configs(marks.model, marks.default)[0]
        return Configs(marks.model, marks.builder.build(codes[:, None], np.array([anchor])))[0]

    def _snap(self, codes: NDArray[np.float64], k: int, which: int, side: int) -> None:
        """Move a parameter to the nearest place where the sign of atom k changes, if there is one."""
        found = crossings(self.marks, codes, which, k)
        if found:
            codes[which] = min(found, key=lambda pair: abs(pair[0] - codes[which]))[side]


def _collections(marks: Landmarks) -> list[list[int]]:
    """The parameters of each collection, those that its length depends on among them."""
    numbers: dict[str, int] = {p.path: p.index for p in marks.free}
    found = []
    for c in marks.model.collections:
        inside = [p.index for p in marks.free if _within(p, c.path)]
        members = [numbers[m] for m in c.members if m in numbers]
        found.append(sorted({*inside, *members, *movers(marks.model, frozenset({c.length}))}))
    return [f for f in found if f]


def _within(p: Parameter, path: str) -> bool:
    return p.path.startswith(f"{path}[")
