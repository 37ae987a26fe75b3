"""`Space`: what a user holds: sampling, encoding, checking and explaining one search space."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hpdsl.configs import Config, Configs
from hpdsl.diagnostics import Diagnostic, counted
from hpdsl.errors import InvalidConfiguration, UsageError
from hpdsl.graph.features import FeatureGroup, groups
from hpdsl.program.cells import edges, middles
from hpdsl.program.completion import completed, tried
from hpdsl.program.program import Program
from hpdsl.semantics.entry import enter, violations
from hpdsl.semantics.evaluate import Row, broken, complete, illegal
from hpdsl.semantics.identity import space_id, study_id
from hpdsl.semantics.model import Fidelity, Model, Objective, Outcome, Parameter
from hpdsl.semantics.rules import has_default
from hpdsl.source import Source

if TYPE_CHECKING:
    from hpdsl.compiler import Compilation
    from hpdsl.grid.grid import Grid

MAX_ATTEMPTS = 100_000

AnyConfigs = Configs | Mapping[str, object] | Iterable[Mapping[str, object]]


class Space:
    """A compiled search space."""

    def __init__(self, compilation: Compilation) -> None:
        self.compilation = compilation
        self._model: Model = compilation.model
        self._program: Program = compilation.program

    # ---- what it is ------------------------------------------------------------------------------

    @property
    def source(self) -> Source:
        """The text it was compiled from."""
        return self._model.source

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the checker remarked."""
        return self.compilation.diagnostics

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Parameter paths, in the order of the file; an array, a subset or a permutation is one of them."""
        model = self._model
        lists = {c.path: c for c in model.collections}
        inside = {m: c.path.partition("[")[0] for c in lists.values() for m in c.members}
        return tuple(dict.fromkeys(inside[p.path] if p.path in inside else _outermost(p) for p in model.free))

    @cached_property
    def code_names(self) -> tuple[str, ...]:
        """The columns of `encode`: parameter paths, elements of arrays and members of subsets on their own."""
        return tuple(p.path for p in self._model.free)

    @cached_property
    def feature_groups(self) -> tuple[FeatureGroup, ...]:
        """Which columns of `features` belong to which parameter."""
        return groups(self._model)[0]

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of `features`."""
        return groups(self._model)[1]

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical meaning."""
        return space_id(self._model)

    @cached_property
    def study_id(self) -> str:
        """SHA-256 of the meaning with objectives and `try` points."""
        return study_id(self._model)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """The outcomes to optimise; empty where the file names none."""
        return self._model.objectives

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The bounds on measured outcomes (`subject to`)."""
        return self._model.outcomes

    def keeps(self, measured: Mapping[str, float]) -> bool:
        """Whether measured outcomes keep every bound; one that was not measured does not."""
        return all(o.holds(measured.get(o.name, math.nan)) for o in self.outcomes)

    @property
    def fidelity(self) -> Fidelity | None:
        """How an evaluation may be cut short; None where the file does not say."""
        return self._model.fidelity

    @cached_property
    def conditional(self) -> bool:
        """True where some parameter can be inactive."""
        return any(p.conditional for p in self._model.free)

    @cached_property
    def cardinalities(self) -> tuple[int | None, ...]:
        """The number of values of each parameter; None where continuous, or where it varies."""
        return tuple(p.pieces[0].dist.count() if len(p.pieces) == 1 else None for p in self._model.free)

    def cells(self, index: int) -> NDArray[np.float64] | None:
        """The mid-cell u of each value of a discrete parameter, where these depend on nothing; else None.

        None too for more values of unequal mass than are worth a table.
        """
        if index not in self._cells:
            self._cells[index] = middles(self._model.parameters[index], self.cardinalities[index])
        return self._cells[index]

    def edges(self, index: int) -> NDArray[np.float64] | None:
        """Where the cells begin and end, from 0 to 1, of which `cells` gives the middles; None where it does."""
        cells = self.cells(index)
        return None if cells is None else edges(cells)

    @cached_property
    def _cells(self) -> dict[int, NDArray[np.float64] | None]:
        return {}

    # ---- sampling --------------------------------------------------------------------------------

    @overload
    def sample(self, n: None = None, *, seed: int = 0, start: int = 0, max_attempts: int = MAX_ATTEMPTS) -> Config: ...

    @overload
    def sample(self, n: int, seed: int = 0, start: int = 0, max_attempts: int = MAX_ATTEMPTS) -> Configs: ...

    def sample(
        self, n: int | None = None, seed: int = 0, start: int = 0, max_attempts: int = MAX_ATTEMPTS
    ) -> Config | Configs:
        """n configurations from the prior, rows start, start + 1, … of the seed; without n a single dict.

        A row depends on the seed and its number only. Raises `SamplingError` where a row finds no feasible
        configuration within `max_attempts`.
        """
        for name, number in (
            ("n", 1 if n is None else n),
            ("seed", seed),
            ("start", start),
            ("max_attempts", max_attempts),
        ):
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
                raise UsageError(f"{name} must be an integer, not {number!r}")
        if (n is not None and n < 0) or start < 0 or max_attempts < 1:
            raise UsageError(f"n = {n}, start = {start} and max_attempts = {max_attempts} must not be negative")
        matrix = self._program.sample(1 if n is None else int(n), int(seed), int(start), int(max_attempts))
        configs = Configs(self._model, matrix)
        return configs[0] if n is None else configs

    def grid(self, levels: int = 5) -> Grid:
        """Every distinct feasible configuration of a grid with so many levels a parameter, as a lazy sequence."""
        from hpdsl.grid.grid import Grid

        if isinstance(levels, bool) or not isinstance(levels, (int, np.integer)) or levels < 1:
            raise UsageError(f"levels must be a positive integer, not {levels!r}")
        return Grid(self._model, int(levels))

    @cached_property
    def size(self) -> int | float:
        """The number of distinct feasible configurations; infinite where continuous, or too many to count."""
        from hpdsl.grid.grid import count_all

        return count_all(self._model, self.compilation.lowering)

    # ---- codes -----------------------------------------------------------------------------------

    def encode(self, configs: AnyConfigs) -> NDArray[np.float64]:
        """u codes, float64 (n, d) in [0, 1], NaN where inactive; a discrete value's is the middle of its cell."""
        return np.ascontiguousarray(self._program.encode(self._matrix(configs)).T)

    def decode(self, u: ArrayLike) -> Configs:
        """The configurations at u codes (n, d); codes of inactive parameters are ignored, `require` is not applied."""
        codes = np.atleast_2d(np.asarray(u, dtype=np.float64))
        d = len(self.code_names)
        if codes.ndim != 2 or codes.shape[1] != d:
            raise UsageError(f"decode needs an array of shape (n, {d}), not {np.shape(u)}")
        missing = np.isnan(codes)
        if ((codes < 0.0) | (codes > 1.0)).any():
            raise UsageError("u codes must lie in [0, 1]")
        uniforms = np.full((len(self._model.parameters), len(codes)), 0.5)
        uniforms[:d] = np.where(missing, 0.5, codes).T
        configs = Configs(self._model, self._program.decode(uniforms))
        if missing.any():
            for p in self._model.free:
                if (missing[:, p.index] & ~np.isnan(configs.matrix[p.main])).any():
                    raise UsageError(f"`{p.path}` is active but its code is NaN")
        return configs

    def features(self, configs: AnyConfigs, *, clipped: bool = True) -> NDArray[np.float64]:
        """Scale codes for models, float64 (n, p) in [0, 1], NaN where inactive; see `feature_names`.

        Those of laws without an end reach over the central 99.8 %; what lies beyond has the code of that end, unless
        `clipped` is false: then codes go on below 0 and above 1.
        """
        return np.ascontiguousarray(self._program.features(self._matrix(configs), clipped=clipped).T)

    def log_density(self, configs: AnyConfigs) -> NDArray[np.float64]:
        """Log density in natural units, float64 (n,), before `require` conditions it."""
        parts = self._program.log_density(self._matrix(configs))
        # +inf marks the logarithm of zero: a value of no mass.
        total: NDArray[np.float64] = np.where(
            np.isposinf(parts), -np.inf, np.nan_to_num(parts, nan=0.0, neginf=-np.inf)
        ).sum(axis=0)
        return total

    # ---- single configurations -------------------------------------------------------------------

    def satisfies(self, configs: AnyConfigs) -> NDArray[np.bool_]:
        """Whether every requirement holds, bool (n,)."""
        matrix = self._matrix(configs)
        if not self._model.requirements:
            return np.ones(matrix.shape[1], dtype=np.bool_)
        return np.asarray(~self._program.violated(matrix).any(axis=0))

    def is_valid(self, config: Mapping[str, object]) -> bool:
        """True where a configuration belongs to the space."""
        return not violations(self._model, config)

    def validate(self, config: Mapping[str, object]) -> None:
        """Raise `InvalidConfiguration`, which lists every violation, unless the configuration belongs to the space."""
        found = violations(self._model, config)
        if found:
            raise InvalidConfiguration(found)

    @cached_property
    def default(self) -> Config | None:
        """The default configuration: written defaults, else medians; None where none is written or it is infeasible."""
        if not has_default(self._model):
            return None
        row = complete(self._model, {})
        if broken(self._model.requirements, row) or illegal(self._model, row):
            return None
        return self._dict(row)

    @cached_property
    def tries(self) -> tuple[Config, ...]:
        """The `try` points, completed: defaults, else medians, else the first feasible row of seed 0."""
        return tuple(self._dict(tried(self._model, self._program, t)) for t in self._model.tries)

    def complete(self, partial: Mapping[str, object]) -> Config:
        """A partial configuration with the rest at defaults or medians; `require` is not applied."""
        return self._dict(completed(self._model, partial))

    # ---- smaller spaces --------------------------------------------------------------------------

    def fix(self, values: Mapping[str, object] | None = None, /, **named: object) -> Space:
        """A space with parameters pinned: they stay in configurations, and are no dimension of the search.

        Names are keys of configurations or paths; dotted ones go into the mapping. A collection takes its list.
        Raises `UsageError` for a name or a value that the space does not have.
        """
        return self._edited({**(values or {}), **named}, {})

    def restrict(self, limits: Mapping[str, object] | None = None, /, **named: object) -> Space:
        """A space with narrower parameters: `(low, high)` for numbers (None: no end), else a list of alternatives.

        A restricted prior is the old one truncated. Raises `UsageError` where nothing would be left.
        """
        return self._edited({}, {**(limits or {}), **named})

    def _edited(self, fixed: Mapping[str, object], limits: Mapping[str, object]) -> Space:
        from hpdsl.semantics.native import plain

        again = sorted(fixed.keys() & self.compilation.edits.fixed.keys())
        if again:
            raise UsageError(f"`{again[0]}` is fixed already")
        return self.compilation.edited(
            {k: plain(v) for k, v in fixed.items()}, {k: plain(v) for k, v in limits.items()}
        ).space

    def explain(self) -> str:
        """What the compiler made of the space: parameters with hulls and guards, requirements, acceptance, size."""
        from hpdsl.explain import explain

        return explain(self)

    def __repr__(self) -> str:
        return f"Space({self.source.name!r}, {counted(len(self.names), 'parameter')})"

    # ---- parts -----------------------------------------------------------------------------------

    def _dict(self, row: Row) -> Config:
        return Configs(self._model, self._column(row))[0]

    def _column(self, row: Row) -> NDArray[np.float64]:
        column = np.full((self._model.n_columns, 1), math.nan)
        for c, x in row.items():
            column[c, 0] = x
        return column

    def _matrix(self, configs: AnyConfigs) -> NDArray[np.float64]:
        if isinstance(configs, Configs):
            if configs._model is not self._model and space_id(configs._model) != self.id:
                raise UsageError("these configurations belong to another space")
            return configs.matrix
        if isinstance(configs, str) or not isinstance(configs, Iterable):
            raise UsageError(f"configurations are a list of mappings of names to values, not {configs!r:.60}")
        dicts = [configs] if isinstance(configs, Mapping) else list(configs)
        matrix = np.full((self._model.n_columns, len(dicts)), math.nan)
        for k, config in enumerate(dicts):
            row, problems = enter(self._model, config)
            if problems:
                raise InvalidConfiguration([f"configuration {k}: {p}" if len(dicts) > 1 else p for p in problems])
            for c, x in row.items():
                matrix[c, k] = x
        return matrix


def _outermost(p: Parameter) -> str:
    """The path of what a parameter is an element of, its own where it is none."""
    if all(isinstance(step, str) for step in p.steps):
        return p.path
    return p.path.partition("[")[0]
