"""`Backend`, the ask/tell protocol, and the bookkeeping that every backend shares.

A backend says in `_propose` what to try next; asking, telling, validating and remembering happen here. What is
proposed is a function of space, seed, options, the sequence of tells and the pending asks, and of nothing else,
so that a study resumed by telling its trials again goes on as if it had never stopped.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, overload

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.outcomes import Goals
from hpdsl.backends.outcomes import Observation as Observation
from hpdsl.backends.outcomes import number_of as number_of
from hpdsl.backends.prior import blocks
from hpdsl.backends.ranking import front_order
from hpdsl.configs import Config, Configs
from hpdsl.errors import InvalidConfiguration, SamplingError, SpaceExhausted, UsageError
from hpdsl.semantics.entry import checked
from hpdsl.semantics.model import Derived
from hpdsl.space import Space

if TYPE_CHECKING:
    from hpdsl.backends.bayes.inside import Surrogate

# Rows that replace repeats start here, far from any row that is proposed as it is: so many draws of so many rows
# for each proposal.
REPLACEMENTS = 2**48
DRAWS, ROWS = 64, 256
# Rows are drawn anew where one finds nothing feasible in its 100,000 attempts: at an acceptance of 1e-4 one row in
# 22,000 does, at 2e-5 one in 7.
UNLUCKY = 4
# A finite space up to this size is walked in order once draws bring nothing new.
LISTED = 100_000


def identity(config: Mapping[str, Any]) -> Hashable:
    """Equal for equal configurations, as `ask` and `Space` deliver them."""
    return tuple(sorted((name, repr(value)) for name, value in config.items()))


class Backend(ABC):
    """A search strategy over one space. Subclasses name their options in `OPTIONS` with the defaults."""

    name: ClassVar[str]
    OPTIONS: ClassVar[dict[str, Any]] = {}

    def __init__(self, space: Space, *, seed: int = 0, **options: Any) -> None:
        if not isinstance(space, Space):
            raise UsageError(f"a backend needs a space, as hpdsl.load or hpdsl.loads returns it; not {space!r:.60}")
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise UsageError(f"seed must be an integer, not {seed!r}")
        unknown = [o for o in options if o not in self.OPTIONS]
        if unknown:
            known = ", ".join(self.OPTIONS) or "none"
            raise UsageError(f"the backend `{self.name}` has no option `{unknown[0]}`; its options: {known}")
        self.space = space
        self.seed = int(seed)
        self.options = {**self.OPTIONS, **options}
        self.told: list[Observation] = []
        self.pending: list[Config] = []
        self._derived = {s.key for s in space.compilation.model.symbols if isinstance(s, Derived)}
        self.goals = Goals(space)
        self._best: Observation | None = None
        self._seen: set[Hashable] = set()

    # ---- the protocol ----------------------------------------------------------------------------

    @overload
    def ask(self, n: None = None) -> Config: ...

    @overload
    def ask(self, n: int) -> list[Config]: ...

    def ask(self, n: int | None = None) -> Config | list[Config]:
        """The next configuration to evaluate, or a list of n different ones; with the fidelity, if any, in full.

        Raises `SpaceExhausted` where a finite space has nothing new left; a list ends early before that.
        """
        if n is None:
            return self._ask_one()
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise UsageError(f"ask() takes a positive integer, not {n!r}")
        batch: list[Config] = []
        for _ in range(n):
            try:
                batch.append(self._ask_one())
            except SpaceExhausted:
                if not batch:
                    raise
                break
        return batch

    def _ask_one(self) -> Config:
        config = self._next_try() or self._propose(self.index)
        self.pending.append(config)
        self._seen.add(self.key(config))
        asked = copy.deepcopy(config)
        if self.space.fidelity is not None:
            asked[self.space.fidelity.name] = self.space.fidelity.full
        return asked

    def tell(self, config: Mapping[str, Any], value: float | Mapping[str, Any] | None) -> None:
        """Report the outcome of a configuration, asked for or not.

        A number, or outcomes by name: every objective and every outcome that `subject to` bounds; further ones are
        ignored. None, and an objective that is NaN or infinite, mean that the trial failed; a bound on an outcome
        that is NaN or None is not known to be kept. Raises and stores nothing where the configuration does not
        belong to the space (`InvalidConfiguration`), an outcome is missing (`UnknownNameError`) or is no number
        (`UsageError`).
        """
        if not isinstance(config, Mapping):
            raise UsageError(f"tell() takes a configuration, a mapping of names to values; not {config!r}")
        read = self.goals.observation({}, value)
        entered = self._entered(config)
        observation = replace(read, config=entered[0], columns=entered.matrix[:, 0])
        key = self.key(observation.config)
        for k, waiting in enumerate(self.pending):
            if self.key(waiting) == key:
                del self.pending[k]
                break
        self.told.append(observation)
        self._seen.add(key)
        if observation.feasible and (self._best is None or observation.value < self._best.value):
            self._best = observation
        self._observe(observation)

    @property
    def best(self) -> tuple[Config, float] | None:
        """The best configuration that keeps every bound, and its value as told; None before there is one.

        Raises `UsageError` where the space has several objectives: then there is a `front`.
        """
        if len(self.goals.objectives) > 1:
            listed = ", ".join(f"`{o.name}`" for o in self.goals.objectives)
            raise UsageError(f"no single configuration is best by {listed}; see `front`, the best compromises")
        if self._best is None:
            return None
        return copy.deepcopy(self._best.config), self.goals.signs[0] * self._best.value

    @property
    def smoothed(self) -> bool:
        """True where `best` gives the mean of a model, since told values are too noisy to go by."""
        return False

    @property
    def front(self) -> list[tuple[Config, dict[str, float]]]:
        """The told configurations that keep every bound and are not dominated, with their outcomes as told.

        One dominates another where no objective is worse and one is better; of equals all are listed. The best by
        the first objective comes first.
        """
        feasible = [o for o in self.told if o.feasible]
        order = front_order(np.array([o.values for o in feasible]).reshape(len(feasible), len(self.goals.objectives)))
        return [(copy.deepcopy(feasible[k].config), dict(feasible[k].outcomes)) for k in order]

    # ---- looking inside: for backends that have a model ------------------------------------------

    @property
    def surrogate(self) -> Surrogate:
        """The model given every told trial, of the first objective; `UsageError` where a backend has none."""
        return self.surrogate_of()

    def surrogate_of(self, objective: str | None = None) -> Surrogate:
        """The model of an objective, the first unless named; `UsageError` where a backend has none."""
        raise self._without("no surrogate")

    def acquisition(self, configs: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
        """How promising the model holds configurations; `UsageError` where a backend has none."""
        raise self._without("no acquisition function")

    def explain(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Why a configuration was asked; `UsageError` where a backend does not keep it."""
        raise self._without("no reasons")

    def _without(self, what: str) -> UsageError:
        return UsageError(
            f"the backend `{self.name}` has {what}; `bayes` and `auto` do: tell the same trials to "
            'hpdsl.backend("bayes", space), which takes configurations it never asked for'
        )

    # ---- for subclasses --------------------------------------------------------------------------

    @property
    def index(self) -> int:
        """The number of the next proposal: all that randomness may depend on, besides the seed."""
        return len(self.told) + len(self.pending)

    @abstractmethod
    def _propose(self, index: int) -> Config:
        """The next configuration; `index` counts all before it."""

    def _observe(self, observation: Observation) -> None:  # noqa: B027 - a hook, empty on purpose
        """Take note of an outcome; `told` holds it already."""

    def key(self, config: Mapping[str, Any]) -> Hashable:
        """Equal for equal configurations of this space; derived values, which follow, do not count."""
        return identity({name: value for name, value in config.items() if name not in self._derived})

    def is_new(self, config: Mapping[str, Any]) -> bool:
        """Whether a configuration, as the space delivers it, is neither told nor pending."""
        return self.key(config) not in self._seen

    def first_new(self, configs: Sequence[Config], positions: Iterable[int]) -> int | None:
        """The first of the positions at which a sequence holds a new configuration."""
        return next((k for k in positions if self.is_new(configs[k])), None)

    def fresh(self, index: int) -> Config:
        """A new configuration from the prior, to replace a repeat at proposal `index`.

        Raises `SpaceExhausted` where nothing new is left, `SamplingError` where `UNLUCKY` rows find nothing feasible.
        """
        failed = 0
        for draw in range(DRAWS):
            start = REPLACEMENTS + (index * DRAWS + draw) * ROWS
            try:
                for configs in blocks(self.space, ROWS, seed=self.seed, start=start):
                    k = self.first_new(configs, range(len(configs)))
                    if k is not None:
                        return configs[k]
            except SamplingError:
                # Another row may be luckier where requirements are hard to meet.
                failed += 1
                if failed == UNLUCKY:
                    raise
            # Counting a large space takes long, but such a space seldom comes to this.
            if len(self._seen) >= self.space.size:
                n = self.space.size
                every = (
                    "the only configuration of this space has"
                    if n == 1
                    else f"all {n} configurations of this space have"
                )
                raise SpaceExhausted(f"{every} been proposed")
            if self.space.size <= LISTED:
                listed = self.space.grid(levels=LISTED)
                k = self.first_new(listed, range(listed.size))
                if k is not None:
                    return listed[k]
        raise SpaceExhausted(f"{DRAWS * ROWS} draws brought no configuration that has not been proposed")

    def generator(self, purpose: int, index: int) -> np.random.Generator:
        """Random numbers for one purpose of one proposal, whatever was drawn before."""
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([self.seed % 2**64, purpose, index])))

    def uniforms(self, purpose: int, index: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Uniforms of a purpose and proposal."""
        return self.generator(purpose, index).random(shape)

    # ---- parts -----------------------------------------------------------------------------------

    def _next_try(self) -> Config | None:
        """The first `try` configuration that has not been told or asked for."""
        return next((dict(t) for t in self.space.tries if self.is_new(t)), None)

    def _delivered(self, config: Mapping[str, Any]) -> Config:
        """A valid configuration as the space itself delivers it: Python's own types, derived values included."""
        return self._entered(config)[0]

    def _entered(self, config: Mapping[str, Any]) -> Configs:
        """A configuration as columns; raises `InvalidConfiguration` with every violation where it does not belong."""
        model = self.space.compilation.model
        columns, problems = checked(model, config)
        if problems:
            raise InvalidConfiguration(problems)
        matrix = np.full((model.n_columns, 1), math.nan)
        matrix[list(columns), 0] = list(columns.values())
        return Configs(model, matrix)
