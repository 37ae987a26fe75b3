"""`Study`: what a tuning run has found, while it goes on and after."""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpdsl.diagnostics import counted
from hpdsl.errors import HpdslError, StoreError, UnknownNameError, UsageError
from hpdsl.semantics.model import Objective
from hpdsl.study.trial import COMPLETE, Trial

if TYPE_CHECKING:
    import pandas as pd

    from hpdsl.space import Space
    from hpdsl.study.identity import Identity
    from hpdsl.study.recommendation import Recommendation


class Study:
    """The trials of one run of a backend.

    `ended` says why `tune` returned: "budget" or "exhausted"; it is "" for a study that was opened to be read.
    `remark` is what the backend said when it had nothing left to propose. Where values are noisy `recommendation`
    holds the trial with the best mean of the backend's model; it is None where the best value told can be trusted.
    """

    def __init__(self, identity: Identity, trials: list[Trial], path: Path | None, space: Space | None = None) -> None:
        self._identity = identity
        self.trials = trials
        self.path = path
        self.ended = ""
        self.remark = ""
        self.recommendation: Recommendation | None = None
        if space is not None:
            self.space = space

    @cached_property
    def space(self) -> Space:
        """The space that is searched; compiled from the stored text where the study was opened."""
        from hpdsl.compiler import Compilation
        from hpdsl.source import Source

        try:
            source = Source(self._identity.spec_name, self._identity.spec_text)
            space = Compilation.again(source, self._identity.inputs).space
        except HpdslError as error:
            first = str(error).splitlines()[0]
            raise StoreError(f"{self.path}: its space does not compile: {first}") from error
        if space.study_id != self._identity.study_id:
            raise StoreError(f"{self.path}: its space means something else in this version of hpdsl")
        return space

    @property
    def seed(self) -> int:
        """The seed it was started with."""
        return self._identity.seed

    @property
    def backend(self) -> str:
        """The name of its backend."""
        return self._identity.backend

    @property
    def options(self) -> dict[str, Any]:
        """The options of its backend, defaults included."""
        return dict(self._identity.options)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is optimised; "value", minimised, where the space names nothing."""
        return self._identity.objectives

    @property
    def objective(self) -> Objective:
        """The only objective; raises `UsageError` where there are several."""
        if len(self.objectives) > 1:
            listed = ", ".join(f"`{o.name}`" for o in self.objectives)
            raise UsageError(f"this study has several objectives, {listed}; see its `front`, the best compromises")
        return self.objectives[0]

    @cached_property
    def _bounded(self) -> bool:
        """True where measured outcomes are bounded; most spaces need not be compiled to know."""
        texts = [self._identity.spec_text, *self._identity.inputs.get("files", {}).values()]
        return any("subject" in text for text in texts) and bool(self.space.outcomes)

    @property
    def best_trial(self) -> Trial:
        """The complete trial of the best value that keeps every bound, the first of equals; or the recommended one.

        Raises `UnknownNameError` before there is one, `UsageError` where there are several objectives.
        """
        sign = -1.0 if self.objective.maximize else 1.0
        found = self._successes()
        if self.recommendation is not None:
            return self.trials[self.recommendation.number]
        return min(found, key=lambda t: (sign * (t.value or 0.0), t.number))

    @property
    def front(self) -> list[Trial]:
        """The trials that keep every bound and are not dominated; of one objective all those of the best value.

        One dominates another where no objective is worse and one is better. The best by the first objective comes
        first. Empty before any trial has succeeded.
        """
        import numpy as np

        from hpdsl.backends.ranking import front_order

        found = [t for t in self.trials if self.succeeded(t)]
        values = np.array([self._values(t) for t in found]).reshape(len(found), len(self.objectives))
        return [found[k] for k in front_order(values)]

    def succeeded(self, trial: Trial) -> bool:
        """True of a complete trial that keeps every bound on its outcomes."""
        values = self._values(trial) if trial.state == COMPLETE else (math.nan,)
        return all(map(math.isfinite, values)) and (not self._bounded or self.space.keeps(trial.outcomes))

    def _values(self, trial: Trial) -> tuple[float, ...]:
        """The objectives' values, each to be minimised; NaN where there is none."""
        if len(self.objectives) == 1:
            told = [trial.value]
        else:
            told = [trial.outcomes.get(o.name) for o in self.objectives]
        return tuple(
            math.nan if x is None else -x if o.maximize else x for x, o in zip(told, self.objectives, strict=True)
        )

    def _successes(self) -> list[Trial]:
        """The trials that succeeded; `UnknownNameError` where there are none."""
        found = [t for t in self.trials if self.succeeded(t)]
        if not found:
            raise UnknownNameError(self.nothing())
        return found

    def nothing(self) -> str:
        """Why there is no best trial, in words."""
        complete = sum(t.state == COMPLETE for t in self.trials)
        if complete and self._bounded:
            bounds = " and ".join(o.text for o in self.space.outcomes)
            return f"none of {complete} complete trials keeps {bounds}"
        return f"no trial has succeeded yet, of {len(self.trials)}{self._why()}"

    @property
    def best_config(self) -> dict[str, Any]:
        """The configuration of the best trial; see `best_trial` for when there is none."""
        return dict(self.best_trial.config)

    @property
    def best_value(self) -> float:
        """The value of the best trial, as told; of a recommended one what the model expects there."""
        if self.recommendation is not None:
            return self.recommendation.value
        value = self.best_trial.value
        assert value is not None
        return value

    def to_pandas(self) -> pd.DataFrame:
        """One row for each trial: number, state, value, the configuration by key, further outcomes, duration, reason.

        Of several objectives there is no value; they are the first of the outcomes.
        A key that is also the name of a column of the study's own is prefixed with `config.`.
        """
        from hpdsl.study.table import to_pandas

        return to_pandas(self.trials, tuple(o.name for o in self.objectives))

    def _why(self) -> str:
        reasons = [t.reason for t in self.trials if t.reason]
        return f"; the last one {reasons[-1]}" if reasons else ""

    def __repr__(self) -> str:
        where = "" if self.path is None else f" in {str(self.path)!r}"
        return f"Study({counted(len(self.trials), 'trial')}, {self.backend}, seed {self.seed}{where})"


def open_study(path: str | Path) -> Study:
    """The study in a store, to be read; `tune` with the same arguments continues one."""
    from hpdsl.study.store import Store

    if not isinstance(path, (str, Path)) or not str(path):
        raise UsageError(f"open_study() takes the path of a store, not {path!r}")
    with Store.open(path) as store:
        study = Study(store.identity, store.trials(), store.path)
        study.recommendation = store.recommended(study.trials)
        return study
