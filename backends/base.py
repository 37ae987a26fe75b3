"""`Backend`, the ask/tell protocol, and the bookkeeping that every backend shares.

A backend says in `_propose` what to try next; asking, telling, validating and remembering happen here. What is
proposed is a function of space, seed, options, the sequence of tells and the pending asks, and of nothing else,
so that a study resumed by telling its trials again goes on as if it had never stopped.
"""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, overload

import numpy as np
from numpy.typing import NDArray

from hpdsl.configs import Config
from hpdsl.errors import UnknownNameError, UsageError
from hpdsl.space import Space


@dataclass(frozen=True)
class Observation:
    """One told configuration; `value` is minimised, NaN where the trial failed."""

    config: Config
    value: float

    @property
    def failed(self) -> bool:
        """True where there is no value to learn from."""
        return math.isnan(self.value)


def identity(config: Mapping[str, Any]) -> Hashable:
    """Equal for equal configurations."""
    return tuple(sorted((name, repr(value)) for name, value in config.items()))


class Backend(ABC):
    """A search strategy over one space. Subclasses name their options in `OPTIONS` with the defaults."""

    name: ClassVar[str]
    OPTIONS: ClassVar[dict[str, Any]] = {}

    def __init__(self, space: Space, *, seed: int = 0, **options: Any) -> None:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise UsageError(f"seed must be an integer, not {seed!r}")
        unknown = [o for o in options if o not in self.OPTIONS]
        if unknown:
            known = ", ".join(self.OPTIONS) or "none"
            raise UsageError(f"the backend `{self.name}` has no option `{unknown[0]}`; its options: {known}")
        if len(space.objectives) > 1:
            listed = ", ".join(o.name for o in space.objectives)
            raise UsageError(f"the backend `{self.name}` optimises one objective; this space has {listed}")
        self.space = space
        self.seed = int(seed)
        self.options = {**self.OPTIONS, **options}
        self.told: list[Observation] = []
        self.pending: list[Config] = []
        self._sign = -1.0 if space.objectives and space.objectives[0].maximize else 1.0
        self._best: Observation | None = None
        self._seen: set[Hashable] = set()

    # ---- the protocol ----------------------------------------------------------------------------

    @overload
    def ask(self, n: None = None) -> Config: ...

    @overload
    def ask(self, n: int) -> list[Config]: ...

    def ask(self, n: int | None = None) -> Config | list[Config]:
        """The next configuration to evaluate, or a list of n different ones.

        Raises `SpaceExhausted` where a finite space has nothing new left.
        """
        if n is None:
            return self._ask_one()
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise UsageError(f"ask() takes a positive integer, not {n!r}")
        return [self._ask_one() for _ in range(n)]

    def _ask_one(self) -> Config:
        config = self._next_try() or self._propose(self.index)
        self.pending.append(config)
        self._seen.add(identity(config))
        return dict(config)

    def tell(self, config: Mapping[str, Any], value: float | Mapping[str, Any] | None) -> None:
        """Report the outcome of a configuration, asked for or not.

        A number, or outcomes by name; None, NaN and infinities mean that the trial failed. Raises
        `InvalidConfiguration`, and stores nothing, where the configuration does not belong to the space.
        """
        number = self._number(value)
        self.space.validate(config)
        observation = Observation(dict(config), number)
        key = identity(config)
        for k, waiting in enumerate(self.pending):
            if identity(waiting) == key:
                del self.pending[k]
                break
        self.told.append(observation)
        self._seen.add(key)
        if not observation.failed and (self._best is None or number < self._best.value):
            self._best = observation
        self._observe(observation)

    @property
    def best(self) -> tuple[Config, float] | None:
        """The best configuration and its value as told, None before the first success."""
        if self._best is None:
            return None
        return dict(self._best.config), self._sign * self._best.value

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

    def seen(self) -> set[Hashable]:
        """The identities of everything told or pending."""
        return self._seen

    def generator(self, purpose: int, index: int) -> np.random.Generator:
        """Random numbers for one purpose of one proposal, whatever was drawn before."""
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([self.seed % 2**64, purpose, index])))

    def uniforms(self, purpose: int, index: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Uniforms of a purpose and proposal."""
        return self.generator(purpose, index).random(shape)

    # ---- parts -----------------------------------------------------------------------------------

    def _next_try(self) -> Config | None:
        """The first `try` configuration that has not been told or asked for."""
        if not self.space.tries:
            return None
        seen = self.seen()
        return next((dict(t) for t in self.space.tries if identity(t) not in seen), None)

    def _number(self, value: float | Mapping[str, Any] | None) -> float:
        """The value to minimise, NaN where failed; raises `UsageError` for what is neither."""
        if isinstance(value, Mapping):
            value = self._outcome(value)
        if value is None:
            return math.nan
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value.item()
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            raise UsageError(f"tell() takes a number, outcomes by name, or None; not {value!r}")
        number = float(value)
        return self._sign * number if math.isfinite(number) else math.nan

    def _outcome(self, outcomes: Mapping[str, Any]) -> Any:
        objectives = self.space.objectives
        if objectives:
            name = objectives[0].name
            if name not in outcomes:
                came = ", ".join(map(str, outcomes)) or "nothing"
                raise UnknownNameError(f"the outcomes lack the objective `{name}`; they are {came}")
            return outcomes[name]
        if len(outcomes) != 1:
            raise UsageError("several outcomes, but the space names no objective; add `minimize name` to it")
        return next(iter(outcomes.values()))
