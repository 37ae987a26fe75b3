"""What an objective may return, and what a study makes of it."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from hpdsl.diagnostics import suggest
from hpdsl.errors import UnknownNameError
from hpdsl.semantics.model import Objective
from hpdsl.study.trial import one_line

if TYPE_CHECKING:
    from hpdsl.space import Space


@dataclass(frozen=True)
class Outcome:
    """A value, None where there are several objectives, and every named outcome.

    `reason` says why the trial failed, "" where it did not.
    """

    value: float | None = None
    outcomes: dict[str, float] = field(default_factory=dict)
    reason: str = ""


class MismatchError(UnknownNameError):
    """An objective returned other outcomes than the space names: no trial could succeed, so that the run ends."""


def objectives_of(space: Space) -> tuple[Objective, ...]:
    """The objectives of a space, "value" to be minimised where it names none."""
    return space.objectives or (Objective("value", maximize=False),)


def read_outcome(result: Any, space: Space) -> Outcome:
    """The outcome in what an objective returned: a number, or numbers by name.

    Numbers are Python's, numpy's and whatever else is real and scalar. NaN and infinities are kept, and are failures;
    truth is refused, since whoever returns it has compared something by mistake. Of a dict, further entries that are
    no numbers are left out. Raises `MismatchError` where outcomes came, but not those that the space names; an empty
    dict is a failure.
    """
    named = bool(space.objectives)
    names = [o.name for o in objectives_of(space)]
    if not isinstance(result, Mapping):
        value, reason = _judge(result, "")
        if not reason and (len(names) > 1 or space.outcomes):
            raise MismatchError(f"the objective returned a single number; {_wanted(space)}")
        kept = value if len(names) == 1 else None
        return Outcome(kept, {names[0]: kept} if named and kept is not None else {}, reason)
    outcomes = {str(k): number for k, v in result.items() if (number := real(v)) is not None}
    needed = [*(names if named else []), *(o.name for o in space.outcomes)]
    missing = next((n for n in needed if n not in result), None)
    if result and (missing is not None or (not named and len(result) > 1)):
        raise MismatchError(_mismatch(space, missing, [str(k) for k in result]))
    if not result:
        what = f"returned no `{missing}`, but nothing" if missing else "returned nothing, no outcome to optimise"
        return Outcome(None, {}, one_line(what))
    if named:
        judged = [_judge(result[n], f"{n} = ") for n in needed]
        reason = next((why for _, why in judged[: len(names)] if why), "")
        # A bound on what is NaN or infinite can still be judged, or is not known to be kept.
        reason = reason or next((why for number, why in judged[len(names) :] if number is None), "")
        return Outcome(judged[0][0] if len(names) == 1 else None, outcomes, reason)
    ((key, only),) = result.items()
    value, reason = _judge(only, f"{key} = ")
    return Outcome(value, outcomes, one_line(reason))


def _mismatch(space: Space, missing: str | None, came: list[str]) -> str:
    """What to say of outcomes without one that is needed, or of several without a goal."""
    listed = one_line(", ".join(came))
    if missing is None:
        return f"the objective returned {listed}, but the space does not say which to optimise; {_wanted(space)}"
    near = suggest(missing, came)
    hint = f" (did you mean `{missing}` by `{one_line(near)}`?)" if near else ""
    return f"the objective returned {listed}, but no `{missing}`{hint}; {_wanted(space)}"


def _wanted(space: Space) -> str:
    """What to return, in words."""
    if not space.objectives:
        return "add `minimize NAME` or `maximize NAME` to the space"
    parts = [f"{'maximize' if o.maximize else 'minimize'} {o.name}" for o in space.objectives]
    parts += [f"subject to {b.text}" for b in space.outcomes]
    names = dict.fromkeys([*(o.name for o in space.objectives), *(b.name for b in space.outcomes)])
    shape = ", ".join(f'"{name}": …' for name in names)
    says = f"the space says {', '.join(parts)}"
    return f"{says}: return {{{shape}}} (a command prints it as JSON), or None for a trial that failed"


def real(value: Any) -> float | None:
    """A real scalar as a float, None for anything else; too large integers are infinite."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).all():  # it holds a number all the same
        return math.nan
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # 0-d arrays, numpy scalars, tensors
        value = value.item()
    if not isinstance(value, (numbers.Real, Decimal)):  # complex numbers are not among them
        return None
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, _sign(value))
    except (ValueError, TypeError, ArithmeticError):  # a signalling NaN; a class that promised too much
        return math.nan


def _sign(value: Any) -> int:
    return 1 if value > 0 else -1


def _judge(value: Any, label: str) -> tuple[float | None, str]:
    number = None if isinstance(value, (bool, np.bool_)) else real(value)
    if number is None:
        shown = "None" if value is None else f"{_shown(value)}, a {type(value).__name__}, not a number"
        return None, one_line(f"returned {label}{shown}")
    if math.isnan(number):
        return number, f"returned {label}NaN"
    if math.isinf(number):
        return number, f"returned {label}{'-' if number < 0 else ''}infinity"
    return number, ""


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # the user's own __repr__ may do anything
        text = "something"
    return text if len(text) <= 60 else text[:57] + "…"
