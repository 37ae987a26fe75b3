"""`tune`: propose, evaluate, record, until the budget is spent or nothing new is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpdsl.errors import InvalidConfiguration, SpaceExhausted, StoreError, UnknownNameError, UsageError
from hpdsl.study.evaluate import evaluate
from hpdsl.study.faults import damaged
from hpdsl.study.identity import Identity
from hpdsl.study.outcome import objectives_of
from hpdsl.study.recommendation import recommend
from hpdsl.study.study import Study
from hpdsl.study.trial import COMPLETE, RUNNING, Trial

if TYPE_CHECKING:
    from hpdsl.space import Space
    from hpdsl.study.store import Store

ObjectiveFunction = Callable[[dict[str, Any]], Any]


def tune(
    objective: ObjectiveFunction,
    space: Space | str | Path,
    backend: str = "auto",
    trials: int = 100,
    seed: int = 0,
    store: str | Path | None = None,
    on_trial: Callable[[Study, Trial], None] | None = None,
    **options: Any,
) -> Study:
    """Evaluate an objective on what a backend proposes, and return the study.

    `space` may also be the path of a .hp file, or the text of a spec. `trials` is the total: with a `store`, a
    repeated call continues where the last one ended, and a trial that was interrupted is run again with the same
    values. Several objectives, and outcomes that `subject to` bounds, are returned by name. A trial that raises,
    exits or returns no finite number is recorded as failed, and the study goes on; outcomes by other names than the
    space's end it (`UnknownNameError`), since no trial could succeed. `options` are the backend's own.
    KeyboardInterrupt is passed on once the interrupted trial is waiting again.
    """
    from hpdsl.registry import create
    from hpdsl.study.store import Store

    _check_arguments(objective, backend, trials, store, on_trial)
    space = _compiled(space)
    searcher = create(backend, space, seed=seed, **options)
    identity = Identity(
        space_id=space.id,
        study_id=space.study_id,
        seed=int(seed),
        backend=backend,
        options=dict(getattr(searcher, "options", options)),
        objectives=objectives_of(space),
        spec_name=space.source.name,
        spec_text=space.source.text,
        inputs=space.compilation.inputs(),
    )
    with Store.create_or_open(None if store is None else Path(store), identity) as journal:
        study = Study(journal.identity, journal.trials(), journal.path, space)
        _replay(searcher, study)
        try:
            study.ended = _run(objective, searcher, study, journal, int(trials), on_trial)
        except KeyboardInterrupt:
            _recommend(searcher, study, journal)
            raise
        _recommend(searcher, study, journal)
    return study


def _recommend(searcher: Any, study: Study, journal: Store) -> None:
    """Keep which trial the backend holds for the best, where that is not the one with the best value told."""
    study.recommendation = recommend(searcher, study.trials)
    journal.recommend(study.recommendation)


def _replay(searcher: Any, study: Study) -> None:
    """Tell a fresh backend what is known, so that it goes on as if it had never stopped."""
    for trial in study.trials:
        if trial.finished:
            try:
                searcher.tell(trial.config, _told(trial, study.space))
            except (InvalidConfiguration, UnknownNameError, UsageError) as error:
                raise damaged(study.path, f"trial {trial.number} is not of its space ({error})") from None


def _run(
    objective: ObjectiveFunction,
    searcher: Any,
    study: Study,
    journal: Store,
    budget: int,
    on_trial: Callable[[Study, Trial], None] | None,
) -> str:
    """Run trials until the budget is spent or the space exhausted; returns which of the two."""
    while sum(t.finished for t in study.trials) < budget:
        trial = next((t for t in study.trials if not t.finished), None)
        if trial is None:
            try:
                config = searcher.ask()
            except SpaceExhausted as error:
                study.remark = str(error)
                return "exhausted"
            # Nothing that could not be read again may enter the store.
            study.space.validate(config)
            if study.space.fidelity is not None:
                config.pop(study.space.fidelity.name, None)  # every trial has it in full
            trial = Trial(len(study.trials), RUNNING, config)
        trial = replace(trial, state=RUNNING, started=time.time())
        try:
            journal.start(trial)
            trial = evaluate(objective, trial, study.space)
            journal.finish(trial)
        except StoreError:
            raise  # the trial may be another process's by now
        except BaseException:
            # Interrupted: the same values are tried again. A trial that has been finished stays so.
            journal.requeue(trial.number)
            raise
        study.trials[trial.number : trial.number + 1] = [trial]
        searcher.tell(trial.config, _told(trial, study.space))
        if on_trial is not None:
            on_trial(study, trial)
    return "budget"


def _told(trial: Trial, space: Space) -> float | dict[str, float] | None:
    """What a backend learns: None of a trial that failed, one number where no other outcome is of interest."""
    if trial.state != COMPLETE:
        return None
    return dict(trial.outcomes) if len(space.objectives) > 1 or space.outcomes else trial.value


def _compiled(space: Space | str | Path) -> Space:
    from hpdsl.compiler import load, loads
    from hpdsl.space import Space

    if isinstance(space, Space):
        return space
    if isinstance(space, Path):
        return load(space)
    if isinstance(space, str):
        # No spec begins with a tilde, but paths of home folders do.
        text = "\n" in space or "~" in space.lstrip()[1:]
        return loads(space) if text else load(Path(space).expanduser())
    raise UsageError(f"space must be a Space, the path of a .hp file or the text of a spec, not {space!r}")


def _check_arguments(objective: object, backend: object, trials: object, store: object, on_trial: object) -> None:
    import numpy as np

    if not callable(objective):
        raise UsageError(f"objective must be a function of one configuration, not {objective!r}")
    if not isinstance(backend, str):
        raise UsageError(f"backend must be the name of a backend, such as 'auto', not {backend!r}")
    if isinstance(trials, bool) or not isinstance(trials, (int, np.integer)) or trials < 1:
        raise UsageError(f"trials must be a positive integer, the total number of trials, not {trials!r}")
    if store is not None and (not isinstance(store, (str, Path)) or "://" in str(store) or not str(store).strip()):
        raise UsageError(f"store must be the path of a file, such as 'study.db', not {store!r}")
    if on_trial is not None and not callable(on_trial):
        raise UsageError(f"on_trial must be a function of the study and the trial, not {on_trial!r}")
