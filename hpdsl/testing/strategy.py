"""`configs`: a Hypothesis strategy for the configurations of a space."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from hpdsl.configs import Config, Configs
from hpdsl.semantics.model import Parameter
from hpdsl.space import Space
from hpdsl.testing.arguments import space_of
from hpdsl.testing.atoms import movers
from hpdsl.testing.landmarks import Landmarks, crossings

# From so many parameters on, examples are a few changes to a row instead of a draw for each parameter: Hypothesis
# gives up on examples that need more than 8 kB of choices.
MANY, CHANGES = 120, 40
# One number a parameter: Hypothesis takes longer over what is drawn in parts. Up to 24 bits it draws uniformly.
BITS = 23
_CODE = st.integers(0, 2 ** (BITS + 1) - 4)
_ANCHOR = st.integers(0, 2**16 - 1)
# What an example is built from: landmarks mixed with values between them, a random row, a row of the sample.
MIXED, RANDOM, KNOWN = range(3)

# Numbers below this mean the same in a random row, and in one that goes to an end: so it shrinks to what is simple.
SIMPLE = 64

Change = tuple[int, int]
Sweep = tuple[tuple[tuple[int, ...], float], ...]
Snap = tuple[int, int, int]


def configs(space: Space | str | os.PathLike[str]) -> SearchStrategy[Config]:
    """Configurations of a space, as dicts; `space` may be the path of a .hp file, or the text of a spec.

    They are built, not filtered: what rejection would discard is moved to the feasible region. Every end of a range,
    alternative, side of a condition, empty and full collection is reached; examples shrink to defaults and to
    fewer active parameters. Raises `SpecError` for a wrong spec, `UsageError` for what is none, `SamplingError` where
    nothing feasible is found.
    """
    __tracebackhide__ = True
    return _strategy(_compiled(space) if isinstance(space, str) else space_of(space, "configs"))


@lru_cache(maxsize=64)
def _compiled(text: str) -> Space:
    __tracebackhide__ = True
    return space_of(text, "configs")


@lru_cache(maxsize=64)
def _strategy(space: Space) -> SearchStrategy[Config]:
    return _drawn(_Plan(Landmarks(space)))


@st.composite
def _drawn(draw: st.DrawFn, plan: _Plan) -> Config:
    """What is drawn for a configuration.

    Drawn number by number: of each part of a tuple Hypothesis tries whether it matters, with a hundred examples.
    """
    kind = draw(plan.kinds)
    if plan.marks.d <= MANY:
        changes: Sequence[Change] = [(k, draw(_CODE)) for k in range(plan.marks.d)]
    else:
        changes = draw(plan.few)
    return plan.configuration(kind, changes, draw(plan.sweeps), draw(plan.snaps), draw(_ANCHOR))


@st.composite
def _change(draw: st.DrawFn, d: int) -> Change:
    """A code for some parameter."""
    return draw(st.integers(0, d - 1)), draw(_CODE)


def code_at(number: int, special: NDArray[np.float64]) -> float:
    """The code that a number stands for: a landmark for an even one, a fraction for an odd one, the simplest first.

    Fractions follow van der Corput: 1/2, 1/4, 3/4, 1/8, …
    """
    half = number >> 1
    if number % 2 == 0:
        return float(special[half % len(special)])
    return float(int(f"{half + 1:0{BITS}b}"[::-1], 2)) * 2.0**-BITS


class _Plan:
    """How what was drawn becomes a configuration of one space."""

    def __init__(self, marks: Landmarks) -> None:
        self.marks = marks
        self.all_sweeps = [*_ends(tuple(range(marks.d))), *_collections(marks)]

    @cached_property
    def kinds(self) -> SearchStrategy[int]:
        """Mixed in two examples of three, or of four where requirements may leave little to random rows."""
        if self.marks.d > MANY:
            return st.just(MIXED)
        return st.sampled_from([MIXED, MIXED, RANDOM, *([KNOWN] if self.marks.model.requirements else [])])

    @cached_property
    def few(self) -> SearchStrategy[Sequence[Change]]:
        """Codes for some parameters."""
        return st.lists(_change(self.marks.d), max_size=CHANGES)

    @cached_property
    def sweeps(self) -> SearchStrategy[Sweep | None]:
        """Parameters that go to one end together, in one example of four."""
        return st.sampled_from([None] * (3 * len(self.all_sweeps)) + self.all_sweeps)

    @cached_property
    def snaps(self) -> SearchStrategy[Snap | None]:
        """An atom, the parameter that moves to its boundary, and the side, in one example of eight."""
        joint = [(k, a.parameters) for k, a in enumerate(self.marks.atoms) if len(a.parameters) > 1]
        every = [(k, p, side) for k, parameters in joint for p in parameters for side in (0, 1)]
        return st.sampled_from([None] * max(7 * len(every), 1) + every)

    def configuration(
        self, kind: int, changes: Sequence[Change], sweep: Sweep | None, snap: Snap | None, anchor: int
    ) -> Config:
        """The configuration of one draw."""
        marks = self.marks
        codes = marks.row(anchor) if kind == KNOWN or marks.d > MANY else marks.base.copy()
        for index, number in changes:
            if kind == MIXED or number < SIMPLE:
                codes[index] = code_at(number, marks.special[index])
            elif kind == RANDOM:
                codes[index] = code_at(number | 1, marks.special[index])
        simple = {index for index, number in changes if number < SIMPLE}
        for indices, end in sweep or ():
            codes[[i for i in indices if i not in simple]] = end
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


def _ends(indices: tuple[int, ...]) -> list[Sweep]:
    """Some parameters at one end, and at the other."""
    return [((indices, end),) for end in (0.0, 1.0)]


def _collections(marks: Landmarks) -> list[Sweep]:
    """The elements of each collection at one end, or at the other, and how many there are at both ends."""
    numbers: dict[str, int] = {p.path: p.index for p in marks.free}
    found: list[Sweep] = []
    for c in marks.model.collections:
        inside = {p.index for p in marks.free if _within(p, c.path)} | {numbers[m] for m in c.members if m in numbers}
        count = movers(marks.model, frozenset({c.length})) if c.kind == "array" else ()
        elements = tuple(sorted(inside - {*count}))
        for sweep in _ends(elements) if elements else [()]:
            found += [(*sweep, *length) for length in (_ends(count) if count else [()])]
    return [f for f in found if f]


def _within(p: Parameter, path: str) -> bool:
    return p.path.startswith(f"{path}[")
