"""One call of the objective, with every way to fail turned into a state and a reason."""

from __future__ import annotations

import copy
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from hpdsl.study.outcome import MismatchError, Outcome, read_outcome
from hpdsl.study.trial import COMPLETE, FAILED, Trial, TrialFailure, one_line, tail

if TYPE_CHECKING:
    from hpdsl.space import Space

_HERE = str(Path(__file__).parent)


def evaluate(objective: Callable[[dict[str, Any]], Any], trial: Trial, space: Space) -> Trial:
    """The trial after the objective has been called with its configuration.

    KeyboardInterrupt and `MismatchError` are passed on; anything else that is raised makes the trial a failed one.
    """
    output = ""
    begun = time.perf_counter()
    try:
        # A copy, so that nothing an objective does to it is recorded as what was proposed.
        outcome = read_outcome(objective(_whole(trial.config, space)), space)
    except MismatchError:
        raise
    except TrialFailure as failure:
        outcome, output = _reported(failure, space), failure.output
    except (Exception, SystemExit, GeneratorExit) as error:
        outcome, output = Outcome(reason=reason_of(error)), users_traceback(error)
    return replace(
        trial,
        state=FAILED if outcome.reason else COMPLETE,
        value=outcome.value,
        outcomes=outcome.outcomes,
        ended=time.time(),
        duration=time.perf_counter() - begun,
        reason=outcome.reason,
        output=tail(output),
    )


def _whole(config: dict[str, Any], space: Space) -> dict[str, Any]:
    """A copy of a configuration with the fidelity at its full value."""
    whole = copy.deepcopy(config)
    if space.fidelity is not None:
        whole[space.fidelity.name] = space.fidelity.full
    return whole


def reason_of(error: BaseException) -> str:
    """An exception in one line."""
    try:
        text = str(error)
    except Exception:  # the user's own __str__ may do anything
        text = "(its message can't be shown)"
    name = type(error).__name__
    return one_line(f"raised {name}: {text}" if text else f"raised {name}")


def users_traceback(error: BaseException) -> str:
    """The traceback as text, without the frames of hpdsl that led to the user's code."""
    try:
        return "".join(traceback.format_exception(type(error), error, _trimmed(error.__traceback__)))
    except Exception:  # formatting reads what the user's classes say about themselves
        return reason_of(error)


def _trimmed(trace: TracebackType | None) -> TracebackType | None:
    """A traceback from the first frame that is not of this package."""
    whole = trace
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    return trace if trace is not None else whole


def _reported(failure: TrialFailure, space: Space) -> Outcome:
    """The outcome an objective reported together with its failure."""
    try:
        found = read_outcome(failure.result, space) if failure.result is not None else Outcome()
    except MismatchError:  # what failed need not be complete
        found = Outcome()
    return replace(found, reason=one_line(failure.reason) or "failed")
