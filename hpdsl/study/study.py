"""`Study`: what a tuning run has found, while it goes on and after."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpdsl.errors import HpdslError, StoreError, UnknownNameError, UsageError
from hpdsl.semantics.model import Objective
from hpdsl.study.trial import COMPLETE, Trial

if TYPE_CHECKING:
    import pandas as pd

    from hpdsl.space import Space
    from hpdsl.study.identity import Identity


class Study:
    """The trials of one objective under one backend.

    `ended` says why `tune` returned: "budget" or "exhausted"; it is "" for a study that was opened to be read.
    `remark` is what the backend said when it had nothing left to propose.
    """

    def __init__(self, identity: Identity, trials: list[Trial], path: Path | None, space: Space | None = None) -> None:
        self._identity = identity
        self.trials = trials
        self.path = path
        self.ended = ""
        self.remark = ""
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
    def objective(self) -> Objective:
        """What is optimised; "value", minimised, where the space names nothing."""
        return self._identity.objective

    @property
    def _bounded(self) -> bool:
        """True where measured outcomes are bounded; most spaces need not be compiled to know."""
        texts = [self._identity.spec_text, *self._identity.inputs.get("files", {}).values()]
        return any("subject" in text for text in texts) and bool(self.space.outcomes)

    @property
    def best_trial(self) -> Trial:
        """The complete trial of the best value, the first of equals; `UnknownNameError` before any."""
        complete = [t for t in self.trials if t.state == COMPLETE and t.value is not None]
        if not complete:
            raise UnknownNameError(f"no trial has succeeded yet, of {len(self.trials)}{self._why()}")
        if self._bounded:
            within = [t for t in complete if self.space.keeps(t.outcomes)]
            if not within:
                bounds = " and ".join(o.text for o in self.space.outcomes)
                raise UnknownNameError(f"none of {len(complete)} complete trials keeps {bounds}")
            complete = within
        sign = -1.0 if self.objective.maximize else 1.0
        return min(complete, key=lambda t: (sign * (t.value or 0.0), t.number))

    @property
    def best_config(self) -> dict[str, Any]:
        """The configuration of the best trial."""
        return dict(self.best_trial.config)

    @property
    def best_value(self) -> float:
        """The value of the best trial."""
        value = self.best_trial.value
        assert value is not None
        return value

    def to_pandas(self) -> pd.DataFrame:
        """One row for each trial: number, state, value, the configuration by key, further outcomes, duration, reason.

        A key that is also the name of a column of the study's own is prefixed with `config.`.
        """
        from hpdsl.study.table import to_pandas

        return to_pandas(self.trials, self.objective.name)

    def _why(self) -> str:
        reasons = [t.reason for t in self.trials if t.reason]
        return f"; the last one {reasons[-1]}" if reasons else ""

    def __repr__(self) -> str:
        where = "" if self.path is None else f" in {str(self.path)!r}"
        return f"Study({len(self.trials)} trials, {self.backend}, seed {self.seed}{where})"


def open_study(path: str | Path) -> Study:
    """The study in a store, to be read; `tune` with the same arguments continues one."""
    from hpdsl.study.store import Store

    if not isinstance(path, (str, Path)) or not str(path):
        raise UsageError(f"open_study() takes the path of a store, not {path!r}")
    with Store.open(path) as store:
        return Study(store.identity, store.trials(), store.path)
